"""The percentile distribution of HdrHistogram: how long requests took, as its plotter and its kin read it.

Latency in ms, from the intended send to the end of the answer, over the measuring window like all figures of a run; of
a chosen part of the run it is that of the requests that ended in it.
"""

import math
from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np

from explorer.analysis.statistics import RunStatistics
from explorer.collect.source import Array, Batch
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.load.histogram import EDGES_S, Histogram
from explorer.option_error import OptionError
from explorer.records.states import Kind

TICKS: Final = 5
"""Percentiles reported for each halving of what lies above, as HdrHistogram does."""


def write(job: Job, file: BinaryIO) -> None:
    """Write the latencies of the run."""
    whole = job.since is None and job.until is None
    found = _of_run(job) if whole else _of_part(job)
    if not found.count:
        raise OptionError(f"{job.recorded.name} holds no request that was answered, so that there are no latencies.")
    file.write("".join(f"{line}\n" for line in lines(found)).encode())


def _of_run(job: Job) -> Histogram:
    """What the figures of the run are made of: what the load measured, over the measuring window."""
    statistics = RunStatistics()
    for batch in job.recorded.batches(lambda share: job.tell(share, 0)):
        statistics.feed(batch)
    scenario = job.recorded.run.get("scenario")
    window = statistics.window(scenario if isinstance(scenario, dict) else {})
    load = statistics.load
    return (load.everything() if window.whole else load.sum(window.start, window.end)).histograms[0]


def _of_part(job: Job) -> Histogram:
    """Those of the requests that ended well in the chosen part."""
    begin, end = job.range
    found = Histogram()
    for batch in job.recorded.batches(lambda share: job.tell(share)):
        spans = _answered(batch)
        spans = spans[(spans["end"] >= begin) & (spans["end"] <= end)]
        found.add_ns(spans["end"] - spans["start"])
    return found


def _answered(batch: Batch) -> Array:
    spans = batch.spans[batch.spans["kind"] == Kind.CLIENT_REQUEST]
    status = spans["argument"] & np.uint64(0xFFFF_FFFF)
    chosen: Array = spans[(status > 0) & (status < 400)]
    return chosen


def lines(histogram: Histogram) -> Iterator[str]:
    """The lines of a distribution: values, percentiles, counts up to there, and what the plot's axis needs."""
    count = histogram.count
    yield "       Value     Percentile TotalCount 1/(1-Percentile)"
    yield ""
    percentiles = list(_percentiles(count))
    reached = np.cumsum(histogram.counts)
    for percentile, value in zip(percentiles, histogram.percentiles(percentiles), strict=True):
        share = percentile / 100
        total = count if percentile >= 100 else max(math.ceil(share * count - 1e-9), 1)
        inverse = f" {1 / (1 - share):14.2f}" if share < 1 else ""
        yield f"{value * 1000:12.3f} {share:14.12f} {total:10d}{inverse}"
    mean = histogram.mean
    middles = np.clip((EDGES_S[:-1] + np.minimum(EDGES_S[1:], histogram.maximum)) / 2, 0, histogram.maximum)
    deviation = math.sqrt(float((histogram.counts * (middles - mean) ** 2).sum()) / count)
    buckets = int(np.count_nonzero(histogram.counts))
    yield f"#[Mean    = {mean * 1000:12.3f}, StdDeviation   = {deviation * 1000:12.3f}]"
    yield f"#[Max     = {histogram.maximum * 1000:12.3f}, Total count    = {int(reached[-1]):12d}]"
    yield f"#[Buckets = {buckets:12d}, SubBuckets     = {256:12d}]"


def _percentiles(count: int) -> Iterator[float]:
    """0, then `TICKS` steps for each halving of the rest, as far as `count` values tell them apart; 100 at last."""
    percentile = 0.0
    while percentile < 100 and (1 - percentile / 100) * count > 0.5:
        yield percentile
        halvings = math.floor(math.log2(100 / (100 - percentile))) + 1
        percentile += 100 / (TICKS * 2**halvings)
    yield 100.0


feature = Format(
    id="hgrm",
    title="HdrHistogram percentiles",
    suffix=".hgrm",
    sentence="The distribution of latencies in ms, for HdrHistogram's plotter.",
    order=6,
    write=write,
)
