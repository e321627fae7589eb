"""The measuring window of a run: which part of it the figures are over, and whether they can be trusted.

Warm-up and drain do not count. Warm-up is one second or two mean responses, whichever is longer: before that a closed
loop has not settled. A run that is shorter than warm-up and five responses is not valid, and so is one whose load could
not keep up, whose records were lost, that failed or was ended before its time, or that got no answer after warm-up. A
burst is measured whole: what counts is when the last answer came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from explorer.analysis.ends import no_success
from explorer.analysis.load_log import LoadLog

WARM_UP_S: Final = 1.0
WARM_UP_RESPONSES: Final = 2
LEAST_RESPONSES: Final = 5
EARLY_S: Final = 0.5
"""A load that was told to end so long before its duration was over has ended early."""
LATE_S: Final = 0.010
LATE_SHARE: Final = 0.1
"""A load is too late when the p99 of its send lag is above 10 ms and above a tenth of the mean response."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` (ns).

    `origin` is when the load began; `whole`: everything counts (a burst, or a run that was over before its warm-up);
    `invalid_reason` is empty if the figures are valid.
    """

    origin: int
    start: int
    end: int
    whole: bool
    invalid_reason: str

    @property
    def seconds(self) -> float:
        """Its length."""
        return max(0, self.end - self.start) / 1e9


def measuring_window(
    load: LoadLog, knobs: Mapping[str, Any], asked_to_end: int, now: int, missing: Sequence[str], failure: str = ""
) -> Window:
    """The window of a run so far.

    `knobs` are those of the scenario's load (`mode`, `duration`); `asked_to_end` is when the load was told to end, ns,
    0 = it was not; `now` is the clock; `missing` are sentences about what the figures lack; `failure` is the
    sentence that says why the run as a whole failed, or empty.
    """
    reasons = [failure] if failure else []
    if not load.first_send:
        reasons = reasons or ["No request was sent. Give the load users, a rate or a burst."]
        return Window(now, now, now, True, " ".join(reasons))
    everything = load.everything()
    latency, lag = everything.histograms[0], everything.histograms[2]
    origin = load.first_send
    burst = knobs.get("mode") == "burst"
    end = _end(load, knobs, burst, asked_to_end, now)
    mean = latency.mean
    warm_up = 0.0 if burst else max(WARM_UP_S, WARM_UP_RESPONSES * mean)
    start = origin + round(warm_up * 1e9)
    if not latency.count:
        reasons.append(no_success(load.statuses))
    elif not burst:
        needed = warm_up + LEAST_RESPONSES * mean
        lasted = (end - origin) / 1e9
        if lasted < needed:
            reasons.append(
                f"The run was too short: warm-up and five responses take {needed:.1f} s, it lasted {lasted:.1f} s."
            )
        elif not (after := load.sum(start, end)).histograms[0].count:
            reasons.append(no_success(after.named, " after the warm-up"))
        early = _told_early(load, knobs, asked_to_end)
        if early and not failure:
            reasons.append(early)
        late = lag.percentile(99)
        if late > max(LATE_S, LATE_SHARE * mean):
            reasons.append(
                f"The load could not send in time (p99 {1000 * late:.0f} ms late). Use fewer users or a lower rate."
            )
    reasons.extend(missing)
    whole = burst or start >= end
    if whole and not burst:  # so are the answers that came when the load sent nothing any more
        end = max(end, everything.end)
    return Window(origin, origin if whole else start, end, whole, " ".join(reasons))


def _told_early(load: LoadLog, knobs: Mapping[str, Any], asked_to_end: int) -> str:
    """The sentence about a load that was told to end before its duration was over; empty if it was not."""
    duration = float(knobs.get("duration") or 0)
    by_itself = load.ended and load.ended <= asked_to_end
    lasted = (asked_to_end - load.first_send) / 1e9
    if not asked_to_end or by_itself or lasted > duration - EARLY_S:
        return ""
    return f"The run was ended after {lasted:.1f} s of its {duration:g} s. Let it run to its end."


def _end(load: LoadLog, knobs: Mapping[str, Any], burst: bool, asked_to_end: int, now: int) -> int:
    """When the load ceased to send, or for a burst when its last answer came."""
    if burst:
        return load.last_answer or load.last_report or now
    ends = [load.last_report or now]
    duration = float(knobs.get("duration") or 0)
    if duration > 0:
        ends.append(load.first_send + round(duration * 1e9))
    for told in (load.ended, asked_to_end):
        if told:
            ends.append(told)
    return max(min(ends), load.first_send)
