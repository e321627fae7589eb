"""The recorder: takes the batches of a live run and keeps them in the run folder, from the first to the last.

It runs on the collector's thread, behind the source and beside store and statistics. Batches are gathered for up to
100 ms and then written together, each part flushed to the system: a crash loses at most what was gathered. Without
`keep_all` segments and log together are a rolling set; with it they grow until little of the disk is left, and then
recording stops and says so.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np

from explorer.collect.source import Array, Batch, OpenLock, OpenSpan, Tally
from explorer.recording import lines
from explorer.recording.arrow import COUNTERS, SPANS
from explorer.recording.segments import SegmentWriter
from explorer.recording.shorten import shorten

MIB: Final = 1 << 20
GIB: Final = 1 << 30
SEGMENT_BYTES: Final = 64 * MIB
ROLLING_BYTES: Final = 2 * GIB
KEEP_ALL_RESERVE: Final = GIB
LOG_SHARE: Final = 32
"""A rolling log is shortened from this part of the limit on (64 MiB): that takes a fifth of a second."""
ROLLING_RESERVE: Final = 64 * MIB
FLUSH_NS: Final = 100_000_000
FLUSH_SPANS: Final = 100_000
"""Spans after which a group is written early, so that a burst does not pile up in memory."""


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk that holds `folder`."""
    return shutil.disk_usage(folder).free


class RecordingWriter:
    """Writes batches into a run folder. `feed` each batch, then `close`; both from one thread.

    `stopped` is empty, or the sentence that says why spans are no longer written; figures and markers go on as long as
    the disk takes them. `rolled` is empty, or says that the beginning is no longer kept. Want of disk space raises
    nothing. `free` returns the free bytes of the disk of a folder.
    """

    def __init__(
        self,
        run: Path,
        *,
        keep_all: bool = False,
        limit_bytes: int = ROLLING_BYTES,
        segment_bytes: int = SEGMENT_BYTES,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._run = run
        self._limit = None if keep_all else limit_bytes
        self._reserve = KEEP_ALL_RESERVE if keep_all else ROLLING_RESERVE
        self._free = free
        self.stopped = ""
        self.rolled = ""
        self._spans: list[Array] = []
        self._samples: list[Array] = []
        self._waiting = 0
        self._open: list[OpenSpan] | None = None
        self._locks: list[OpenLock] | None = None
        self._tally = Tally()
        self._now = self._flushed = 0
        self._closed = False
        self._lines: list[str] = []
        self._log_kept = 0
        self._log_outlives = False
        self._put({"type": "begin", "version": lines.VERSION, "pid": os.getpid(), "wall_ns": time.time_ns()})
        self._log = self._open_log()
        self._write_lines()  # at once, so that whoever tidies up sees that this run has a living recorder
        self._segments = (SegmentWriter(run, SPANS, segment_bytes), SegmentWriter(run, COUNTERS, segment_bytes))

    @property
    def bytes_written(self) -> int:
        """Bytes of the segments that are on disk now."""
        return sum(segment.total for segment in self._segments)

    def feed(self, batch: Batch) -> None:
        """Take in a batch; writes when the last write was 100 ms or more ago by the batches' own clock."""
        if self._closed:
            return
        self._now = max(self._now, batch.now)
        self._tally = batch.tally
        for line in lines.lines_of(batch):
            self._put(line)
        if batch.open_spans is not None:
            self._open = batch.open_spans
        if batch.locks is not None:
            self._locks = batch.locks
        if not self.stopped:
            if len(batch.spans):
                self._spans.append(batch.spans)
                self._waiting += len(batch.spans)
            if len(batch.samples):
                self._samples.append(batch.samples)
        if self._now - self._flushed >= FLUSH_NS or self._waiting >= FLUSH_SPANS:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        if self._closed:
            return
        self._flushed = self._now
        if self._open is not None:
            self._put(lines.open_line(self._open))
            self._open = None
        if self._locks is not None:
            self._put(lines.locks_line(self._locks))
            self._locks = None
        try:
            self._write_lines()
            rows = self._write_rows()
            self._put(lines.flush_line(self._now, self._tally, rows))
            self._write_lines()
        except OSError as error:
            self._give_up(error)
        finally:
            self._forget()

    def close(self) -> None:
        """Write the rest and mark the recording as complete. Raises nothing; may be called more than once."""
        if self._closed:
            return
        self.flush()
        if self._closed:
            return
        try:
            for segment in self._segments:
                segment.close()
            self._put({"type": "end", "now": self._now})
            self._write_lines()
            self._closed = True
            self._log.close()
        except OSError as error:
            self._give_up(error)

    def _open_log(self) -> TextIO:
        return (self._run / "events.jsonl").open("a", encoding="utf-8")

    def _put(self, line: Mapping[str, Any]) -> None:
        self._lines.append(lines.encode(line))

    def _say(self, text: str, **more: str) -> None:
        """Put a sentence about the recording itself into the run's log."""
        self._put({"type": "event", "event": {"type": "recording", "time": self._now, "text": text, **more}})

    def _write_lines(self) -> None:
        self._log.writelines(self._lines)
        self._lines.clear()
        self._log.flush()

    def _write_rows(self) -> dict[str, tuple[int, int]]:
        """Write the gathered rows; what was written, by table, for the flush line."""
        if not self.stopped and self._free(self._run) < self._reserve:
            self._stop(f"less than {_size(self._reserve)} of the disk is left")
        written = {}
        for segment, gathered in zip(self._segments, (self._spans, self._samples), strict=True):
            if gathered and not self.stopped:
                rows = np.concatenate(gathered) if len(gathered) > 1 else gathered[0]
                written[segment.table.name] = segment.write(rows)
        self._roll()
        return written

    def _forget(self) -> None:
        """Let go of the gathered rows, written or not: a disk that refuses must not fill the memory instead."""
        self._spans.clear()
        self._samples.clear()
        self._waiting = 0

    def _roll(self) -> None:
        """Keep the segments and the log of an unsaved run below their limit."""
        if self._limit is None:
            return
        spans, counters = self._segments
        log = os.fstat(self._log.fileno()).st_size
        while self.bytes_written + log > self._limit:
            oldest = spans.give_oldest() or counters.give_oldest()
            if oldest is None:
                break
            self._log_outlives = True
            kept = _size(self._limit)
            self.rolled = (
                f"The run is long: its recording keeps the last {kept} from here on, and so will the saved file."
            )
            text = f"{oldest.name} was dropped: an unsaved run keeps its last {kept}."
            self._say(text, dropped=oldest.name)
            self._write_lines()  # first: who misses the segment finds out why
            oldest.unlink(missing_ok=True)
        if self._log_outlives and log > max(self._limit // LOG_SHARE, 2 * self._log_kept):
            self._shorten_log()

    def _shorten_log(self) -> None:
        """Drop from the log what belongs to dropped segments; a disk too full for that leaves it as it is."""
        self._write_lines()
        self._log.close()
        with contextlib.suppress(OSError):
            shorten(self._run / "events.jsonl", {each.table.name: each.oldest for each in self._segments})
            self._say("What the load reported before the oldest spans that are left was dropped with the others.")
        self._log = self._open_log()
        self._log_kept = os.fstat(self._log.fileno()).st_size
        self._log_outlives = False

    def _stop(self, reason: str) -> None:
        """Write no more rows."""
        self.stopped = (
            f"Recording stopped because {reason}; what was recorded until then is kept. "
            "Free some space before the next run."
        )
        self._say(self.stopped)
        for segment in self._segments:
            segment.close()

    def _give_up(self, error: OSError) -> None:
        """The disk takes nothing more, not even the log."""
        self._closed = True
        self.stopped = (
            f"Recording stopped because the disk refused to write ({error.strerror or error}); what was recorded until "
            "then is kept. Free some space before the next run."
        )
        for file in (self._log, *self._segments):
            try:
                file.close()
            except OSError:
                pass  # what is still buffered has no place


def _size(count: int) -> str:
    """Bytes in words, such as "2 GiB"."""
    return f"{count / GIB:g} GiB" if count >= GIB else f"{count / MIB:g} MiB"
