"""What the sampler may not look at, in the words of the people who run it."""

from collections.abc import Mapping
from typing import Any, Final

WORDS: Final = {"states": "thread states", "gil": "the GIL's holder"}


def refusals(event: Mapping[str, Any]) -> list[str]:
    """A sentence for each lack in an event `not_sampled` (`explorer.sampler.missing`) that somebody can do away with.

    That a Python has no GIL is in the event, and no reason to warn.
    """
    found: dict[str, set[str]] = {}
    for lack in event.get("lacks", ()):
        if lack["remedy"]:
            found.setdefault(f"{lack['reason']} {lack['remedy']}", set()).update(lack["what"])
    found_words = {
        why: " and ".join(WORDS[what] for what in WORDS if what in lacking) for why, lacking in found.items()
    }
    return [
        f"Not seen: {words}; CPU times and late sleeps stand in for them. {why}" for why, words in found_words.items()
    ]
