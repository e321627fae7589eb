"""The files of a recorded run, in its folder or inside a .cxrec archive, read without unpacking anything.

An archive may come from anybody: names that could leave the folder, sizes that no recording has and other programs'
zips are refused with one sentence before anything of them is read.
"""

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final, Protocol, cast

from explorer.option_error import OptionError

SUFFIX: Final = ".cxrec"
FORMAT: Final = "concurrency-explorer recording"
"""`format` in the run.json of an archive: the mark by which one is known."""
SCHEMA: Final = 1
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 1 << 37
MOST_RATIO: Final = 200
"""A zip made to fill a disk or to keep a reader busy unpacks to a thousand times its size; ours to about 20."""
SMALL: Final = 1 << 20
MOST_RUN_JSON: Final = 16 << 20
MOST_REASON: Final = 120
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How the files of an archive may be packed. Others have errors of their own when they are damaged."""
DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, RuntimeError)
"""What reading a damaged file of an archive may raise; NotImplementedError and RecursionError are among them."""


def reason_of(error: Exception) -> str:
    """What an error says, fit for a sentence: some quote the damaged bytes, by the thousand."""
    text = str(error).rstrip(".")
    return text if text.isprintable() and len(text) <= MOST_REASON else "its contents do not fit together"


class RunFiles(Protocol):
    """Where the files of a recorded run lie."""

    @property
    def path(self) -> Path:
        """The folder or the archive."""
        ...

    def names(self) -> list[str]:
        """Names of all files."""
        ...

    def size(self, name: str) -> int:
        """Bytes of a file."""
        ...

    def open(self, name: str) -> io.BufferedIOBase:
        """Open a file for reading. Raises `OptionError` if that cannot be done."""
        ...

    def close(self) -> None:
        """Let go of the archive."""
        ...


class Folder:
    """The run folder itself."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Names of all files."""
        return [each.name for each in self.path.iterdir() if each.is_file()] if self.path.is_dir() else []

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return (self.path / name).stat().st_size

    def open(self, name: str) -> io.BufferedIOBase:
        """Open a file for reading."""
        try:
            return (self.path / name).open("rb")
        except OSError as error:
            raise OptionError(
                f"{self.path / name} cannot be read ({error.strerror}). Open another recording."
            ) from None

    def close(self) -> None:
        """Nothing is held."""


class Archive:
    """A .cxrec file. Raises `OptionError` if it is not one, is damaged, or is built to do harm."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise OptionError(f"There is no file {path}. Check the path.") from None
        except DAMAGE as error:
            raise OptionError(
                f"{path} is not a recording, or it is damaged ({reason_of(error)}). Choose another file."
            ) from None
        try:
            self._check()
        except OptionError:
            self._zip.close()
            raise

    def names(self) -> list[str]:
        """Names of all files."""
        return self._zip.namelist()

    def size(self, name: str) -> int:
        """Bytes of a file, unpacked."""
        return self._zip.getinfo(name).file_size

    def open(self, name: str) -> io.BufferedIOBase:
        """Open a file for reading."""
        try:
            return cast(io.BufferedIOBase, self._zip.open(name))
        except (KeyError, *DAMAGE) as error:
            raise OptionError(
                f"{self.path} is damaged: {name} cannot be read ({reason_of(error)}). Open another one."
            ) from None

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def _check(self) -> None:
        files = self._zip.infolist()
        size = self.path.stat().st_size
        if any(each.header_offset + each.compress_size > size for each in files):
            # Room is made for what a file is said to take before it is read: a turned bit would ask for gigabytes.
            raise OptionError(f"{self.path} is damaged: its files reach beyond its end. Choose another file.")
        if "run.json" not in self._zip.namelist():
            raise OptionError(f"{self.path} is a zip file, but not a recording. Choose a {SUFFIX} file.")
        for each in files:
            if each.filename in (".", "..") or set(each.filename) & set("/\\:\0"):
                raise OptionError(f"{self.path} holds a file outside its own folder and is not opened.")
            if each.compress_type not in METHODS:
                raise OptionError(f"{self.path} is packed in a way that no recording is and is not opened.")
            if each.file_size > SMALL and each.file_size > each.compress_size * MOST_RATIO:
                raise OptionError(f"{self.path} unpacks to an absurd size and is not opened.")
        if too_large(len(files), sum(each.file_size for each in files)):
            raise OptionError(f"{self.path} is larger than any recording and is not opened.")


def too_large(count: int, size: int) -> bool:
    """Whether an archive of `count` files with `size` bytes in all, unpacked, would not be opened."""
    return count > MOST_FILES or size > MOST_BYTES


def open_files(path: Path) -> RunFiles:
    """The files of the run folder or .cxrec archive at `path`."""
    return Folder(path) if path.is_dir() else Archive(path)


def read_run(files: RunFiles) -> dict[str, Any]:
    """The contents of run.json, checked. Raises `OptionError` if this is no recording that can be read."""
    if files.size("run.json") > MOST_RUN_JSON if "run.json" in files.names() else True:
        raise OptionError(f"{files.path} is not a recording: it has no run.json. Choose another one.")
    try:
        with files.open("run.json") as file:
            run = json.load(file)
    except OptionError:
        raise
    except DAMAGE as error:
        raise OptionError(
            f"{files.path} is damaged: its run.json cannot be read ({reason_of(error)}). Open another one."
        ) from None
    schema = run.get("schema") if isinstance(run, dict) else None
    if not isinstance(schema, int) or (isinstance(files, Archive) and run.get("format") != FORMAT):
        raise OptionError(f"{files.path} is not a recording of this program. Choose a {SUFFIX} file.")
    if schema > SCHEMA:
        raise OptionError(
            f"{files.path} was written by a newer version of this program (format {schema}). Update to open it."
        )
    if not isinstance(run.get("scenario", {}), dict):
        raise OptionError(f"{files.path} is damaged: the scenario in its run.json is no table. Open another one.")
    return cast(dict[str, Any], run)
