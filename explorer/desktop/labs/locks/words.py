"""What the page of the locks lab calls the outcomes of its scenarios and the figures of their verdicts. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from explorer.labs.locks.verdict import Figure


@dataclass(frozen=True, slots=True)
class Words:
    """`written` and `cured` are titles of a verdict whose claim holds; `rows` are the figures that are compared, by
    their names; `functions` what runs, as written and under each cure. `numbers` are shown large (the last one is what
    went wrong, of `whole`), `parts` are the words at the two parts of the bar below them; `value` is the counter that
    is shown value by value, `counters` are those that have a row among the lanes. `only` names knobs that count only
    under one cure. `threads` are how many lanes of alike threads are enough (0: all), `seconds` is how much time is in
    view at first.
    """

    written: str
    cured: str
    rows: Mapping[str, str]
    functions: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, str] | None = None
    parts: tuple[str, str] = ("", "")
    whole: str = ""
    value: str = ""
    counters: tuple[str, ...] = ()
    threads: int = 0
    seconds: float = 2.0
    only: Mapping[str, str] = field(default_factory=dict)


_CIRCLE: Final = {
    "deadlocks": "Deadlocks",
    "longest_found_after_ms": "Found within",
    "answered_503": "Released (503)",
    "longest_wait_ms": "Longest wait",
    "most_waiting": "Waited at once",
}
_TRANSFERS: Final = {
    "written": ("as_written",),
    "order": ("in_order",),
    "timeout": ("with_timeout",),
    "try_lock": ("with_try_lock",),
}
_ROUND_A_TABLE: Final = {"written": ("as_written",), "cured": ("one_right_first",)}
WORDS: Final[Mapping[str, Words]] = {
    "lost_update": Words(
        "Additions are lost",
        "Nothing is lost",
        {"lost": "Lost", "longest_wait_ms": "Longest wait", "most_waiting": "Waited at once", "seconds": "Took"},
        {"written": ("as_written",), "cured": ("with_lock",)},
        {"expected": "expected", "in_the_counter": "in the counter", "lost": "lost"},
        ("arrived", "overwritten"),
        "expected",
        "balance",
    ),
    "check_then_act": Words(
        "Sold twice",
        "Each seat sold once",
        {"sold_twice": "Sold twice", "longest_wait_ms": "Longest wait", "most_waiting": "Waited at once"},
        {"written": ("as_written",), "no_await": ("without_await_between",), "lock": ("with_lock",)},
        {"seats": "seats", "sold": "sold", "sold_twice": "sold twice"},
        ("sold once", "sold twice"),
        "sold",
    ),
    "convoy": Words(
        "A convoy",
        "No convoy",
        {
            "most_waiting": "Waited at once",
            "longest_wait_ms": "Longest wait",
            "mean_wait_ms": "Mean wait",
            "median_hold_ms": "Median hold",
            "longest_hold_ms": "Longest hold",
            "holds_of_a_sleep": "Long holds",
            "lines_per_second": "Lines a second",
        },
        {"written": ("as_written",), "cured": ("sleeping_outside",)},
    ),
    "reader_starvation": Words(
        "The writer starves",
        "The writer gets in",
        {
            "longest_writer_wait_ms": "Writer waited",
            "longest_reader_wait_ms": "Reader waited",
            "written": "Written",
            "read": "Read",
        },
        {"written": ("look", "put")},
    ),
    "producer_consumer": Words(
        "The queue grows",
        "A bounded queue",
        {
            "longest_queue": "Longest queue",
            "oldest_item_ms": "Oldest item",
            "put": "Put",
            "taken": "Taken",
            "longest_wait_for_a_place_ms": "Wait for a place",
        },
        {"written": ("__init__", "blocking")},
        counters=("items in the queue",),
        threads=3,
        seconds=8.0,
    ),
    "semaphore_limit": Words(
        "Turned away",
        "All are served",
        {
            "turned_away": "Turned away",
            "served": "Served",
            "longest_wait_ms": "Longest wait",
            "most_waiting": "Waited at once",
        },
        {"written": ("as_written",), "cured": ("with_tokens",)},
    ),
    "priority_inversion": Words(
        "The urgent one waits",
        "The urgent one runs",
        {
            "median_wait_ms": "Waits, median",
            "longest_wait_ms": "Waits, longest",
            "held_ms": "Lock held",
            "computed_meanwhile_ms": "Of it ran",
            "longest_hold_ms": "Longest hold",
            "looks": "Looks",
        },
        {"written": ("report_as_written",), "cured": ("report_cured",)},
    ),
    "lock_order_deadlock": Words(
        "Deadlock", "No circle", _CIRCLE | {"transfers": "Transfers"}, _TRANSFERS, only={"workload.timeout": "timeout"}
    ),
    "dining_philosophers": Words("Deadlock", "No circle", _CIRCLE | {"meals": "Meals"}, _ROUND_A_TABLE),
    "lock_in_async": Words(
        "The loop stands still",
        "The loop is free",
        {
            "longest_callback_ms": "Loop kept for",
            "longest_task_wait_ms": "Task waited",
            "entries": "Entries",
            "reports": "Reports",
            "most_waiting": "Waited at once",
        },
        {
            "written": ("report_as_written", "enter_as_written"),
            "cured": ("report_cured", "enter_cured"),
        },
    ),
    "lock_across_await": Words(
        "One at a time",
        "All at the same time",
        {
            "lines_per_second": "Lines a second",
            "longest_hold_ms": "Longest hold",
            "longest_wait_ms": "Longest wait",
            "most_waiting": "Waited at once",
        },
        {"written": ("as_written",), "cured": ("await_first",)},
    ),
}
UNKNOWN: Final = "–"
NOT_SHOWN: Final = "Not this time"


def told(name: str, value: Figure) -> str:
    """A figure with its unit, as its name says it: "54 ms", "1.2 s", "8,000", "never"."""
    if value is None:
        return UNKNOWN
    if name.endswith("_ms") and value == 0:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)):
        return str(value)
    if name.endswith("_ms"):
        return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"
    if name.endswith("_per_second"):
        return f"{value:,.0f}/s" if value >= 10 else f"{value:.1f}/s"
    if name == "seconds" or name.endswith("_s"):
        return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"
    return f"{value:,.0f}"
