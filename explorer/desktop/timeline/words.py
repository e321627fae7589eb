"""Durations and moments as the window writes them: "3.2 ms", "1,204", "19.700 s". No Qt."""

from typing import Final

UNITS: Final = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))
MINUTE: Final = 60_000_000_000


def duration(ns: int) -> str:
    """A length of time with three digits at most before and two after the point: "850 ns", "3.2 ms", "12.4 s", "2:05
    min".
    """
    if ns < 0:
        return "−" + duration(-ns)
    if ns >= MINUTE:
        minutes, rest = divmod(round(ns / 1e9), 60)
        return f"{minutes:,}:{rest:02d} min"
    for size, unit in UNITS:
        if ns >= size:
            value = ns / size
            digits = 2 if value < 1 else 1 if value < 100 else 0
            return f"{value:.{digits}f}".removesuffix(".0") + f" {unit}"
    return f"{ns} ns"


def moment(ns: int, decimals: int) -> str:
    """A point in time since the run began: "19.700 s", "1:05.250" from a minute on, with `decimals` digits of a
    second.
    """
    sign, ns = ("−", -ns) if ns < 0 else ("", ns)
    whole, part = divmod(ns, 1_000_000_000)
    tail = f".{part:09d}"[: decimals + 1] if decimals else ""
    if whole < 60:
        return f"{sign}{whole}{tail} s"
    minutes, seconds = divmod(whole, 60)
    return f"{sign}{minutes}:{seconds:02d}{tail}"


def request_label(number: int) -> str:
    """A request as people call it: its counter, without the number of the process that gave it."""
    return f"#{number & 0xFFFF_FFFF_FFFF}"


def count(number: float) -> str:
    """A number with thousands comma, no decimals where there are none."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
