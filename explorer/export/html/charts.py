"""The charts of a report: throughput, latency with a dot for each request, its distribution, processors."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.export.html.gather import Gathered
from explorer.export.html.markup import Markup, section, tag
from explorer.export.html.svg import Plot, decades, figure_words
from explorer.load.histogram import EDGES_S
from explorer.wording import duration

BARS: Final = 64
MOST_PROCESSES: Final = 4
LEAST_MS: Final = 0.05


def charts(gathered: Gathered) -> Markup:
    """The section, empty for a run without requests and figures of processes."""
    found = [*_throughput(gathered), *_latency(gathered), *_distribution(gathered), *_processors(gathered)]
    return section("Over time", tag("div", *found, class_="charts"), id_="charts") if found else Markup("")


def _chart(title: str, note: str, plot: Plot) -> Markup:
    return tag("figure", tag("figcaption", tag("b", title), " ", tag("span", note, class_="note")), plot.markup())


def _seconds(gathered: Gathered) -> tuple[float, float]:
    store, origin = gathered.store, gathered.origin
    return ((store.first or origin) - origin) / 1e9, ((store.last or origin) - origin) / 1e9


def _marks(gathered: Gathered, plot: Plot) -> None:
    origin = gathered.origin
    kinds = ("change", "restart", "death")
    plot.marks([(one.time - origin) / 1e9 for one in gathered.store.markers if one.kind in kinds], "mark")


def _series(gathered: Gathered, name: str, pid: int = 0) -> tuple[Array, Array]:
    times, values = gathered.statistics.series(name, gathered.store.first or 0, pid)
    return (times - gathered.origin) / 1e9, values


def _second(value: float) -> str:
    return f"{figure_words(value)} s"


def _throughput(gathered: Gathered) -> Iterator[Markup]:
    times, answered = _series(gathered, "throughput")
    _, failed = _series(gathered, "failed")
    if not len(times) or (not answered.any() and not failed.any()):
        return
    smooth = np.convolve(answered, np.ones(10) / 10)[: len(answered)]
    plot = Plot("Throughput over time", _seconds(gathered), (0, float(max(smooth.max(), failed.max(), 1)) * 1.1))
    plot.axes(_second)
    _marks(gathered, plot)
    plot.line(times, smooth, "ink")
    if failed.any():
        plot.line(times, np.where(failed > 0, failed, np.nan), "bad")
    note = "answers a second, over the second before" + ("; red: failed" if failed.any() else "")
    yield _chart("Throughput", note, plot)


def _latency(gathered: Gathered) -> Iterator[Markup]:
    dots = gathered.dots
    if not len(dots):
        return
    ms = np.maximum(dots["ns"] / 1e6, LEAST_MS)
    x = (dots["time"] - gathered.origin) / 1e9
    low, high = float(ms.min()) * 0.8, float(ms.max()) * 1.25
    plot = Plot("Latency of each request over time", _seconds(gathered), (low, high), log=True)
    plot.axes(_second, lambda value: duration(value * 1e6))
    _marks(gathered, plot)
    ok = ~dots["failed"]
    plot.dots(x[ok], ms[ok], "dot", 1.5)
    for name, class_ in (("p50_ms", "ink"), ("p99_ms", "thin")):
        times, values = _series(gathered, name)
        plot.line(times, values, class_)
    if dots["failed"].any():
        plot.dots(x[dots["failed"]], ms[dots["failed"]], "baddot", 1.8)
    note = f"each dot is one of {len(dots):,} requests (of several at one place, one); lines: p50, p99"
    yield _chart("Latency", note, plot)


def _distribution(gathered: Gathered) -> Iterator[Markup]:
    latency = gathered.statistics.load.everything().histograms[0]
    used = np.flatnonzero(latency.counts)
    if not len(used):
        return
    low, high = max(latency.minimum, 1e-6), max(latency.maximum, 1e-6)
    ends = np.log10(low * 0.9), np.log10(high * 1.1)
    edges = np.linspace(*ends, BARS + 1)
    middles = np.log10(
        np.clip(np.sqrt(np.maximum(EDGES_S[used], 1e-7) * np.minimum(EDGES_S[used + 1], 1e4)), low, high)
    )
    counts = np.histogram(middles, edges, weights=latency.counts[used])[0]
    plot = Plot("Distribution of latency", ends, (0, float(counts.max()) * 1.08))
    at = [float(np.log10(value)) for value in decades(10 ** float(ends[0]), 10 ** float(ends[1]))]
    plot.axes(lambda value: duration(10**value * 1e9), x_at=at)
    plot.columns(edges, counts, "column")
    p50, p99 = latency.percentiles((50, 99))
    plot.marks([float(np.log10(value)) for value in (p50, p99) if value > 0], "mark")
    note = f"{latency.count:,} answers; dashed: p50 {duration(p50 * 1e9)}, p99 {duration(p99 * 1e9)}"
    yield _chart("Distribution of latency", note, plot)


def _processors(gathered: Gathered) -> Iterator[Markup]:
    serving = [process for process in gathered.statistics.serving() if not process.host]
    lines = [(process, *_series(gathered, "cpu", process.pid)) for process in serving]
    lines = [line for line in lines if len(line[2]) and line[2].any()]
    if not lines:
        return
    lines.sort(key=lambda line: -float(line[2].sum()))
    most = max(float(values.max()) for _, _, values in lines)
    plot = Plot("Processor time over time", _seconds(gathered), (0, max(1.0, most) * 1.05))
    plot.axes(_second)
    _marks(gathered, plot)
    for at, (_, times, values) in enumerate(lines[:MOST_PROCESSES]):
        plot.line(times, values, f"ink dash{at}")
    words = ", ".join(f"{process.role} {process.pid}" for process, _, _ in lines[:MOST_PROCESSES])
    rest = f"; {len(lines) - MOST_PROCESSES} more are not drawn" if len(lines) > MOST_PROCESSES else ""
    yield _chart("Processors", f"cores used, by process: {words}{rest}", plot)
