"""Saving a run: its folder as one zip file, NAME.cxrec, written beside its place and renamed when it is whole.

Rings and logs stay behind, and so does the run's token, with which requests could be put into the run.
"""

import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from explorer.options import OptionError
from explorer.recording.files import FORMAT, SUFFIX, Folder, read_run
from explorer.recording.segments import NAME

DECLARATIONS: Final = re.compile(r"process-\d+\.json|names-\d+\.jsonl|events\.jsonl")
COPY_BYTES: Final = 1 << 20


def save(run: Path, path: Path, *, progress: Callable[[float], None] = lambda share: None) -> Path:
    """Write the run in folder `run` to `path` (its suffix is added if it has none) and return where it is.

    `progress` is told shares from 0 to 1. Works while the run is being recorded: what is on disk now is saved. Raises
    `OptionError` when the run cannot be read or the file cannot be written; then `path` is as it was.
    """
    if not path.suffix:
        path = path.with_suffix(SUFFIX)
    files = Folder(run)
    facts = read_run(files)
    token = str(facts.pop("token", "") or "")
    names = sorted(files.names())
    texts = [name for name in names if DECLARATIONS.fullmatch(name)]
    segments = [name for name in names if NAME.fullmatch(name)]
    total = max(1, sum(_size(run / name) for name in segments))
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OptionError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from None
    try:
        with (
            os.fdopen(handle, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped,
        ):
            zipped.writestr("run.json", json.dumps({"format": FORMAT, **facts}, indent=1))
            for name in texts:
                _copy_text(run / name, zipped, token)
            done = 0
            for name in segments:
                for piece in _copy_bytes(run / name, zipped):
                    done += piece
                    progress(min(1.0, done / total))
        os.chmod(temporary, 0o644)  # it is made to be passed on; mkstemp made it private
        os.replace(temporary, path)
    except OSError as error:
        raise OptionError(
            f"{path} cannot be written ({error.strerror}). Free some space or choose another folder."
        ) from None
    finally:
        Path(temporary).unlink(missing_ok=True)
    progress(1.0)
    return path


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
