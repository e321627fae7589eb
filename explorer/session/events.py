"""What a session tells whoever owns it: frozen events, free of Qt, emitted on the session's own event loop.

The window turns them into signals (`desktop/bridge.py`), the command line into lines on stderr. Figures and spans do
not come this way: they flow in batches.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A step of starting is done; `seconds` is how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Serving:
    """The server of epoch `epoch` answers at `url`; `pids` are the server and its workers."""

    url: str
    pids: tuple[int, ...]
    epoch: int


@dataclass(frozen=True, slots=True)
class Loading:
    """The load process has begun to send."""

    pid: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A live change has arrived in all processes `pids`."""

    knob: str
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Restarting:
    """The server is being restarted because of `reason`; the load goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Died:
    """A process ended that nobody asked to end. `fatal`: the run cannot go on and is being stopped."""

    role: str
    pid: int
    sentence: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """Something did not work that the run can do without; one sentence. `where` names a knob as `section.key`, or is
    empty. `details` as in `OptionError`.
    """

    sentence: str
    where: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The run could not start or had to end; one sentence that says what to do. Nothing is left running.

    `details` as in `OptionError`.
    """

    sentence: str
    where: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class LoadEnded:
    """The load has sent all it had to send (a burst, or its duration is over)."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """All processes of the run have ended and all their records are in."""


Event = Step | Serving | Loading | Applied | Restarting | Died | Warned | Failed | LoadEnded | Stopped
