"""Segment files of one table: one after the other, each up to a size, so that the oldest can be dropped whole."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from explorer.collect.source import Array
from explorer.recording.arrow import Table, stream_writer

NAME: Final = re.compile(r"(spans|counters)-(\d{4,9})\.arrows")


_ERRNO: Final = re.compile(r"\[Errno (\d+)\]")


def file_name(table: str, number: int) -> str:
    """The name of a segment file, numbered from 1."""
    return f"{table}-{number:04}.arrows"


class SegmentWriter:
    """Writes the rows of a table into the run folder, a new file every `segment_bytes`.

    `closed` holds what is finished and still there: (path, bytes), oldest first. Raises OSError when the disk does.
    """

    def __init__(self, run: Path, table: Table, segment_bytes: int) -> None:
        self._run = run
        self.table = table
        self._segment_bytes = segment_bytes
        self._size = 0
        self.number = 0
        self.closed: list[tuple[Path, int]] = []
        self._begin()

    @property
    def total(self) -> int:
        """Bytes of all segments that are still there."""
        return self._size + sum(size for _, size in self.closed)

    @property
    def oldest(self) -> int:
        """Number of the first segment that is still there."""
        return self.number - len(self.closed)

    def write(self, rows: Array) -> tuple[int, int]:
        """Append rows as one batch, flushed to the system; returns (segment number, number of rows)."""
        if self._size >= self._segment_bytes:
            self._end()
            self._begin()
        with _errors_of_the_disk():
            self.table.write(self._writer, rows)
        self._file.flush()
        self._size = self._file.tell()
        return self.number, len(rows)

    def give_oldest(self) -> Path | None:
        """The oldest finished segment, to be deleted by the caller; None if only the present one is left."""
        return self.closed.pop(0)[0] if self.closed else None

    def close(self) -> None:
        """Finish the present segment. May be called more than once."""
        if not self._file.closed:
            self._end()

    def _begin(self) -> None:
        self.number += 1
        self._path = self._run / file_name(self.table.name, self.number)
        self._file = self._path.open("wb")
        self._writer = stream_writer(self._file)
        self._size = 0

    def _end(self) -> None:
        try:
            if self._size:  # a stream without a schema must not get an end mark
                with _errors_of_the_disk():
                    self._writer.close()
                self._file.flush()
                self._size = self._file.tell()
            else:
                self._writer.release()
        finally:
            self._file.close()
        self.closed.append((self._path, self._size))
        self._size = 0


@contextmanager
def _errors_of_the_disk() -> Iterator[None]:
    """nanoarrow tells of an OSError of the file below it in the text of a RuntimeError: make it an OSError again."""
    try:
        yield
    except RuntimeError as error:
        found = _ERRNO.search(str(error))
        number = int(found[1]) if found else errno.EIO
        raise OSError(number, os.strerror(number)) from error
