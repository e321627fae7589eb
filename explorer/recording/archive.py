"""Saving a run: its folder as one zip file, NAME.cxrec, written beside its place and renamed when it is whole.

What a reader reads goes into it: run.json, events.jsonl and the segments. The notes of the processes stay behind (what
they declare is in events.jsonl, and there may be tens of thousands), rings and logs do, and so does the run's token,
with which requests could be put into the run.
"""

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from explorer.options import OptionError
from explorer.recording.files import FORMAT, SUFFIX, Archive, Folder, read_run, too_large
from explorer.recording.segments import NAME

LOG: Final = "events.jsonl"
COPY_BYTES: Final = 1 << 20


def save(run: Path, path: Path, *, progress: Callable[[float], None] = lambda share: None) -> Path:
    """Write the run in folder `run` to `path` (its suffix is added if it has none) and return where it is.

    `progress` is told shares from 0 to 1. Works while the run is being recorded: what is on disk now is saved. Raises
    `OptionError` when the run cannot be read, the file cannot be written, or would be refused when it is opened; then
    `path` is as it was.
    """
    if not path.suffix:
        path = path.with_suffix(SUFFIX)
    files = Folder(run)
    facts = read_run(files)
    token = str(facts.pop("token", "") or "")
    names = sorted(files.names())
    logs = [name for name in names if name == LOG]
    segments = [name for name in names if NAME.fullmatch(name)]
    total = sum(_size(run / name) for name in segments)
    if too_large(1 + len(logs) + len(segments), total + sum(_size(run / name) for name in logs)):
        raise OptionError(f"The run is larger than one file may be. It stays in {run}.")
    # Made to be passed on, hence with the permissions that any new file of this user gets.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        target = temporary.open("xb")
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from None
    try:
        with target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            zipped.writestr("run.json", json.dumps({"format": FORMAT, **facts}, indent=1))
            for name in logs:
                _copy_text(run / name, zipped, token)
            done = 0
            for name in segments:
                for piece in _copy_bytes(run / name, zipped):
                    done += piece
                    progress(min(1.0, done / max(1, total)))
        _check(temporary, run)
        os.replace(temporary, path)
    except OSError as error:
        raise OptionError(
            f"{path} cannot be written ({error.strerror}). Free some space or choose another folder."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    progress(1.0)
    return path


def _check(written: Path, run: Path) -> None:
    """Raise `OptionError` if what was written would be refused when it is opened."""
    try:
        archive = Archive(written)
        try:
            read_run(archive)
        finally:
            archive.close()
    except OptionError as error:
        reason = str(error).removeprefix(f"{written} ")
        raise OptionError(f"The run cannot be saved, because its file {reason} It stays in {run}.") from None


def _size(path: Path) -> int:
    """Bytes of a segment, 0 if the recorder has just dropped it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _copy_text(source: Path, zipped: zipfile.ZipFile, token: str) -> None:
    """Copy a file of lines, without the token should a line hold it."""
    secret = token.encode()
    with source.open("rb") as lines, zipped.open(source.name, "w", force_zip64=True) as target:
        for line in lines:
            target.write(line.replace(secret, b"") if secret else line)


def _copy_bytes(source: Path, zipped: zipfile.ZipFile) -> Iterator[int]:
    """Copy a segment, nothing if it was dropped in the meantime; gives the bytes of each step."""
    try:
        file = source.open("rb")
    except FileNotFoundError:
        return
    with file, zipped.open(source.name, "w", force_zip64=True) as target:
        while piece := file.read(COPY_BYTES):
            target.write(piece)
            yield len(piece)
