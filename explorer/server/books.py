"""Numbers that the requests of a process keep together, for workloads that must say afterwards what became of them.

Each is drawn over time. They may be changed from any thread: the locks in here are the books' own, and since they are
not made by a workload they are never among the locks that a run shows.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

MakeCounter = Callable[[str, str], Any]
"""`app.state.make_counter`: a number's name and its unit → an object with `set(value)`."""


class Books:
    """Numbers by their names, all 0 at first."""

    def __init__(self, make_counter: MakeCounter, units: Mapping[str, str]) -> None:
        """`units` gives the unit of each number by its name."""
        self._make_counter = make_counter
        self._lock = threading.Lock()
        self._values: dict[str, float] = {}
        self._shown: dict[str, Any] = {}
        for name, unit in units.items():
            self.begin(name, unit)

    def begin(self, name: str, unit: str) -> None:
        """Keep this number as well from now on, if it is not kept already."""
        with self._lock:
            if name not in self._shown:
                self._shown[name] = self._make_counter(name, unit)
                self._write(name, 0)

    def beginning_with(self, prefix: str) -> dict[str, float]:
        """The numbers whose names begin so, by what follows in them."""
        with self._lock:
            return {name.removeprefix(prefix): value for name, value in self._values.items() if name.startswith(prefix)}

    def add(self, name: str, amount: float = 1) -> None:
        """It is more by `amount`."""
        with self._lock:
            self._write(name, self._values[name] + amount)

    def write(self, name: str, value: float) -> None:
        """It is `value` from now on."""
        with self._lock:
            self._write(name, value)

    def _write(self, name: str, value: float) -> None:
        self._values[name] = value
        self._shown[name].set(value)

    def __getitem__(self, name: str) -> float:
        return self._values[name]


class RaisedNumber:
    """A number that everybody should write one higher than it is: what it is, and what went missing.

    Who read it before others wrote it takes their additions back; these are lost. So, at every moment,
    value + lost = how often it was written.
    """

    def __init__(self, make_counter: MakeCounter, name: str, unit: str) -> None:
        """`name` is what the number itself is called; `unit` is what is added to it."""
        self._lock = threading.Lock()
        self._shown = make_counter(name, unit)
        self._made = make_counter(f"{unit} made", unit)
        self._missing = make_counter(f"{unit} lost", unit)
        self.begin()

    def begin(self) -> None:
        """It is 0, and nobody has written it yet."""
        self.value = self.written = 0
        for counter in (self._shown, self._made, self._missing):
            counter.set(0)

    @property
    def lost(self) -> int:
        """How many additions are not in it."""
        return self.written - self.value

    def write(self, value: int) -> None:
        """It is `value` from now on. The lock keeps the books in step with the number, not its writers apart."""
        with self._lock:
            before = self.lost
            self.value = value
            self.written += 1
            self._shown.set(value)
            self._made.set(self.written)
            if self.lost != before:
                self._missing.set(self.lost)


class Seats:
    """Numbers from 0 on, each lent to one request at a time, so that requests have a part to play each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()

    def take(self) -> int:
        """The lowest number that nobody has."""
        with self._lock:
            seat = next(number for number in range(len(self._taken) + 1) if number not in self._taken)
            self._taken.add(seat)
            return seat

    def leave(self, seat: int) -> None:
        """Somebody else may have it."""
        with self._lock:
            self._taken.discard(seat)


class Turns:
    """Counts the requests of a process, from 0 on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0

    def take(self) -> int:
        """Which one this is."""
        with self._lock:
            turn = self._next
            self._next += 1
            return turn
