"""Perfetto's own format: a row of packets, each with a track's description, names, or an event on a track.

Names and categories are written once and referred to by number (interned), processes and threads are told as such, and
whatever works on a request has the request's number as its flow, from which the viewer draws the arrows. The numbers of
fields are those of perfetto's `protos/perfetto/trace`.
"""

from typing import Any, BinaryIO, Final

import numpy as np

from explorer.collect.source import Array
from explorer.export import words
from explorer.export.format import Format
from explorer.export.job import Job
from explorer.export.places import LOST, MARKERS, REQUESTS, Place, Places
from explorer.export.protobuf import Columns, data, number
from explorer.export.survey import WORKING, Survey, at_work
from explorer.records.states import Flag, Kind, TrackKind

PACKET: Final = 1
CLOCKS, TIME, SEQUENCE, EVENT, INTERNED, FLAGS, DESCRIPTOR = 6, 8, 10, 11, 12, 13, 60
TYPE, TRACK, CATEGORY, NAME, FLOW, ANNOTATION, FLOAT = 9, 11, 3, 10, 47, 4, 44
BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4
CLEARED, NEEDED = 1, 2
MONOTONIC, REALTIME = 3, 1
EXPLICIT: Final = 3
ONE: Final = 1
"""The sequence that all packets belong to."""
AT_ONCE: Final = 2_000
PROCESS: Final = 1 << 32
GROUP: Final = 1 << 33
REQUESTS_UUID, MARKERS_UUID, LOST_UUID = (1 << 34) + 1, (1 << 34) + 2, (1 << 34) + 3
ANNOTATIONS: Final = ("request", "cpu_ns", "value", "kind")


def write(job: Job, file: BinaryIO) -> None:
    """Write the run as a Perfetto trace."""
    survey, places = job.survey, job.places
    stretches = job.stretches()
    file.write(_beginning(job))
    file.write(_descriptors(survey, places))
    file.write(_names(survey))
    file.write(_moments(job))
    working = survey.kinds(*WORKING)
    for spans, samples in stretches:
        if len(spans):
            file.write(_events(spans, survey, working))
        if len(samples):
            file.write(_samples(samples, places))


def _packet(*fields: bytes, flags: int = NEEDED) -> bytes:
    return data(PACKET, b"".join(fields) + number(SEQUENCE, ONE) + number(FLAGS, flags))


def _beginning(job: Job) -> bytes:
    """The clock, tied to the calendar, and the beginning of the one sequence."""
    anchor = job.recorded.run.get("anchor")
    moments: dict[str, Any] = anchor if isinstance(anchor, dict) else {}
    clocks = [data(1, number(1, MONOTONIC) + number(2, int(moments.get("monotonic_ns", job.survey.first))))]
    if "wall_ns" in moments:
        clocks.append(data(1, number(1, REALTIME) + number(2, int(moments["wall_ns"]))))
    return _packet(data(CLOCKS, b"".join(clocks) + number(2, MONOTONIC)), flags=CLEARED)


def _descriptors(survey: Survey, places: Places) -> bytes:
    found = [
        _packet(data(DESCRIPTOR, number(1, uuid) + data(2, name) + number(12, rank) + number(11, EXPLICIT)))
        for rank, (uuid, name) in enumerate(((MARKERS_UUID, MARKERS), (LOST_UUID, LOST), (REQUESTS_UUID, REQUESTS)), -3)
        if uuid != LOST_UUID or survey.losses
    ]
    for pid, host in places.hosts.items():
        if pid != places.requests:
            title = f"{host.title}: {host.label}" if host.label and host.label != host.title else host.title
            process = number(1, pid) + data(6, title) + number(7, host.started_ns)
            uuid = number(1, PROCESS + pid)
            found.append(_packet(data(DESCRIPTOR, uuid + data(3, process) + number(12, host.rank))))
    routes = {place.track.parent for place in places.all.values() if place.pid == places.requests}
    for route in sorted(routes & survey.tracks.keys()):
        name = survey.tracks[route].name or "Other requests"
        below = number(5, REQUESTS_UUID) + number(11, EXPLICIT)
        found.append(_packet(data(DESCRIPTOR, number(1, GROUP + route) + data(2, name) + below)))
    found += [_descriptor(place, places, rank) for rank, place in enumerate(places.all.values())]
    return b"".join(found)


def _descriptor(place: Place, places: Places, rank: int) -> bytes:
    track = place.track
    fields = number(1, track.number)
    if place.thread:
        fields += data(4, number(1, place.pid) + number(2, place.tid) + data(5, place.title))
    else:
        fields += data(2, place.title)
    if track.kind is TrackKind.COUNTER:
        fields += data(8, data(6, track.unit) if track.unit else b"")
    return _packet(data(DESCRIPTOR, fields + number(5, _parent(place, places)) + number(12, rank)))


def _parent(place: Place, places: Places) -> int:
    if place.pid == places.requests:
        return GROUP + place.below if place.below else REQUESTS_UUID
    return place.below or PROCESS + place.pid


def _names(survey: Survey) -> bytes:
    """Every name, state and kind that an event may refer to, with its number."""
    tables = ((2, words.span_names(survey)), (1, words.STATES), (3, ANNOTATIONS), (29, words.KINDS))
    found = []
    for table, texts in tables:
        for first in range(0, len(texts), AT_ONCE):
            part = enumerate(texts[first : first + AT_ONCE], first + 1)
            found.append(
                _packet(data(INTERNED, b"".join(data(table, number(1, at) + data(2, text)) for at, text in part)))
            )
    return b"".join(found)


def _moments(job: Job) -> bytes:
    """Markers and losses: instants on tracks of their own."""
    begin, end = job.range
    told = [(marker.time, MARKERS_UUID, marker.text, marker.detail) for marker in job.survey.markers]
    for loss in job.survey.losses:
        length = f"over {(loss.end - loss.start) / 1e6:,.3f} ms, on {len(loss.tracks)} tracks"
        told.append((loss.start, LOST_UUID, f"{loss.count:,} records lost", length))
    about = " · ".join(f"{key}: {value}" for key, value in words.about(job.recorded.run).items())
    told.append((max(begin, job.survey.first), MARKERS_UUID, "Recording", about))
    return b"".join(_instant(*one) for one in told if begin <= one[0] <= end)


def _instant(time: int, track: int, name: str, detail: str) -> bytes:
    event = number(TYPE, INSTANT) + number(TRACK, track) + data(23, name)
    if detail:
        event += data(ANNOTATION, data(10, "detail") + data(6, detail))
    return _packet(number(TIME, time), data(EVENT, event))


def _events(spans: Array, survey: Survey, working: Array) -> bytes:
    """A begin and an end for each span, in the order in which the viewer nests them."""
    order, is_end = _event_order(spans)
    spans = spans[order]
    instant = (spans["flags"] & Flag.INSTANT) > 0
    begins = ~is_end
    request = spans["request"]
    flows = begins & (request > 0) & ((spans["kind"] == Kind.REQUEST) | at_work(spans, working))
    event = Columns(len(spans))
    event.number(TYPE, np.where(is_end, END, np.where(instant, INSTANT, BEGIN)))
    event.number(TRACK, spans["track"])
    event.number(CATEGORY, words.states(spans) + 1, begins)
    event.number(NAME, words.named(spans, survey) + 1, begins)
    event.fixed64(FLOW, request, flows)
    cpu, taken = words.cpu_ns(spans)
    _annotate(event, 1, 3, words.request_counters(spans), begins & (request > 0))
    _annotate(event, 2, 3, cpu, begins & taken)
    _annotate(event, 3, 3, words.values(spans), begins & (words.values(spans) > 0))
    _annotate(event, 4, 17, words.kinds(spans) + 1, begins)
    return _packets(np.where(is_end, spans["end"], spans["start"]), event)


def _event_order(spans: Array) -> tuple[Array, Array]:
    """Which span each event belongs to, and whether it is its end, in order of time.

    At one moment ends come before begins, but for spans without a length, and outer begins before inner ones. What had
    not ended gets no end, and an instant has none.
    """
    count = len(spans)
    ended = np.flatnonzero((spans["flags"] & (Flag.BEGIN | Flag.INSTANT)) == 0)
    of = np.concatenate([np.arange(count), ended])
    is_end = np.concatenate([np.zeros(count, bool), np.ones(len(ended), bool)])
    time = np.where(is_end, spans["end"][of], spans["start"][of])
    later = ~is_end | (spans["end"][of] == spans["start"][of])
    depth = spans["depth"][of].astype(np.int16)
    order = np.lexsort((is_end, of, np.where(later, depth, -depth), later, time))
    return of[order], is_end[order]


def _annotate(event: Columns, name: int, field: int, values: Array, present: Array) -> None:
    note = Columns(event.count)
    note.number(1, np.full(event.count, name))
    note.number(field, values)
    event.message(ANNOTATION, note, present)


def _samples(samples: Array, places: Places) -> bytes:
    shown = np.isin(samples["track"], list(places.all))
    samples = samples[shown]
    event = Columns(len(samples))
    event.number(TYPE, np.full(len(samples), COUNTER))
    event.number(TRACK, samples["track"])
    event.fixed64(FLOAT, samples["value"])
    return _packets(samples["time"], event)


def _packets(times: Array, event: Columns) -> bytes:
    packet, packets = Columns(event.count), Columns(event.count)
    packet.number(TIME, times)
    packet.number(SEQUENCE, np.full(event.count, ONE))
    packet.number(FLAGS, np.full(event.count, NEEDED))
    packet.message(EVENT, event)
    packets.message(PACKET, packet)
    return packets.to_bytes()


feature = Format(
    id="perfetto",
    title="Perfetto trace",
    suffix=".pftrace",
    sentence="Opens in the Perfetto UI with tracks, names, counters and the arrows of each request.",
    order=1,
    write=write,
)
