"""A recorded run that can be read as often as a format needs."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from explorer.collect.source import Batch
from explorer.recording.sources import open_source


class RecordedSource(Protocol):
    """What is read: a recording, or another program's trace."""

    @property
    def finished(self) -> bool:
        """Whether all was given."""
        ...

    @property
    def run(self) -> Mapping[str, Any]:
        """What `run.json` says; empty for a trace made elsewhere."""
        ...

    @property
    def progress(self) -> float:
        """Share that was given, 0 to 1."""
        ...

    def poll(self) -> Batch:
        """The next stretch."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class Recorded:
    """A run in a file or in a run folder, also while it is being recorded. `name` is what the file is called.

    `opened` opens it anew. It and `batches` raise `OptionError` if it cannot be read.
    """

    def __init__(self, opened: Callable[[], RecordedSource], name: str) -> None:
        self._opened = opened
        self.name = name

    @classmethod
    def at(cls, path: Path, name: str = "") -> "Recorded":
        """The run in a .cxrec file or a run folder, or the trace that another program made."""
        return cls(lambda: open_source(path), name or path.name)

    @property
    def run(self) -> Mapping[str, Any]:
        """What `run.json` says."""
        source = self._opened()
        try:
            return source.run
        finally:
            source.close()

    def batches(self, told: Callable[[float], None] = lambda share: None) -> Iterator[Batch]:
        """The whole run from its beginning; `told` is told the share that was read, 0 to 1, before each batch."""
        source = self._opened()
        try:
            while not source.finished:
                told(source.progress)
                yield source.poll()
            told(1.0)
        finally:
            source.close()
