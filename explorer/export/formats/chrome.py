"""The Trace Event format of Chrome: JSON that Chrome, Perfetto and many other viewers open.

Times are µs with three decimals. Names of processes and threads are metadata events; a request's way is a flow whose
steps bind to the spans that work on it, in order of time: s, t, t, … f.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export import words
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.places import LOST, MARKERS, NO_PID, Places
from explorer.export.survey import WORKING, Survey, at_work
from explorer.records.states import Flag, Kind, TrackKind

LOST_ROW: Final = 1 << 26
"""No track has such a number."""


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as Chrome JSON, an event a line."""
    stretches = job.stretches()
    writer = _Writer(job.survey, job.places)
    head = {"displayTimeUnit": "ns", "otherData": words.about(job.recorded.run)}
    file.write(json.dumps(head)[:-1].encode() + b', "traceEvents": [\n')
    file.write(",\n".join([*_metadata(job.places), *_moments(job)]).encode())
    for spans, samples in stretches:
        lines = [*writer.events(spans), *writer.samples(samples)]
        if lines:
            file.write((",\n" + ",\n".join(lines)).encode())
    file.write(b"\n]}\n")


def _metadata(places: Places) -> Iterator[str]:
    for pid, host in places.hosts.items():
        title = f"{host.title}: {host.label}" if host.label and host.label != host.title else host.title
        yield _meta("process_name", pid, 0, {"name": title})
        yield _meta("process_sort_index", pid, 0, {"sort_index": host.rank})
    for rank, place in enumerate(places.all.values()):
        if place.track.kind is not TrackKind.COUNTER:
            below = places.known.get(place.below)
            title = f"{below.title}, {place.title}" if below is not None else place.title
            yield _meta("thread_name", place.pid, place.tid, {"name": title})
            yield _meta("thread_sort_index", place.pid, place.tid, {"sort_index": rank})


def _meta(name: str, pid: int, tid: int, args: dict[str, Any]) -> str:
    return json.dumps({"ph": "M", "name": name, "pid": pid, "tid": tid, "args": args})


def _moments(job: Job) -> Iterator[str]:
    """Markers and losses: instants on rows of their own."""
    begin, end = job.range
    pid = job.places.requests
    rows = {MARKERS: NO_PID} | ({LOST: NO_PID + LOST_ROW} if job.survey.losses else {})
    for title, tid in rows.items():
        yield _meta("thread_name", pid, tid, {"name": title})
        yield _meta("thread_sort_index", pid, tid, {"sort_index": -1})
    told = [(marker.time, MARKERS, marker.text, {"detail": marker.detail}) for marker in job.survey.markers]
    for loss in job.survey.losses:
        told.append((loss.start, LOST, f"{loss.count:,} records lost", {"detail": f"{loss.end - loss.start:,} ns"}))
    for time, category, name, args in told:
        if begin <= time <= end:
            where = {"pid": pid, "tid": rows[category], "args": args}
            yield (
                json.dumps({"ph": "i", "s": "t", "name": name, "cat": category, **where})[:-1]
                + f', "ts": {_us(time)}}}'
            )


class _Writer:
    """Turns spans and samples into lines."""

    def __init__(self, survey: Survey, places: Places) -> None:
        self._survey = survey
        self._names = [json.dumps(text) for text in words.span_names(survey)]
        self._states = [json.dumps(text) for text in words.STATES]
        self._kinds = [json.dumps(text) for text in words.KINDS]
        self._at = {number: f'"pid": {place.pid}, "tid": {place.tid}' for number, place in places.all.items()}
        self._counters = {
            number: f'"pid": {place.pid}, "tid": 0, "name": {json.dumps(place.title)}, "args": '
            f"{{{json.dumps(place.track.unit or 'value')}"
            for number, place in places.all.items()
            if place.track.kind is TrackKind.COUNTER
        }
        self._working = survey.kinds(*WORKING)
        self._under_way: set[int] = set()

    def events(self, spans: Array) -> Iterator[str]:
        """A line for each span, and one for each step of a request's way."""
        steps, last = self._steps(spans)
        cpu, taken = words.cpu_ns(spans)
        rows = zip(
            spans["track"].tolist(),
            spans["start"].tolist(),
            (spans["end"] - spans["start"]).tolist(),
            words.named(spans, self._survey).tolist(),
            words.states(spans).tolist(),
            words.kinds(spans).tolist(),
            spans["flags"].tolist(),
            spans["request"].tolist(),
            words.request_counters(spans).tolist(),
            np.where(taken, cpu, 0).tolist(),
            taken.tolist(),
            steps.tolist(),
            last.tolist(),
            strict=True,
        )
        for track, start, length, name, state, kind, flags, request, counter, ran, has_cpu, step, is_last in rows:
            at, time = self._at[track], _us(start)
            args = f'"kind": {self._kinds[kind]}'
            if request:
                args += f', "request": {counter}'
            if has_cpu:
                args += f', "cpu_us": {_us(ran)}'
            if flags & Flag.INSTANT:
                how = '"ph": "i", "s": "t"'
            elif flags & Flag.BEGIN:
                how = '"ph": "B"'
            else:
                how = f'"ph": "X", "dur": {_us(length)}'
            label = f'"name": {self._names[name]}, "cat": {self._states[state]}'
            yield f'{{{how}, {label}, "ts": {time}, {at}, "args": {{{args}}}}}'
            if step and (phase := self._phase(request, is_last)):
                bind = ', "bp": "e"' if phase == "f" else ""
                flow = f'"ph": "{phase}", "id": "{request:#x}", "name": "request", "cat": "request"'
                yield f'{{{flow}, "ts": {time}, {at}{bind}}}'

    def samples(self, samples: Array) -> Iterator[str]:
        """A line for each sample."""
        columns = (samples[name].tolist() for name in ("track", "time", "value"))
        for track, time, value in zip(*columns, strict=True):
            if track in self._counters and np.isfinite(value):
                yield f'{{"ph": "C", "ts": {_us(time)}, {self._counters[track]}: {value!r}}}}}'

    def _steps(self, spans: Array) -> tuple[Array, Array]:
        """Which spans are a step of a request's way, and which the last."""
        works = at_work(spans, self._working)
        steps = (spans["request"] > 0) & (works | (spans["kind"] == Kind.REQUEST))
        last = np.zeros(len(spans), bool)
        last[steps] = self._survey.requests.rows(spans["request"][steps])["last"] == spans["start"][steps]
        return steps, last & works

    def _phase(self, request: int, is_last: bool) -> str:
        if request in self._under_way:
            if not is_last:
                return "t"
            self._under_way.discard(request)
            return "f"
        if is_last:  # it has nothing before it in the chosen part
            return ""
        self._under_way.add(request)
        return "s"


def _us(ns: int) -> str:
    """Nanoseconds as µs with three decimals."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    return f"{sign}{ns // 1000}.{ns % 1000:03d}"


feature = Format(
    id="chrome",
    title="Chrome JSON",
    suffix=".json",
    sentence="Opens in chrome://tracing, the Perfetto UI and other viewers of trace events.",
    order=2,
    write=write,
)
