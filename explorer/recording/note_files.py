"""The notes of a finished run on disk: a file beside the others of its folder, or one more inside its archive.

Nothing that was recorded is touched: an archive is copied, gets a file `notes-N.json` at its end and takes the old
one's place when it is whole; the file with the highest number counts. Where a recording cannot be written, its notes
are kept among the user's own data and shown when that recording is opened again.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from explorer import paths
from explorer.option_error import OptionError
from explorer.recording.files import DAMAGE, Archive, Folder, RunFiles, open_files
from explorer.recording.importers.chrome import is_trace
from explorer.recording.notes import Notes

NAME: Final = re.compile(r"notes-(\d{4})\.json")
FIRST: Final = "notes-0001.json"
MOST_BYTES: Final = 16 << 20
TOLD_BYTES: Final = 1 << 20
PIECE: Final = 4 << 20
MOST_FILES: Final = 9_999
ASIDE: Final = "notes"
"""The folder of what could not be written into a recording, among the user's data."""
UNREADABLE: Final = "The notes in {} cannot be read; the rest of it is shown."
KEPT_ASIDE: Final = (
    "{} cannot be written ({}). The note is kept on this computer and shown when the recording is opened here again; "
    "save a copy to pass it on."
)


def read(files: RunFiles) -> list[Mapping[str, Any]]:
    """The event that holds the notes of a recording, or nothing. Raises `OptionError` if they are damaged."""
    name = _newest(files.names())
    if name is None:
        return []
    sentence = UNREADABLE.format(files.path)
    try:
        if files.size(name) > MOST_BYTES:
            raise OptionError(sentence)
        with files.open(name) as file:
            event = json.loads(file.read(MOST_BYTES))
    except (OptionError, *DAMAGE):
        raise OptionError(sentence) from None
    if not isinstance(event, dict):
        raise OptionError(sentence)
    return [event]


def write(path: Path, event: Mapping[str, Any]) -> None:
    """Put the notes into the run folder or the archive at `path`. Raises `OptionError`; then `path` is as it was."""
    if is_trace(path):
        raise OptionError(KEPT_ASIDE.format(path.name, "it is another program's file"))
    try:
        if path.is_dir():
            _replace(path / FIRST, _encoded(_merged(Folder(path), event)))
        else:
            copy(path, path, event)
    except OSError as error:
        raise OptionError(KEPT_ASIDE.format(path.name, error.strerror or error)) from None


def copy(
    source: Path,
    target: Path,
    event: Mapping[str, Any] | None,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Copy an archive to `target` with these notes in it (None: as it is); `progress` is told shares from 0 to 1.

    Raises OSError or `OptionError`.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _copy_bytes(source, temporary, progress)
        if event is not None:
            archive = Archive(temporary)
            try:
                number, merged = _number(_newest(archive.names())) + 1, _merged(archive, event)
            finally:
                archive.close()
            if number > MOST_FILES:
                raise OSError("it holds too many changes of its notes")
            # Not packed: a text that packs too well would be refused on opening, as one made to do harm.
            with zipfile.ZipFile(temporary, "a", zipfile.ZIP_STORED) as zipped:
                zipped.writestr(f"notes-{number:04}.json", _encoded(merged))
        if source == target:
            shutil.copymode(source, temporary)
            with temporary.open("rb+") as file:  # there is no other copy
                os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _merged(files: RunFiles, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The notes in `event`, and those that another window has written meanwhile."""
    notes = Notes()
    notes.feed([event])
    with contextlib.suppress(OptionError):  # damaged ones are gone
        notes.feed(read(files))
    return notes.event


def _copy_bytes(source: Path, target: Path, progress: Callable[[float], None]) -> None:
    with source.open("rb") as file, target.open("xb") as copied:
        size, done = max(1, os.fstat(file.fileno()).st_size), 0
        while piece := file.read(PIECE):
            copied.write(piece)
            done += len(piece)
            progress(min(1.0, done / size))


def key_of(path: Path) -> str:
    """What tells the recording at `path` from others, wherever it lies. Raises `OptionError` if it cannot be read."""
    if is_trace(path):
        return _key_of_trace(path)
    files = open_files(path)
    try:
        with files.open("run.json") as file:
            return hashlib.sha256(file.read(MOST_BYTES)).hexdigest()[:32]
    except DAMAGE as error:
        raise OptionError(f"{path} is damaged ({error}). Open another recording.") from None
    finally:
        files.close()


def _key_of_trace(path: Path) -> str:
    """Of another program's trace it is its length and its beginning that tell it from others."""
    try:
        with path.open("rb") as file:
            begin = file.read(TOLD_BYTES)
            return hashlib.sha256(b"%d " % path.stat().st_size + begin).hexdigest()[:32]
    except OSError as error:
        raise OptionError(f"{path} cannot be read ({error.strerror}). Open another one.") from None


def keep_aside(key: str, event: Mapping[str, Any]) -> None:
    """Keep the notes of a recording among the user's data until they are in it. Raises OSError."""
    folder = paths.user_data() / ASIDE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(folder / f"{key}.json", _encoded(event))


def read_aside(key: str) -> list[Mapping[str, Any]]:
    """What was kept for a recording, if anything."""
    try:
        event = json.loads((paths.user_data() / ASIDE / f"{key}.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return [event] if isinstance(event, dict) else []


def forget_aside(key: str) -> None:
    """The notes are in the recording."""
    (paths.user_data() / ASIDE / f"{key}.json").unlink(missing_ok=True)


def _encoded(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _newest(names: Iterable[str]) -> str | None:
    return max((name for name in names if NAME.fullmatch(name)), default=None)


def _number(name: str | None) -> int:
    found = NAME.fullmatch(name) if name is not None else None
    return int(found[1]) if found else 0


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
