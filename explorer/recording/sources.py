"""Opening a file that holds a run: a recording of our own, or a trace that another program made."""

from pathlib import Path
from typing import Final

from explorer.options import OptionError
from explorer.recording.file_source import FileSource
from explorer.recording.files import SUFFIX
from explorer.recording.importers.chrome import SUFFIXES, ChromeSource, is_trace

Recording = FileSource | ChromeSource
PATTERNS: Final = " ".join(f"*{suffix}" for suffix in (SUFFIX, *SUFFIXES))
"""What such files are called, for a file dialog."""
KINDS: Final = f"a recording ({SUFFIX}), a scenario (.toml) or a trace ({', '.join(SUFFIXES)})"


def open_source(path: Path) -> Recording:
    """The source that reads `path`: by its name a foreign trace, else a recording. Raises `OptionError`."""
    return ChromeSource(path) if is_trace(path) else FileSource(path)


def remarks(source: Recording) -> tuple[str, ...]:
    """What is to be known of what was read, in sentences; of our own recordings nothing is."""
    return source.remarks if isinstance(source, ChromeSource) else ()


def check(path: Path) -> None:
    """Refuse what cannot be opened before a window is made for it: `OptionError` with one sentence."""
    if not is_trace(path) and path.suffix != SUFFIX:
        raise OptionError(f"{path.name} is none of {KINDS}.")
    open_source(path).close()
