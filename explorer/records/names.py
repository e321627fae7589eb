"""Names and tracks of one process: strings and declarations written once, numbers in the records.

Every process of a run appends to a file of its own in the run folder, `names-NUMBER.jsonl`: its process number, because
a pid is used again. A line declares a name `{"name": 3, "text": "GET /job"}` or a track `{"track": 2, "kind": "thread",
"text": "AnyIO worker", "parent": 1, …}`, always before the first record that uses the number; one that comes again has
a new thread. `{"role": "connection", "label": …}` says that the process has become something else, `{"ended": …,
"died": …}` that a process on another host is there no more. Names are route templates, function and coroutine names:
never task numbers or full paths, so that their count stays small; from `NAME_LIMIT` on everything is `other`.
"""

import json
import threading
from io import FileIO
from pathlib import Path
from typing import Any, Final

from explorer.records.states import Role, TrackKind

NAME_LIMIT: Final = 65_535
OTHER: Final = "other"


class NameWriter:
    """Gives numbers to the names and tracks of this process and writes them down. Safe to call from any thread.

    Number 0 means "no name" and "no track"; both series begin at 1. `close` may be called more than once.

    What has not been written down gets no number: `name` and `track` raise OSError when the file cannot be written (a
    full disk). That closes the file, and from then on, as after `close`, they raise ValueError for all that is new.
    """

    def __init__(self, path: Path | None) -> None:
        """Append to the file `path`; None: as if closed. Raises OSError when it cannot be opened."""
        self._names: dict[str, int] = {}
        self._tracks = 0
        self._lock = threading.Lock()
        # Without a buffer nothing is left over that a later flush, or a forked child's, would try to write again.
        self._file = FileIO(path, "a") if path is not None else None

    def name(self, text: str) -> int:
        """The number of `text`; the first call writes it down."""
        number = self._names.get(text)
        if number is not None:
            return number
        with self._lock:
            number = self._names.get(text)
            if number is None:
                if len(self._names) >= NAME_LIMIT - 1 and text != OTHER:
                    text = OTHER
                    if text in self._names:
                        return self._names[text]
                number = len(self._names) + 1
                self._put({"name": number, "text": text})
                self._names[text] = number
        return number

    def track(self, kind: TrackKind, text: str, *, parent: int = 0, **extra: Any) -> int:
        """Declare a track and return its number.

        `parent` is a track number of this process (0: the process itself). `extra` may hold `tid` (native thread id),
        `pid` (of another process, when a sampler speaks of it), `epoch`, `unit` (of a counter), `ring` (size class).
        """
        with self._lock:
            self._tracks += 1
            number = self._tracks
            self._put({"track": number, "kind": str(kind), "text": text, "parent": parent, **extra})
        return number

    def skip_track(self) -> None:
        """Leave the next track number out: what has it elsewhere is not of this process."""
        with self._lock:
            self._tracks += 1

    def again(self, number: int, kind: TrackKind, text: str, **extra: Any) -> None:
        """Declare a track once more: another thread, with its own `tid`, writes to it from now on."""
        with self._lock:
            self._put({"track": number, "kind": str(kind), "text": text, **extra})

    def become(self, role: Role, label: str) -> None:
        """The process is something else from now on."""
        with self._lock:
            self._put({"role": str(role), "label": label})

    def ended(self, time_ns: int, died: str) -> None:
        """The process, of which this one only tells, ended; `died` says how if it was not asked to."""
        with self._lock:
            self._put({"ended": time_ns, "died": died})

    def close(self) -> None:
        """Close the file; what was declared stays."""
        if self._file is not None:
            self._file.close()

    def _put(self, line: dict[str, Any]) -> None:
        if self._file is None:
            raise ValueError("there is no file")
        rest = (json.dumps(line, separators=(",", ":")) + "\n").encode()
        try:
            while rest:  # a disk that is almost full takes the beginning of a line
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.close()
            raise
