"""How requests that did not succeed ended, in words: "631 × 422, 9 × connection refused"."""

from collections.abc import Mapping
from typing import Final

MOST_TOLD: Final = 8


def failed_words(statuses: Mapping[str, int]) -> str:
    """The ends that are no success, the most frequent first. `statuses` as in `schema.Requests`; empty for none."""
    bad = [(end, count) for end, count in statuses.items() if not end.isdecimal() or int(end) >= 400]
    bad.sort(key=lambda item: (-item[1], item[0]))
    told = [f"{count:,} × {end}" for end, count in bad[:MOST_TOLD]]
    rest = sum(count for _, count in bad[MOST_TOLD:])
    return ", ".join([*told, f"{rest:,} × others"] if rest else told)


def no_success(statuses: Mapping[str, int], when: str = "") -> str:
    """The sentence about requests of which none succeeded; `when` is such as " after the warm-up"."""
    if any(end.isdecimal() for end in statuses):
        return f"No request succeeded{when}: {failed_words(statuses)}."
    return f"No request was answered{when}." + (" Look for what blocks the server." if when else "")
