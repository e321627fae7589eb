"""A TOML file of the lab taken apart: tables, keys and rows with their places, and the line of a place."""

import tomllib
from bisect import bisect_left
from typing import Any, Final

from explorer.labs.isolation.check import Place, Wrong
from explorer.labs.isolation.schedule import Row, Rows, Value
from explorer.options import suggest

_NULL: Final = {"null": True}
_INTEGER: Final = 2**63
MOST_TRIED: Final = 300
"""So many lines are tried as the end of one statement: each try reads them all again."""


def line_of(text: str, place: Place) -> int:
    """The line (from 1) at which the part at `place` of a valid TOML text begins; that of what it is in if it is not
    there, and 1 for the whole.

    It is where, read from the top, the text first holds the part: there is no second reader of TOML that could disagree
    with the first.
    """
    data = tomllib.loads(text)
    while place and not _holds(data, place):
        place = place[:-1]
    if not place:
        return 1
    lines = text.split("\n")
    ends = _ends(lines)
    at = bisect_left(ends, True, key=lambda end: _holds(tomllib.loads("\n".join(lines[:end])), place))
    return 1 + (ends[at - 1] if at else 0)


def _ends(lines: list[str]) -> list[int]:
    """After how many lines each statement ends; what is longer than `MOST_TRIED` goes on to the end of the text."""
    ends, begin = [], 0
    for number in range(1, len(lines) + 1):
        if number - begin > MOST_TRIED:
            break
        try:
            tomllib.loads("\n".join(lines[begin:number]))
        except tomllib.TOMLDecodeError:
            continue
        ends.append(number)
        begin = number
    return ends if ends and ends[-1] == len(lines) else [*ends, len(lines)]


def _holds(data: Any, place: Place) -> bool:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


class Part:
    """A table of the file, taken apart key by key."""

    def __init__(self, data: Any, place: Place) -> None:
        if not isinstance(data, dict):
            raise Wrong(place, f"'{place[0]}' is written as [[{place[0]}]] with its keys below it.")
        self.data: dict[str, Any] = data
        self.place = place
        self._known: set[str] = set()

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, f'{key} must be words in quotes, such as {key} = "A".')
        return value

    def number(self, key: str, default: int) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _INTEGER:
            raise self.wrong(key, f"{key} must be a whole number, such as {key} = 1.")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, f"{key} must be true or false.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(key, f'{key} must be a list of words in quotes, such as {key} = ["A", "B"].')
        return tuple(value)

    def rows(self, key: str) -> Rows:
        return self.as_rows(key, self._take(key, []))

    def as_rows(self, key: str, value: Any) -> Rows:
        if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
            raise self.wrong(key, 'rows are lists in a list, such as [["Ann", 100], ["Bob", 200]].')
        return tuple(self._row(key, number, row) for number, row in enumerate(value, 1))

    def _row(self, key: str, number: int, row: list[Any]) -> Row:
        return tuple(self._value(key, number, value) for value in row)

    def _value(self, key: str, number: int, value: Any) -> Value:
        if value == _NULL and value["null"] is True:
            return None
        if isinstance(value, str) or (type(value) is int and abs(value) < _INTEGER):
            return value
        raise self.wrong(
            key, f"row {number} holds a value that is neither words nor a whole number; put it in quotes, or write "
            "{ null = true } for NULL.",
        )  # fmt: skip

    def mapping(self, key: str) -> dict[str, Any]:
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"{key} must be a table in braces, such as {key} = {{ 1 = … }}.")
        return value

    def by_step(self, key: str) -> dict[int, Any]:
        found = {}
        for number, value in self.mapping(key).items():
            if not number.isascii() or not number.isdigit() or len(number) > 4:
                raise self.wrong(key, f"'{number}' is no number of a step; write {key} = {{ 1 = … }}.")
            found[int(number)] = value
        return found

    def finals(self, key: str) -> dict[str, Rows]:
        return {name: self.as_rows(key, rows) for name, rows in self.mapping(key).items()}

    def parts(self, key: str) -> list["Part"]:
        value = self._take(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, f"'{key}' is written as [[{key}]], in two brackets, once for each.")
        return [Part(one, (*self.place, key, at)) for at, one in enumerate(value)]

    def wrong(self, key: str, sentence: str) -> Wrong:
        return Wrong((*self.place, key), sentence)

    def _take(self, key: str, default: Any) -> Any:
        self._known.add(key)
        if key not in self.data and default is None:
            raise Wrong(self.place, f'{key} is missing; add {key} = "…".')
        return self.data.get(key, default)

    def done(self) -> None:
        """Raises `Wrong` for a key that nobody asked for."""
        for key in self.data:
            if key not in self._known:
                raise self.wrong(key, f"there is no '{key}' here. {suggest(key, self._known)}")
