"""When the sampler looked at a process's GIL: what shares are of, and the sentence that says why there are none.

Nothing is recorded while nobody holds a GIL. That it was looked at is known from the tenths of a second in which
somebody held it, from counts of who waits for it, and from the period, which is told about once a second.
"""

from typing import Final

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, bucket_of
from explorer.analysis.run_log import RunLog
from explorer.collect.source import Array, Process
from explorer.records.states import Role

TOO_SOON: Final = "It was not looked at; it may have been over too soon."
SWITCHED_OFF: Final = "Sampling was switched off (server.sampling is 0)."
NEVER_TOLD: Final = "The process never told where its GIL is."
NO_SAMPLER: Final = "No sampler took part in this run."
ELSEWHERE: Final = "It ran on another host, and only processes of this one are looked at."
NOT_THERE: Final = "It did not run in the measuring window."
GAP: Final = 16
"""Between two signs that are so many buckets apart it was looked at: the period is told at least so often."""
TOLD: Final = 10
"""A period is that of about so many buckets before."""
TELLS_WITHIN_NS: Final = 3_000_000_000
"""A process that has lived so long would have told where its GIL is."""


class Looked:
    """When processes were looked at in the buckets from `begin` up to `end`; `off`: the scenario wants no sampling."""

    def __init__(self, run: RunLog, begin: int, end: int, *, off: bool = False) -> None:
        self._run = run
        self._begin = begin
        self._end = end
        self._off = off
        self.samplers = [each for each in run.processes.values() if each.role is Role.SAMPLER]

    @property
    def sampler_ended(self) -> int | None:
        """When (ns) the last sampler ended; None while there is one, and if there was none."""
        ends = [sampler.ended_ns for sampler in self.samplers]
        return max((end for end in ends if end is not None), default=None) if None not in ends else None

    def ended_early(self, process: Process | None = None) -> bool:
        """Whether the sampler ended before the window did, or before the part of it in which a process lived."""
        ended = self.sampler_ended
        if ended is None:
            return False
        wanted = self._end * BUCKET_NS
        if process is not None and process.ended_ns is not None:
            wanted = min(wanted, process.ended_ns)
        if self._run.asked_to_end:  # from then on all processes end
            wanted = min(wanted, self._run.asked_to_end)
        return ended < wanted - BUCKET_NS

    def until(self, process: Process) -> int:
        """Up to when (ns) what was seen of a process may be taken to last."""
        ends = (self._run.now, process.ended_ns, self.sampler_ended)
        return min(end for end in ends if end is not None)

    def lived(self, process: Process) -> float:
        """Seconds of the window in which a process lived."""
        ended = process.ended_ns if process.ended_ns is not None else self._end * BUCKET_NS
        begin, end = max(process.started_ns, self._begin * BUCKET_NS), min(ended, self._end * BUCKET_NS)
        return max(0, end - begin) / 1e9

    def buckets(self, process: Process, signs: list[int], periods: list[int]) -> Array:
        """Whether its GIL was looked at in each bucket, (end - begin,) of bool.

        `signs` are tracks of what is seen of it, `periods` those of the counter of the period.
        """
        log = self._run.sampled
        low, high = self._begin - GAP, self._end + GAP
        until = self.until(process)
        found = log.known(signs, low, high, until)
        told = log.known(periods, low, high + TOLD, until)
        for back in range(TOLD):
            found |= told[back : back + high - low]
        known = np.flatnonzero(found)
        if not len(known):
            return found[GAP:-GAP]
        behind = min(max(bucket_of(until) + 1 - low, 0), high - low)
        if behind - known[-1] <= GAP:  # the next sign is still to come, or came no more because it was over
            found[known[-1] : behind] = True
        for gap in np.flatnonzero(np.diff(known) <= GAP).tolist():
            found[known[gap] : known[gap + 1]] = True
        found[behind:] = False
        found[: max(0, bucket_of(process.started_ns) - low)] = False
        return found[GAP:-GAP]

    def too_little(self, process: Process, seconds: float) -> str:
        """Why it makes no figures that a process's GIL was looked at for so long; empty if it does."""
        lived = self.lived(process)
        if lived and seconds >= lived / 2 and not self.ended_early(process):
            return ""
        return self._why(process, seconds, lived)

    def _why(self, process: Process, seconds: float, lived: float) -> str:
        ended = self.sampler_ended
        if process.host:
            return ELSEWHERE
        if not lived:
            return NOT_THERE
        if self._off:
            return SWITCHED_OFF
        if not self.samplers:
            return NO_SAMPLER
        if ended is not None and self.ended_early(process):
            began = min(sampler.started_ns for sampler in self.samplers)
            return f"The sampler ended after {(ended - began) / 1e9:.1f} s."
        if seconds:
            return f"It was looked at for {seconds:.1f} s of {lived:.1f} s only."
        return NEVER_TOLD if self.until(process) - process.started_ns >= TELLS_WITHIN_NS else TOO_SOON
