"""A trace made elsewhere (Chrome, Perfetto as JSON, viztracer, …) as a source of batches, like a recording of our own.

First the file is read, event by event, into columns; then the columns become spans, thread by thread. Both happen a bit
at each `poll`, so that a window stays alive; what could not be shown is told by `remarks` at the end.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from explorer.collect.source import Batch
from explorer.option_error import OptionError
from explorer.recording.importers.arrange import Arranged
from explorer.recording.importers.columns import MOST_EVENTS, MOST_PLACES, Columns
from explorer.recording.importers.events import EventReader
from explorer.recording.importers.profiles import MOST_FRAMES, MOST_SPANS
from explorer.recording.importers.words import MOST_NAMES, MOST_TEXTS

SUFFIXES: Final = (".json", ".json.gz")
POLL_EVENTS: Final = 4_000
READING: Final = 0.8
"""The share of the work that reading the file is."""
STATES_SENTENCE: Final = (
    "This trace was made elsewhere and does not say what a thread did within a span: bars are drawn as running, unless "
    "their category is a state or their function is there to wait."
)


def is_trace(path: Path) -> bool:
    """Whether a file is taken for such a trace, by its name."""
    return path.name.lower().endswith(SUFFIXES)


class ChromeSource:
    """Reads a trace in Chrome's JSON format, plain or gzipped. Raises `OptionError`, from the constructor or `poll`.

    `progress` goes from 0 to 1 and `finished` says that all was given; `remarks` are then the sentences about what was
    left out or taken for granted. `run` is empty: nothing is known of how the trace came about.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.run: dict[str, Any] = {}
        self.finished = False
        self.complete = False
        self.remarks: tuple[str, ...] = ()
        self._reader = EventReader(path)
        self._columns: Columns | None = Columns()
        self._arranged: Arranged | None = None
        self._batches: Iterator[Batch] = iter(())
        self._now = 0

    @property
    def progress(self) -> float:
        """Share of the work that was done, 0 to 1."""
        if self.finished:
            return 1.0
        if self._arranged is None:
            return READING * self._reader.progress
        return READING + (1 - READING) * min(1.0, self._arranged.given / self._arranged.total)

    def poll(self) -> Batch:
        """Read on: a batch without anything while the file is being read, then the trace, batch by batch."""
        if self.finished:
            return Batch(self._now)
        if self._columns is not None:
            self._read(self._columns)
            return Batch(self._now)
        batch = next(self._batches, None)
        if batch is None:
            self.finished = True
            self.complete = not self._reader.cut
            return Batch(self._now)
        self._now = batch.now
        return batch

    def close(self) -> None:
        """Let go of the file and of what was read."""
        self._reader.close()
        self._columns = None
        self._batches = iter(())

    def _read(self, columns: Columns) -> None:
        add = columns.add
        for event in self._reader.take(min(POLL_EVENTS, columns.room)):
            add(event)
        if not self._reader.finished and columns.room > 0:
            return
        self._reader.close()
        self._columns = None
        if columns.empty:
            raise OptionError(
                f"{self._path} holds no event that could be shown. Open a trace in Chrome's trace event format (JSON)."
            )
        self._arranged = Arranged(columns)
        self._batches = self._give(self._arranged, columns)

    def _give(self, arranged: Arranged, columns: Columns) -> Iterator[Batch]:
        yield from arranged.batches()
        self.remarks = (STATES_SENTENCE, *_remarks(self._reader, columns, arranged))


def _remarks(reader: EventReader, columns: Columns, arranged: Arranged) -> Iterator[str]:
    """What a user should know of a trace that could not be shown as it is."""
    if reader.damage:
        yield f"The file is damaged and is shown as far as it goes ({reader.damage})."
    elif reader.cut:
        yield "The file ends in the middle of its events and is shown as far as it goes."
    left_out = {
        "cannot be read": reader.malformed,
        "without a usable time or place": columns.unusable - columns.crowded,
        f"beyond {MOST_PLACES:,} threads or counters": columns.crowded,
        "samples of call stacks whose profile's beginning is not in the trace": columns.profiles.headless,
        f"frames of call stacks beyond {MOST_FRAMES:,}": columns.profiles.crowded,
        f"spans of call stacks beyond {MOST_SPANS:,} of a thread": sum(one.cut for one in columns.profiles.shown),
        **arranged.left_out,
    }
    left_out |= {f"of phase {phase}": count for phase, count in sorted(columns.not_shown.items())}
    told = [f"{count:,} {reason}" for reason, count in left_out.items() if count]
    if told:
        yield f"Some events were left out: {', '.join(told)}."
    if samples := columns.profiles.samples:
        yield (
            f'Rows whose names end in "sampled" show {samples:,} samples of call stacks: each counts up to the next, '
            "and a function that stands in neighbouring samples is one span."
        )
    if columns.room <= 0:
        yield f"Only the first {MOST_EVENTS:,} events were read."
    if arranged.unended:
        yield f"{arranged.unended:,} spans have no end in the trace and are drawn up to its end."
    if columns.words.names_left_out:
        yield f"Of more than {MOST_NAMES:,} names the rest is called other."
    if columns.words.texts_left_out:
        yield f"Only the first {MOST_TEXTS:,} different arguments are kept."
