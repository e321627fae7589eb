"""What the sampler may not look at, in the words of the people who run it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

SAMPLING: Final = "server.sampling"
"""The one live knob of a server's that another process follows."""
WORDS: Final = {"states": "thread states", "gil": "the GIL's holder"}


def tell(event: Mapping[str, Any], say: Callable[[str, str, str], None]) -> None:
    """`say` each sentence of `refusals`, with the knob that it is about and the command."""
    for sentence, command in refusals(event):
        say(sentence, SAMPLING, command)


def refusals(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """For each lack in an event `not_sampled` (`explorer.sampler.missing`) that somebody can do away with, a sentence
    and the command that does it (empty if there is none).

    That a Python has no GIL is in the event, and no reason to warn.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for lack in event.get("lacks", ()):
        if lack["remedy"]:
            key = f"{lack['reason']} {lack['remedy']}", str(lack.get("command", ""))
            found.setdefault(key, set()).update(lack["what"])
    told = []
    for (why, command), lacking in found.items():
        words = " and ".join(WORDS[what] for what in WORDS if what in lacking)
        told.append((f"Not seen: {words}; CPU times and late sleeps stand in for them. {why}", command))
    return told
