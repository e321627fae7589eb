"""Where a request's time goes: one bar of all its parts, in order of size, and the same as a table."""

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
    for part in shown:
        share = part.ns / parts.total_ns
        state = "unexplained" if part.state is None else part.state.name.lower()
        title = UNEXPLAINED if part.state is None else f"{part.cause}, {state_title(part.state).lower()}"
        pieces.append(
            tag(
                "rect", tag("title", f"{title}: {duration(part.ns)}"), x=round(left * WIDTH, 2), y=0,
                width=round(share * WIDTH, 2), height=HEIGHT, class_=f"state-{state}",
            )
        )  # fmt: skip
        swatch = tag(
            "svg", tag("rect", width=14, height=14, class_=f"state-{state}"), viewBox="0 0 14 14", class_="swatch"
        )
        rows.append((swatch, title, duration(part.ns), f"{share:.1%}"))
        left += share
    bar = tag(
        "svg", *pieces, viewBox=f"0 0 {WIDTH} {HEIGHT}", preserveAspectRatio="none", class_="bar", role="img",
        aria_label="Parts of a request's time",
    )  # fmt: skip
    total = ("", "Together", duration(parts.total_ns), "100.0%")
    note = f"The mean way of {parts.requests:,} requests, {duration(parts.total_ns)} from intended send to end."
    return section(
        "Where a request's time goes",
        tag("p", note),
        bar,
        table(("", "Part", "Time", "Share"), [*rows, total], (2, 3)),
        id_="parts",
    )
