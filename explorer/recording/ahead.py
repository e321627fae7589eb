"""A recording read on a thread of its own, a few batches ahead of whoever shows it.

Unpacking a file and bringing its columns into rows takes about as long as taking the rows in, and nearly all of it lets
go of the interpreter's lock; so on two cores both go on at once. The batches, and the sentence with which they may end,
come in the order in which a `FileSource` gives them.
"""

import threading
from collections import deque
from typing import Any, Final

from explorer.collect.source import Batch
from explorer.recording.file_source import FileSource

MOST_AHEAD: Final = 3
"""Batches that wait to be taken: some 15 to 25 MB."""
_Read = tuple[Batch, float, bool]
"""A batch, the share that has been read with it, and whether it is the last."""


class Ahead:
    """Reads `source`, which is its own from now on. `run`, `finished`, `progress`, `complete` and `unreadable_notes`
    are as a `FileSource` would have them had it given what was taken here.
    """

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self.run: dict[str, Any] = source.run
        self.finished = False
        self.progress = 0.0
        self._read: deque[_Read | Exception] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._go_on, name="recording", daemon=True)
        self._thread.start()

    @property
    def complete(self) -> bool:
        """Whether the recorder closed the recording in order; known when it is `finished`."""
        return self.finished and self._source.complete

    @property
    def unreadable_notes(self) -> str:
        """Empty, or a sentence; known when it is `finished`."""
        return self._source.unreadable_notes if self.finished else ""

    def poll(self, patience_s: float | None = None) -> Batch | None:
        """The next stretch of the recording; None if it has not been read within `patience_s` (None: however long).

        Raises what reading it raised, `OptionError` with one sentence for what is damaged. Not to be called when all
        was given.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._read), patience_s):
                return None
            found = self._read.popleft()
            self._changed.notify_all()
        if isinstance(found, Exception):
            raise found
        batch, self.progress, self.finished = found
        return batch

    def close(self) -> None:
        """Read no further, and let go of the files."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._source.close()

    def _go_on(self) -> None:
        more = True
        while more:
            found = self._next()
            more = not isinstance(found, Exception) and not found[2]
            with self._changed:
                self._changed.wait_for(lambda: self._closing or len(self._read) < MOST_AHEAD)
                if self._closing:
                    return
                self._read.append(found)
                self._changed.notify_all()

    def _next(self) -> _Read | Exception:
        try:
            batch = self._source.poll()
        except Exception as error:  # whatever it is, it is for whoever asks for the batch
            return error
        return batch, self._source.progress, self._source.finished
