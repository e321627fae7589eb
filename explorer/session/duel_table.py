"""A duel as a person reads it on a terminal: the verdict, the cause, and a line for each figure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from explorer.session.duel_figures import BY_ID

UNCLEAR: Final = "no clear difference"


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
    lines += [f"{told['repeat']} repeat{'s' if told['repeat'] != 1 else ''} of each. {told['load']['sentence']}", ""]
    lines += ["  ".join([row[0].ljust(widths[0]), *_aligned(row[1:], widths[1:])]).rstrip() for row in rows]
    return "\n".join([*lines, *(["", *told["notes"]] if told["notes"] else [])])


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


def ratio_words(ratio: float | None, clear: bool, values: Sequence[float | None] = ()) -> str:
    """A ratio to A as "×9.9" or "÷3,020", "same" where nothing differs at all, "–" where there is none."""
    if ratio is None:
        return "–"
    if ratio == 1.0:
        return "same"
    return f"×{_factor(ratio)}" if ratio >= 1 else f"÷{_factor(1 / ratio)}"


def _factor(by: float) -> str:
    return f"{by:,.0f}" if by >= 99.5 else f"{by:.1f}" if by >= 1.95 else f"{by:.2f}"


def _row(each: Mapping[str, Any]) -> list[str]:
    figure = BY_ID[each["figure"]]
    row = [f"{figure.title}, {figure.unit}", *(number(value) for value in each["values"])]
    for ratio, interval, clear in zip(as_list(each["ratio"]), intervals_of(each), as_list(each["clear"]), strict=True):
        row += [ratio_words(ratio, clear), _interval(interval, clear)]
    return row


def _interval(interval: Sequence[float | None] | None, clear: bool) -> str:
    if interval is None:
        return "clear" if clear else UNCLEAR
    low, high = interval
    if not clear:
        return UNCLEAR
    return f"{_end(low)} – {_end(high)}"


def _end(value: float | None) -> str:
    return "∞" if value is None else number(value)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
