"""What a run says, in sentences: whether its figures hold, what takes the time, what was lost."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from explorer.analysis.ends import failed_words
from explorer.analysis.parts import MeanParts
from explorer.export.html.gather import Gathered
from explorer.wording import count, duration, state_title

BUSY: Final = 0.7
HELD: Final = 0.7
MOST: Final = 4
"""Loops and processes that get a sentence of their own."""


def findings(gathered: Gathered, figures: Mapping[str, Any], parts: MeanParts) -> Iterator[str]:
    """One sentence after the other, the weightiest first."""
    if gathered.foreign:
        yield (
            "This trace was made elsewhere: it holds no requests of a load, and bars are drawn as running unless their "
            "category is a state or their function is there to wait."
        )
    else:
        yield from _validity(figures)
        yield from _where_time_goes(parts)
        yield from _loops(figures)
        yield from _pool(figures)
        yield from _gil(figures)
    yield from _missing(gathered, figures)


def _validity(figures: Mapping[str, Any]) -> Iterator[str]:
    window = figures["window"]
    if figures["valid"]:
        when = f"from {window['start_s']:.1f} s to {window['end_s']:.1f} s after the first send"
        yield f"The figures hold: they were measured {when}."
    else:
        yield f"The figures are not valid: {figures['invalid_reason']}"
    if failed := failed_words(figures["requests_total"]["statuses"]):
        yield f"Requests failed: {failed}."


def _where_time_goes(parts: MeanParts) -> Iterator[str]:
    named = [part for part in parts.parts if part.state is not None and part.ns > 0]
    if not named or not parts.total_ns:
        return
    largest = max(named, key=lambda part: part.ns)
    assert largest.state is not None
    yield (
        f"{100 * largest.ns / parts.total_ns:.0f} % of a request's {duration(parts.total_ns)} goes to: {largest.cause} "
        f"({state_title(largest.state)})."
    )


def _loops(figures: Mapping[str, Any]) -> Iterator[str]:
    busy = [loop for loop in figures["event_loops"] if loop["busy_fraction"] >= BUSY]
    for loop in sorted(busy, key=lambda loop: -loop["busy_fraction"])[:MOST]:
        longest = loop["longest_callback_ms"]
        words = f"; its longest callback took {duration(longest * 1e6)}" if longest is not None else ""
        share = f"{100 * loop['busy_fraction']:.0f} % of the time"
        yield f"The event loop of process {loop['pid']} was busy {share}{words}."


def _pool(figures: Mapping[str, Any]) -> Iterator[str]:
    pool = figures["thread_pool"]
    if pool and pool["tokens"] and pool["peak"] is not None and pool["peak"] >= pool["tokens"]:
        wait = pool["wait_p99_ms"]
        words = f"; requests waited for one up to {duration(wait * 1e6)} (p99)" if wait else ""
        yield f"All {pool['tokens']:,} tokens of the thread pool were out at once{words}."


def _gil(figures: Mapping[str, Any]) -> Iterator[str]:
    gil = figures["gil"]
    if not gil:
        return
    if not gil["available"]:
        if gil["reason"]:
            yield f"Who held the GIL was not seen: {gil['reason']}"
    elif gil["held_fraction"] is not None and gil["held_fraction"] >= HELD:
        waiting = gil["waiting_threads"]
        words = f", and {waiting:.1f} threads waited for it on average" if waiting is not None else ""
        yield f"The GIL was held {100 * gil['held_fraction']:.0f} % of the time{words}."


def _missing(gathered: Gathered, figures: Mapping[str, Any]) -> Iterator[str]:
    lost = figures["telemetry"]["lost"]
    if lost:
        yield f"{lost:,} of {figures['telemetry']['written']:,} records were lost; the lanes have hatched gaps there."
    if gathered.store.dropped:
        yield (
            f"The run is long: {count(gathered.store.dropped)} of its oldest spans are not in this report, the figures "
            "are over all of it."
        )
    for process in list(gathered.store.processes.values()):
        if process.died:
            yield f"The {process.role} {process.pid} died: {process.died}"
    yield from dict.fromkeys(gathered.said)
