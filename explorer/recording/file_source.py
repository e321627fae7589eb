"""A recorded run as a `Source`: gives the batches again that the recorder was fed, joined into larger ones.

`events.jsonl` is the thread: a `flush` line says how many rows of which segment belong to what was said before it. Rows
behind the last flush line (the recorder was killed between two writes) come at the end.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.collect.source import Array, Batch, Tally
from explorer.option_error import OptionError
from explorer.recording import lines, note_files
from explorer.recording.arrow import COUNTERS, SPANS, Table, read_batches
from explorer.recording.files import DAMAGE, RunFiles, open_files, read_run, reason_of
from explorer.recording.segments import NAME, file_name

CHUNK_SPANS: Final = 100_000
CHUNK_LINES: Final = 5_000
LONGEST_LINE: Final = 64 << 20
MOST_AHEAD: Final = 1_000
"""Names are numbered one after the other; one so far ahead of their count would only fill the memory."""


LEEWAY_NS: Final = 3_600 * 1_000_000_000


class FileSource:
    """Reads a .cxrec archive or a run folder. Raises `OptionError` with one sentence, from the constructor or `poll`.

    Each `poll` gives about `chunk_spans` spans, so that a window stays alive while a long recording loads. `run` is the
    contents of run.json; `finished` says that all was given, `complete` (known then) that the recorder closed the
    recording in order; `unreadable_notes` is empty or says that the user's notes are damaged; `progress` goes from 0 to
    1.
    """

    def __init__(self, path: Path, *, chunk_spans: int = CHUNK_SPANS) -> None:
        self._chunk_spans = chunk_spans
        self._files = open_files(path)
        try:
            self.run = read_run(self._files)
            self._log = _Log(self._files)
        except BaseException:
            self._files.close()
            raise
        self._rows = {table.name: _Rows(self._files, table) for table in (SPANS, COUNTERS)}
        self._tally = Tally()
        self._now = self._names = self._began = self._written = 0
        self._rest: dict[str, Iterator[Array]] = {}
        self.finished = False
        self.complete = False
        self.unreadable_notes = ""

    @property
    def progress(self) -> float:
        """Share of the recording that was given, 0 to 1."""
        return 1.0 if self.finished else self._log.progress

    def poll(self) -> Batch:
        """The next stretch of the recording; a batch with empty parts when all was given."""
        batch = Batch(now=self._now, tally=self._tally)
        if self.finished:
            return batch
        rows: dict[str, list[Array]] = {name: [] for name in self._rows}
        count = 0
        for _ in range(CHUNK_LINES):
            line = self._log.next()
            if line is None:
                self._add_rest(batch, rows)
                break
            self._take(batch, line)
            if line.get("type") == "flush":
                self._written = batch.now
                for name, gathered in rows.items():
                    if name in line:
                        gathered.append(self._rows[name].take(*self._place(line[name])))
                count = sum(map(len, rows[SPANS.name]))
                if count >= self._chunk_spans:
                    break
        batch.spans, batch.samples = (_joined(rows[table.name], table) for table in (SPANS, COUNTERS))
        if bool(((batch.spans["start"] < 0) | (batch.spans["end"] < batch.spans["start"])).any()):
            raise OptionError(
                f"{self._files.path} is damaged: it holds spans that end before they begin. Open another one."
            )
        self._check_times(batch)
        self._now, self._tally = batch.now, batch.tally
        return batch

    def close(self) -> None:
        """Let go of the files."""
        for rows in self._rows.values():
            rows.close()
        self._log.close()
        self._files.close()

    def _check_times(self, batch: Batch) -> None:
        """What ended an hour before the recording began, or after it was written, is damage, and would fill memory.

        So would what began an hour before the run: a rolling recording begins later.
        """
        known = self._written
        if not known:  # no line says when anything was written
            return
        self._began = self._began or known
        for times in (batch.spans["end"], batch.samples["time"]):
            if len(times) and not (self._began - LEEWAY_NS < times.min() and times.max() < known + LEEWAY_NS):
                raise self._beyond()
        anchor = self.run.get("anchor")
        run_began = anchor.get("monotonic_ns") if isinstance(anchor, dict) else None
        if isinstance(run_began, int) and bool((batch.spans["start"] < min(run_began, self._began) - LEEWAY_NS).any()):
            raise self._beyond()

    def _beyond(self) -> OptionError:
        return OptionError(f"{self._files.path} is damaged: it holds times beyond its own. Open another one.")

    def _take(self, batch: Batch, line: lines.Line) -> None:
        self.complete = line.get("type") == "end"
        try:
            newer = line.get("type") == "begin" and lines.version_of(line) > lines.VERSION
            lines.add_to(batch, line)
            if line.get("type") == "name":
                self._names += 1
                if batch.names[-1][0] > self._names + MOST_AHEAD:
                    raise ValueError("a name with a number far beyond the others")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise self._log.damaged(error) from None
        if newer:
            raise OptionError(f"{self._files.path} was written by a newer version of this program. Update to open it.")

    def _place(self, place: Any) -> tuple[int, int]:
        match place:
            case [int(segment), int(count)] if count >= 0:
                return segment, count
        raise self._log.damaged("a flush without its rows")

    def _add_rest(self, batch: Batch, rows: dict[str, list[Array]]) -> None:
        """What stands behind the last flush line: all of it where the log is lost, hence in stretches too."""
        self.finished = True
        for name, gathered in rows.items():
            count = 0
            for each in self._rest.setdefault(name, self._rows[name].rest()):
                gathered.append(each)
                count += len(each)
                if count >= self._chunk_spans:
                    self.finished = False
                    break
        ends = [int(each["end"].max()) for each in rows[SPANS.name] if len(each)]
        batch.now = max([batch.now, *ends])
        if not self.finished:
            return
        try:
            batch.events.extend(note_files.read(self._files))
        except OptionError as error:
            self.unreadable_notes = str(error)


class _Log:
    """The lines of events.jsonl, one after the other. A last line that was cut short is left out."""

    def __init__(self, files: RunFiles) -> None:
        self._path = files.path
        self._number = self._done = 0
        present = "events.jsonl" in files.names()
        self._size = files.size("events.jsonl") if present else 0
        self._file: io.BufferedIOBase | None = files.open("events.jsonl") if present else None

    @property
    def progress(self) -> float:
        return min(1.0, self._done / self._size) if self._size else 1.0

    def next(self) -> lines.Line | None:
        """The next line, None at the end."""
        if self._file is None:
            return None
        self._number += 1
        try:
            text = self._file.readline(LONGEST_LINE)
        except DAMAGE as error:
            raise self.damaged(error) from None
        self._done += len(text)
        if not text.endswith(b"\n") and len(text) < LONGEST_LINE:
            return None
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.damaged(error) from None
        if not isinstance(line, dict):
            raise self.damaged("no object")
        return line

    def damaged(self, reason: object) -> OptionError:
        """The sentence for a line that cannot be used."""
        why = reason_of(reason) if isinstance(reason, Exception) else reason
        return OptionError(
            f"{self._path} is damaged: line {self._number} of events.jsonl cannot be read ({why}). Open another one."
        )

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Rows:
    """The batches of one table, segment after segment. A segment that is missing was dropped while recording."""

    def __init__(self, files: RunFiles, table: Table) -> None:
        self._files = files
        self._table = table
        found = (NAME.fullmatch(name) for name in files.names())
        self._numbers = sorted(int(match[2]) for match in found if match and match[1] == table.name)
        self._present = 0
        self._batches: Iterator[Array] = iter(())

    def take(self, segment: int, count: int) -> Array:
        """The next batch of a segment, at most `count` rows; none if it is not there."""
        if segment != self._present:
            self._go_to(segment)
        return next(self._batches, np.zeros(0, self._table.dtype))[:count]

    def rest(self) -> Iterator[Array]:
        """Everything that was not taken."""
        yield from self._batches
        for number in self._numbers:
            if number > self._present:
                self._go_to(number)
                yield from self._batches

    def close(self) -> None:
        """Close the file that is being read."""
        closing = getattr(self._batches, "close", None)
        if closing is not None:
            closing()

    def _go_to(self, segment: int) -> None:
        self.close()
        self._present = segment
        self._batches = iter(())
        if segment in self._numbers:
            name = file_name(self._table.name, segment)
            self._batches = read_batches(self._table, self._files.open(name), name)


def _joined(parts: list[Array], table: Table) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0, table.dtype)
