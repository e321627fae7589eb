"""How well a text matches what somebody types: letters in order, best at the beginnings of words. No Qt."""

from collections.abc import Iterable
from typing import Final

WORD_START: Final = 12
NEXT_TO: Final = 8
PLAIN: Final = 1
WHOLE: Final = 40
GAP: Final = 1
NONE: Final = -(10**9)


def score(typed: str, text: str) -> int:
    """How well `text` matches; higher is better, 0 for nothing typed, `NONE` if it does not match.

    Each word that is typed must be found, in any order; within a word its letters in order.
    """
    text = text.casefold()
    total = 0
    for word in typed.casefold().split():
        found = _word(word, text)
        if found == NONE:
            return NONE
        total += found
    return total - len(text) // 8 if total else total


def best(typed: str, texts: Iterable[tuple[str, int]]) -> int:
    """The best of several texts, each with what it costs to be found there and not in the title."""
    return max((found - cost for text, cost in texts if (found := score(typed, text)) != NONE), default=NONE)


def _word(word: str, text: str) -> int:
    place = text.find(word)
    while place >= 0 and not _starts(text, place):
        place = text.find(word, place + 1)
    if place >= 0:
        return WHOLE + WORD_START + NEXT_TO * len(word)
    if len(word) > 2 and word in text:
        return WHOLE + NEXT_TO * len(word) - WORD_START
    return _letters(word, text)


def _letters(word: str, text: str) -> int:
    """The best way to find the letters one after the other: by dynamic programming over the places of each letter."""
    ways: dict[int, int] = {}
    for number, letter in enumerate(word):
        reached: dict[int, int] = {}
        best_before, at_before = NONE, -1
        for place, other in enumerate(text):
            if other == letter:
                gain = WORD_START if _starts(text, place) else PLAIN
                if number == 0:
                    reached[place] = gain
                else:
                    apart = best_before - GAP * min(place - at_before, 10) if best_before > NONE else NONE
                    beside = ways[place - 1] + NEXT_TO if place - 1 in ways else NONE
                    if max(apart, beside) > NONE:
                        reached[place] = gain + max(apart, beside)
            if place in ways and ways[place] >= best_before:
                best_before, at_before = ways[place], place
        ways = reached
        if not ways:
            return NONE
    found = max(ways.values())
    # Letters strewn over a text are no match of a long word.
    return found if found > 4 * len(word) else NONE


def _starts(text: str, place: int) -> bool:
    return place == 0 or not text[place - 1].isalnum()
