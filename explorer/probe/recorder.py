"""What a probe of calls needs of whoever writes its records: a process's `Tracer`, or a `Guest` of one."""

from typing import Protocol

from explorer.ring.writer import Ring


class Recorder(Protocol):
    """Numbers for names, and the ring of the calling thread."""

    token: str
    """The run's; requests that carry it are believed to be numbered by the run."""

    def name(self, text: str) -> int:
        """The number of a name; 0 for none."""
        ...

    def thread_ring(self) -> Ring:
        """The ring of the calling thread."""
        ...

    def working_for(self) -> int:
        """The request whose job the calling thread runs; 0 for none."""
        ...

    def current_track(self) -> int:
        """The track to which the calling thread writes."""
        ...
