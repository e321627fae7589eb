"""The texts of a foreign trace: names of spans and what their arguments say, numbered once, and the states they imply.

A foreign trace says when a span began and ended, not what its thread did meanwhile. So a span is taken to be running,
unless its category is one of our states (our own export writes them there) or its name is a function that is there to
wait. Nothing is guessed beyond that.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from explorer.records.states import State
from explorer.wording import STATE_WORDS, within_sentence

MOST_NAMES: Final = 262_144
MOST_TEXTS: Final = 65_536
LONGEST_NAME: Final = 1_000
LONGEST_TEXT: Final = 300
OTHER: Final = "other"

STATES: Final[Mapping[str, State]] = {
    word: state
    for state, (title, *_) in STATE_WORDS.items()
    for word in (state.name.lower(), title, title.lower(), within_sentence(title))
}
"""What a category may say of a state: our own exports write "waiting for the GIL"."""
_WAITS: Final[tuple[tuple[State, re.Pattern[str]], ...]] = (
    (State.WAITING_LOCK, re.compile(r"\b(lock|rlock|semaphore|condition|event|barrier)\.(acquire|wait)\b", re.I)),
    (State.IDLE, re.compile(r"\b(select\.select|(epoll|poll|kqueue|devpoll)\.(poll|control)|epoll_wait)\b", re.I)),
    (State.BLOCKED, re.compile(r"^(<built-in (function|method) )?(time\.)?(sleep|nanosleep|usleep)\b", re.I)),
)


def state_of_name(name: str) -> State:
    """What a thread does in a function of this name, as far as the name alone says."""
    for state, pattern in _WAITS:
        if pattern.search(name):
            return state
    return State.RUNNING


class Words:
    """Numbers for names and for texts of arguments; `new` holds those that nobody took yet, as (number, text).

    Both are bounded: further names are `OTHER`, further texts nothing; `names_left_out` and `texts_left_out` count the
    events that met this.
    """

    def __init__(self) -> None:
        self.names: dict[object, int] = {}
        self.states: list[int] = [State.RUNNING]
        """State by number; those of texts are not used."""
        self.new: list[tuple[int, str]] = []
        self.names_left_out = 0
        self.texts_left_out = 0
        self._texts: dict[str, int] = {}
        self._other = 0

    def name(self, name: object) -> int:
        """The number of a span's name."""
        text = name if isinstance(name, str) else "" if name is None else str(name)
        number = self.names.get(text)
        if number is None:
            if len(self.names) >= MOST_NAMES:
                self.names_left_out += 1
                self._other = self._other or self._add(OTHER)
                return self._other
            number = self.names[text] = self._add(text[:LONGEST_NAME])
        return number

    def text(self, arguments: object) -> int:
        """The number of what a span's arguments say, 0 for none."""
        if len(self._texts) >= MOST_TEXTS:
            self.texts_left_out += 1
            return 0
        text = said(arguments)
        number = self._texts.get(text)
        if number is None:
            number = self._texts[text] = self._add(text)
        return number

    def _add(self, text: str) -> int:
        number = len(self.states)
        self.states.append(state_of_name(text))
        self.new.append((number, text))
        return number


def said(arguments: object) -> str:
    """Arguments as a line: "url: /orders, size: 12"."""
    pairs: Any = arguments.items() if isinstance(arguments, dict) else (("", arguments),)
    parts = []
    length = 0
    for key, value in pairs:
        # Most are texts and whole numbers, and what JSON's encoder takes to begin is several times as long.
        plain = value if isinstance(value, str) else str(value) if type(value) is int else None
        shown = json.dumps(value, ensure_ascii=False) if plain is None else plain
        parts.append(f"{key}: {shown}" if key else shown)
        length += len(parts[-1])
        if length > LONGEST_TEXT:
            break
    line = " ".join(", ".join(parts).split())
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"
