"""A run as one table, a row for each span: what CSV, Arrow and Parquet files hold, column by column.

Columns of text are numbers into a list of texts that is known beforehand, so that a row costs some 80 bytes whatever
its names are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.foreign import deeper_tracks
from explorer.collect.source import Array
from explorer.export import words
from explorer.export.job import Job
from explorer.records.states import Flag

TEXT: Final = "text"
BOOL: Final = "bool"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, NumPy code of its values ("<i8", …), TEXT or BOOL, and the texts of a TEXT column.

    `missing`: some rows may have no value.
    """

    name: str
    code: str
    texts: Sequence[str] = ()
    missing: bool = False


class Table:
    """The columns of a surveyed run, and the rows that a stretch of spans gives."""

    def __init__(self, job: Job) -> None:
        self._survey = job.survey
        self._begin = job.survey.origin
        places = job.places.known
        size = max(job.survey.tracks, default=0) + 1
        titles = ["", *dict.fromkeys(place.title for place in places.values())]
        hosts = ["", *dict.fromkeys(place.process for place in places.values())]
        self._title, self._host = np.zeros(size, np.int32), np.zeros(size, np.int32)
        self._pid = np.zeros(size, np.int64)
        number_of = {text: number for number, text in enumerate(titles)}
        host_number = {text: number for number, text in enumerate(hosts)}
        for number, place in places.items():
            self._title[number] = number_of[place.title]
            self._host[number] = host_number[place.process]
            self._pid[number] = place.pid if place.pid != job.places.requests else 0
        # A thread of a trace made elsewhere is one track here, and its spans are as deep as they lie.
        self._number, self._depth = np.arange(size, dtype="<u4"), np.zeros(size, "u1")
        for first, numbers in deeper_tracks(job.survey.tracks, job.survey.processes).items():
            for depth, number in enumerate(numbers, 1):
                self._number[number], self._depth[number] = first, depth
                self._title[number] = self._title[first]
        # Two processes, or a name and a state, may have the same word; a category must not come twice.
        names = words.span_names(self._survey)
        once = {text: number for number, text in enumerate(dict.fromkeys(names))}
        self._name = np.array([once[text] for text in names], np.int32)
        self.columns = (
            Column("start_s", "<f8"),
            Column("start_ns", "<i8"),
            Column("duration_ns", "<i8"),
            Column("process", TEXT, hosts),
            Column("pid", "<i8"),
            Column("track", TEXT, titles),
            Column("track_id", "<u4"),
            Column("depth", "|u1"),
            Column("kind", TEXT, words.KINDS),
            Column("name", TEXT, list(once)),
            Column("state", TEXT, words.STATES),
            Column("request", "<u8", missing=True),
            Column("request_id", "<u8", missing=True),
            Column("cpu_ns", "<u8", missing=True),
            Column("value", "<u8"),
            Column("finished", BOOL),
        )

    def rows(self, spans: Array) -> list[tuple[Array, Array | None]]:
        """The values of each column, and which rows have one (None: all)."""
        track = np.where(spans["track"] < len(self._pid), spans["track"], 0)
        cpu, taken = words.cpu_ns(spans)
        asked = spans["request"] > 0
        values: list[tuple[Array, Array | None]] = [
            ((spans["start"] - self._begin) / 1e9, None),
            (spans["start"], None),
            (spans["end"] - spans["start"], None),
            (self._host[track], None),
            (self._pid[track], None),
            (self._title[track], None),
            (np.where(spans["track"] < len(self._number), self._number[track], spans["track"]), None),
            (spans["depth"] + self._depth[track], None),
            (words.kinds(spans), None),
            (self._name[words.named(spans, self._survey)], None),
            (words.states(spans), None),
            (words.request_counters(spans), asked),
            (spans["request"], asked),
            (cpu, taken),
            (words.values(spans), None),
            ((spans["flags"] & Flag.BEGIN) == 0, None),
        ]
        return values
