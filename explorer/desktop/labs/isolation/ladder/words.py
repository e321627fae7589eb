"""How rows, waits and statements are put in words. No Qt."""

from collections.abc import Iterable, Mapping, Sequence

from explorer.labs.isolation.schedule import Row, Rows, Value
from explorer.labs.isolation.trace import Ran


def duration(ns: int) -> str:
    """ "40 µs", "3.2 ms", "640 ms", "1.4 s"."""
    if ns < 1_000_000:
        return f"{max(1, round(ns / 1000))} µs" if ns else "0 µs"
    if ns < 10_000_000:
        return f"{ns / 1e6:.1f} ms"
    if ns < 1_000_000_000:
        return f"{round(ns / 1e6)} ms"
    return f"{ns / 1e9:.1f} s"


def at_time(ns: int) -> str:
    """A moment on an axis, all in one unit: "0 ms", "0.4 ms", "1,208 ms"."""
    ms = ns / 1e6
    return f"{ms:.1f} ms" if 0 < ms < 9.95 else f"{ms:,.0f} ms"


def listed(words: Iterable[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    every = list(words)
    return f"{', '.join(every[:-1])} and {every[-1]}" if len(every) > 1 else "".join(every)


def pace_in_words(own: int, rest: int, ended_by: Ran | None) -> tuple[str, str]:
    """Of a wait: `own` ns until the lab sent `ended_by`, which ended it, then `rest`: how long the first was, and both
    in a sentence.
    """
    if ended_by is None or own <= 0:
        return "", ""
    sent = f"step {ended_by.step + 1}" if ended_by.step >= 0 else ended_by.sql
    return duration(own), (
        f"It was blocked for {duration(own)} until the lab sent {sent}: that is the pace of the steps, or your hand. "
        f"{duration(rest)} later the database let it go on."
    )


def wait_forms(wait: str, pace: str) -> tuple[str, ...]:
    """A wait and how much of it was the lab's pace, longest first: "blocked by A · 640 ms (lab's pace 639 ms)". The
    shorter ones stand beside an hourglass, which says "blocked" as well; the last is the wait alone.
    """
    if not pace:
        return (wait,)
    short = f"{wait} (pace {pace})"
    return f"{wait} (lab's pace {pace})", short, short.removeprefix("blocked "), wait


def value(one: Value) -> str:
    """A cell."""
    return "NULL" if one is None else str(one)


def shown_rows(rows: Rows) -> str:
    """What a read came to, in a chip: the row if it is one of few values, else how many."""
    if not rows:
        return "no row"
    if len(rows) == 1 and len(rows[0]) <= 2:
        return f"read {', '.join(value(one) for one in rows[0])}"
    return f"{len(rows):,} row{'s' if len(rows) != 1 else ''}"


def table(columns: Sequence[str], rows: Iterable[Row], most: int = 12) -> str:
    """Rows as text in columns, for a tooltip."""
    cells = [list(columns), *([value(one) for one in row] for row in rows)]
    wide = [max(len(line[at]) for line in cells if at < len(line)) for at in range(len(columns))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, wide, strict=False)).rstrip() for line in cells]
    more = len(lines) - 1 - most
    return "\n".join([*lines[: most + 1], *([f"and {more} more"] if more > 0 else [])])


def spoken(one: Ran, wait: str, old: bool, failed: Mapping[str, str]) -> str:
    """A statement for who cannot see it: "Step 4, B, UPDATE …, blocked by A · 640 ms, Aborted 40001." """
    parts = [f"Step {one.step + 1}" if one.step >= 0 else "Sent by the lab", one.session, one.sql]
    if one.attempt:
        parts.append(f"attempt {one.attempt + 1}")
    if one.late:
        parts.append("late, its session was still blocked")
    if wait:
        parts.append(wait)
    if one.rows is not None:
        parts.append(shown_rows(one.rows) + (", an old version" if old else ""))
    if one.count is not None:
        parts.append(f"{one.count} row{'s' if one.count != 1 else ''} changed")
    if one.failure is not None:
        parts.append(f"{failed[one.failure.kind]} {one.failure.code}, {one.failure.message}".rstrip(". "))
    if one.state in ("left out", "cancelled", "running"):
        parts.append("runs" if one.state == "running" else one.state)
    return f"{', '.join(parts)}."
