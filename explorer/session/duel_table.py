"""A duel as a person reads it on a terminal: the verdict, the cause, and a line for each figure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from explorer.session.duel_figures import BY_ID

UNCLEAR: Final = "no clear difference"
CHANCE: Final = (
    "The intervals allow for the number of figures: of twenty duels of equal scenarios one shows any clear difference."
)
EACH: Final = "Each interval stands for itself: of twenty figures that do not differ, one seems to by chance."
"""Of duels that were kept by versions that did not correct for the number of figures."""
_INFINITE: Final = float("inf")
_TINY: Final = 1e-12
_MOST: Final = 1e6


def table(told: Mapping[str, Any]) -> str:
    """Lines about the JSON of a duel (`duel_result.as_json`), those that differ clearly first."""
    badges = [run["badge"] for run in told["runs"]]
    head = ["", *badges]
    for badge in badges[1:]:
        head += [f"{badge} to A", "95 % interval"]
    rows = [head, *(_row(each) for each in by_effect(told))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    lines = [told["verdict"], told["cause"], ""]
    for run in told["runs"]:
        note = f" ({run['note']})" if run["note"] else ""
        lines.append(f"{run['badge']}  {run['title']}{note}")
    lines.append(f"{told['repeat']} repeat{'s' if told['repeat'] != 1 else ''} of each. {told['load']['sentence']}")
    lines += [chance_words(told), ""] if told["repeat"] > 1 else [""]
    lines += ["  ".join([row[0].ljust(widths[0]), *_aligned(row[1:], widths[1:])]).rstrip() for row in rows]
    return "\n".join([*lines, *(["", *told["notes"]] if told["notes"] else [])])


def chance_words(told: Mapping[str, Any]) -> str:
    """What chance may do to the intervals of a duel with more than one repeat."""
    return CHANCE if told.get("correction") else EACH


def by_effect(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The differences that are clear before the others, each in the order in which figures are declared."""
    return sorted(told["differences"], key=lambda each: not any(as_list(each["clear"])))


def as_list(value: Any) -> list[Any]:
    """What is one value in a duel of two and a list in one of more, as a list."""
    return value if isinstance(value, list) else [value]


def intervals_of(each: Mapping[str, Any]) -> list[Any]:
    """The intervals of a difference as a list, one for B, C, D each."""
    found = each["interval"]
    return found if isinstance(each["clear"], list) else [found]


def number(value: float | None) -> str:
    """A figure with three digits that count: "1,814", "49.2", "0.56"."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 99.95:
        return f"{value:,.0f}"
    text = f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text and size < 9.995 and float(text) == round(float(text)) else text


def ratio_words(ratio: float | None, a: float | None = None, other: float | None = None) -> str:
    """A ratio to A as "×9.9" or "÷3,020", "same" where nothing differs at all; where there is none "from 0" or "to 0"
    if one of the two means is 0, else "–".
    """
    if ratio is None:
        return "from 0" if a == 0 and other else "to 0" if other == 0 and a else "–"
    if ratio == 1.0:
        return "same"
    return f"×{factor(ratio)}" if ratio >= 1 else f"÷{factor(1 / ratio)}"


def factor(by: float) -> str:
    """A factor from 1 on with two or three digits: "9.9", "1.04", "3,020"."""
    if by >= _MOST:
        return "∞"
    return f"{by:,.0f}" if by >= 99.5 else f"{by:.1f}" if by >= 1.95 else f"{by:.2f}"


def _row(each: Mapping[str, Any]) -> list[str]:
    figure = BY_ID[each["figure"]]
    row = [f"{figure.title}, {figure.unit}", *(number(value) for value in each["values"])]
    first, *others = each["values"]
    told = zip(as_list(each["ratio"]), intervals_of(each), as_list(each["clear"]), others, strict=True)
    for ratio, interval, clear, other in told:
        row += [ratio_words(ratio, first, other), _interval(ratio, interval, clear)]
    return row


def _interval(ratio: float | None, interval: Sequence[float | None] | None, clear: bool) -> str:
    if not clear:
        return UNCLEAR
    return interval_words(ratio, interval) or "clear"


def interval_words(ratio: float | None, interval: Sequence[float | None] | None) -> str:
    """The ends of an interval in the direction of its ratio: "×9.8 – 10.0", "÷7.9 – 8.5"; empty if there is none."""
    if ratio is None or interval is None:
        return ""
    low, high = (_INFINITE if end is None else end for end in interval)
    if ratio >= 1:
        return f"×{factor(low)} – {factor(high)}"
    return f"÷{factor(1 / max(high, _TINY))} – {factor(1 / max(low, _TINY))}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
