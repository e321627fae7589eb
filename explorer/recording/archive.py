"""Saving a run: its folder as one zip file, NAME.cxrec, written beside its place and renamed when it is whole.

What a reader reads goes into it: run.json, events.jsonl and the segments. The notes of the processes stay behind (what
they declare is in events.jsonl, and there may be tens of thousands), rings and logs do, and so does the run's token,
with which requests could be put into the run.
"""

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.option_error import OptionError
from explorer.recording.arrow import SPANS
from explorer.recording.files import FORMAT, SUFFIX, Archive, Folder, read_run, too_large
from explorer.recording.note_files import NAME as NOTES
from explorer.recording.segments import NAME

LOG: Final = "events.jsonl"
COPY_BYTES: Final = 1 << 20
_FLUSH: Final = b'{"type":"flush",'


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved run: where it is, and for how many ns before its end it holds every span that was recorded.

    `holds` is None when it holds the whole run, from its first span on.
    """

    path: Path
    holds: int | None

    @property
    def sentence(self) -> str:
        """What to tell the user."""
        if self.holds is None:
            return f"The recording is in {self.path}."
        return (
            f"The recording is in {self.path}. It holds the last {self.holds / 1e9:,.0f} s of the run; what was before "
            "had been dropped to save room."
        )


def save(run: Path, path: Path, *, progress: Callable[[float], None] = lambda share: None) -> Saved:
    """Write the run in folder `run` to `path` (its suffix is added if it has none).

    `progress` is told shares from 0 to 1. Works while the run is being recorded: what is on disk now is saved. Raises
    `OptionError` when the run cannot be read or loses a segment that the recorder did not drop, when the file cannot be
    written, or when it would be refused on opening; then `path` is as it was.
    """
    if not path.suffix:
        path = path.with_suffix(SUFFIX)
    files = Folder(run)
    facts = read_run(files)
    token = str(facts.pop("token", "") or "")
    names = sorted(files.names())
    notes = [name for name in names if NOTES.fullmatch(name)]
    logs = [name for name in names if name == LOG]
    segments = [name for name in names if NAME.fullmatch(name)]
    total = sum(_size(run / name) for name in segments)
    if too_large(1 + len(logs) + len(segments), total + sum(_size(run / name) for name in logs)):
        raise OptionError("The run stays among the recent ones, because it is larger than one file may be.")
    # Made to be passed on, hence with the permissions that any new file of this user gets.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        target = temporary.open("xb")
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from None
    try:
        with target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            zipped.writestr("run.json", json.dumps({"format": FORMAT, **facts}, indent=1))
            clocks = _Clocks()
            for name in logs:
                _copy_text(files, name, zipped, token, clocks)
            for name in notes:
                zipped.write(run / name, name, zipfile.ZIP_STORED)
            done = 0
            for name in segments:
                for piece in _copy_bytes(run / name, zipped):
                    done += piece
                    progress(min(1.0, done / max(1, total)))
            saved = Saved(path, clocks.held(zipped.namelist()))
        _check(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise OptionError(
            f"{path} cannot be written ({error.strerror}). Free some space or choose another folder."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    progress(1.0)
    return saved


class _Clocks:
    """When the segments of the spans began, by the flush lines of the log."""

    def __init__(self) -> None:
        self._began: dict[int, int] = {}
        self._now = 0

    def see(self, line: bytes) -> None:
        """Take in a line of the log; one that is damaged says nothing."""
        if not line.startswith(_FLUSH):
            return
        try:
            flush = json.loads(line)
            self._now = int(flush["now"])
            if SPANS.name in flush:
                self._began.setdefault(int(flush[SPANS.name][0]), self._now)
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
            return

    def held(self, names: Iterable[str]) -> int | None:
        """For how many ns before the last flush these segments hold all spans; None if they hold them from the first.

        A segment begins at most 100 ms before its first flush line, which is what counts here.
        """
        found = (NAME.fullmatch(name) for name in names)
        oldest = min((int(match[2]) for match in found if match and match[1] == SPANS.name), default=1)
        return None if oldest == 1 else self._now - self._began.get(oldest, self._now)


def _check(written: Path) -> None:
    """Raise `OptionError` if what was written would be refused when it is opened."""
    try:
        archive = Archive(written)
        try:
            read_run(archive)
        finally:
            archive.close()
    except OptionError as error:
        reason = str(error).removeprefix(f"{written} ")
        raise OptionError(f"The run stays among the recent ones, because its file {reason}") from None


def _size(path: Path) -> int:
    """Bytes of a segment, 0 if the recorder has just dropped it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _copy_text(files: Folder, name: str, zipped: zipfile.ZipFile, token: str, clocks: _Clocks) -> None:
    """Copy a file of lines, without the token should a line hold it."""
    secret = token.encode()
    with files.open(name) as lines, zipped.open(name, "w", force_zip64=True) as target:
        for line in lines:
            clocks.see(line)
            target.write(line.replace(secret, b"") if secret else line)


def _copy_bytes(source: Path, zipped: zipfile.ZipFile) -> Iterator[int]:
    """Copy a segment, nothing if the recorder dropped it in the meantime; gives the bytes of each step."""
    try:
        file = source.open("rb")
    except FileNotFoundError:
        if _was_dropped(source):
            return
        raise OptionError(
            f"{source} has gone while the run was saved, so that nothing was written. Run it again."
        ) from None
    with file, zipped.open(source.name, "w", force_zip64=True) as target:
        while piece := file.read(COPY_BYTES):
            target.write(piece)
            yield len(piece)


def _was_dropped(segment: Path) -> bool:
    """Whether the recorder says so in the log, as it does before it drops one."""
    words = f'"dropped":"{segment.name}"'.encode()
    try:
        with (segment.parent / LOG).open("rb") as lines:
            return any(words in line for line in lines)
    except FileNotFoundError:
        return False
