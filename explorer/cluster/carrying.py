"""How work travels: as a pickle that calls its function when it is loaded.

The scheduler unpickles what clients hand in, and it has none of our files. So the function of a task is `pickle.loads`,
which every Python has, and its argument is bytes to the scheduler: only a worker, which has the files, looks inside.
"""

import pickle
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from explorer.cluster.connection import AsyncClient
from explorer.probe.naming import callable_name


class Call:
    """A call of an importable function; loading its pickle makes it and gives the result."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._call = function, args

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


def hand_in(
    client: AsyncClient, function: Callable[..., Any], *args: Any, name: str = "", workers: Sequence[str] = ()
) -> Any:
    """Hand `function(*args)` in as a task, for these `workers` only if any are named. Returns Dask's future.

    Function and arguments must be importable on the workers (`explorer.cluster.boarding`). `name` is what the scheduler
    calls tasks of that kind; it learns from their name how long they take.
    """
    only = {"workers": list(workers), "allow_other_workers": False} if workers else {}
    data = pickle.dumps(Call(function, args))
    key = f"{name or callable_name(function)}-{uuid.uuid4()}"
    return client.submit(pickle.loads, data, key=key, pure=False, **only)
