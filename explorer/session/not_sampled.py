"""What the sampler may not look at, in the words of the people who run it."""

from collections.abc import Mapping
from typing import Any, Final

WORDS: Final = {"states": "thread states", "gil": "the GIL's holder"}


def refusals(event: Mapping[str, Any]) -> list[str]:
    """A sentence for each lack in an event `not_sampled` (`explorer.sampler.missing`) that somebody can do away with.

    That a Python has no GIL is in the event, and no reason to warn.
    """
    found: dict[str, list[str]] = {}
    for lack in event.get("lacks", ()):
        if lack["remedy"]:
            words = found.setdefault(f"{lack['reason']} {lack['remedy']}", [])
            words += [WORDS[what] for what in lack["what"] if WORDS[what] not in words]
    return [
        f"Not seen: {' and '.join(words)}; CPU times and late sleeps stand in for them. {why}"
        for why, words in found.items()
    ]
