"""Where a request's time goes: one bar of all its parts, in order of size, and the same as a table."""

from collections.abc import Sequence
from typing import Final

from explorer.analysis.parts import UNEXPLAINED, MeanParts
from explorer.export.html.markup import Markup, section, table, tag
from explorer.wording import duration, state_title

WIDTH: Final = 1000
HEIGHT: Final = 46


def time_parts(parts: MeanParts) -> Markup:
    """The section, empty if no request ended."""
    if not parts.requests or not parts.total_ns:
        return Markup("")
    shown = sorted((part for part in parts.parts if part.ns > 0), key=lambda part: (part.state is None, -part.ns))
    pieces, rows, left = [], [], 0.0
    for part, tenths in zip(shown, _tenths([part.ns for part in shown], parts.total_ns), strict=True):
        share = part.ns / parts.total_ns
        look = "unexplained" if part.state is None else part.state.name.lower()
        state = "" if part.state is None else state_title(part.state)
        cause = UNEXPLAINED if part.state is None else part.cause
        words = f"{cause}, {state}: {duration(part.ns)}" if state else f"{cause}: {duration(part.ns)}"
        pieces.append(
            tag(
                "rect", tag("title", words), x=round(left * WIDTH, 2), y=0, width=round(share * WIDTH, 2),
                height=HEIGHT, class_=f"state-{look}",
            )
        )  # fmt: skip
        square = tag("rect", width=14, height=14, class_=f"state-{look}")
        swatch = tag("svg", square, viewBox="0 0 14 14", class_="swatch")
        rows.append((swatch, cause, state, duration(part.ns), f"{tenths / 10:.1f} %"))
        left += share
    bar = tag(
        "svg", *pieces, viewBox=f"0 0 {WIDTH} {HEIGHT}", preserveAspectRatio="none", class_="bar", role="img",
        aria_label="Parts of a request's time",
    )  # fmt: skip
    total = ("", "Together", "", duration(parts.total_ns), "100.0 %")
    note = f"The mean way of {parts.requests:,} requests, {duration(parts.total_ns)} from intended send to end."
    return section(
        "Where a request's time goes",
        tag("p", note),
        bar,
        table(("", "Part", "State", "Time", "Share"), [*rows, total], (3, 4)),
        id_="parts",
    )


def _tenths(times: Sequence[float], total: float) -> list[int]:
    """Shares in tenths of a percent that add up to all of them: what rounding leaves goes where it is missed most."""
    exact = [1000 * time / total for time in times]
    found = [int(each) for each in exact]
    missed = sorted(range(len(exact)), key=lambda at: found[at] - exact[at])
    for at in missed[: max(0, 1000 - sum(found))]:
        found[at] += 1
    return found
