"""What the lab knows of a job before it runs it, and what travels to the workers as a task's arguments.

A job's `body` has three functions: `cut(size, grain, data)` gives the arguments of each task, the task itself does the
work, and `combine(results)` puts the results, in the order of the tasks, together into bytes: by those two runs are
compared. `prepare(size)` makes the data that the tasks work on, if there is any. All of it is the standard library,
because it must run in any interpreter; `vectorised` has the same task with NumPy.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

BODIES: Final = "explorer.labs.parallelism.bodies"


@dataclass(frozen=True, slots=True)
class Piece:
    """In the arguments of a task: this stretch of the job's data, in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job. `size` and `grain` are its defaults, with the bounds and the units that a person reads.

    `task` is the name of the function that does one task, `one` what a person calls a task ("tile"). `vectorised` says
    that NumPy can do it, `own_threads` that it uses threads of its own for it, and then gets the job in one piece, as
    it cuts better by itself; else `no_numpy` says why it cannot.
    """

    id: str
    title: str
    summary: str
    order: int
    task: str
    one: str
    size: int
    size_bounds: tuple[int, int]
    size_unit: str
    grain: int
    grain_unit: str
    vectorised: bool = False
    own_threads: bool = False
    no_numpy: str = ""
    has_data: bool = False

    @property
    def module(self) -> str:
        """The import string of its body."""
        return f"{BODIES}.{self.id}.body"

    @property
    def numpy_module(self) -> str:
        """The import string of its body with NumPy."""
        return f"{BODIES}.{self.id}.vectorised"

    def body(self) -> Any:
        """Its body."""
        return importlib.import_module(self.module)


def jobs() -> Sequence[Job]:
    """All jobs, in their order: what lies in the folder `bodies`."""
    package = importlib.import_module(BODIES)
    found = [_feature(f"{BODIES}.{each.name}.feature").job for each in pkgutil.iter_modules(package.__path__)]
    return sorted(found, key=lambda job: int(job.order))


def job_of(name: str) -> Job:
    """The job of this name. Raises KeyError."""
    return {job.id: job for job in jobs()}[name]


def _feature(name: str) -> Any:
    module: ModuleType = importlib.import_module(name)
    return module


Fetch = Callable[[Piece], Any]
"""Makes of a piece what travels: the bytes themselves, or where they lie."""


def filled(arguments: Sequence[Any], fetch: Fetch) -> tuple[Any, ...]:
    """A task's arguments with its pieces as they travel."""
    return tuple(fetch(each) if isinstance(each, Piece) else each for each in arguments)
