"""Opening a file that holds a run: a recording of our own, or a trace that another program made."""

from pathlib import Path
from typing import Final

from explorer.collect.source import Batch
from explorer.option_error import OptionError
from explorer.recording.ahead import Ahead
from explorer.recording.file_source import FileSource
from explorer.recording.files import SUFFIX
from explorer.recording.importers.chrome import SUFFIXES, ChromeSource, is_trace

Recording = FileSource | ChromeSource
Reading = Ahead | ChromeSource
"""One that is being read between the frames of a window."""
PATTERNS: Final = " ".join(f"*{suffix}" for suffix in (SUFFIX, *SUFFIXES))
"""What such files are called, for a file dialog."""
KINDS: Final = f"a recording ({SUFFIX}), a scenario (.toml) or a trace ({', '.join(SUFFIXES)})"


def open_source(path: Path) -> Recording:
    """The source that reads `path`: by its name a foreign trace, else a recording. Raises `OptionError`."""
    return ChromeSource(path) if is_trace(path) else FileSource(path)


def ahead_of(source: Recording) -> Reading:
    """`source`, read ahead on a thread of its own where that is any faster: a trace made elsewhere is text, which takes
    the interpreter as it is.
    """
    return source if isinstance(source, ChromeSource) else Ahead(source)


def poll_within(source: Reading, patience_s: float) -> Batch | None:
    """The next stretch of a recording; None if it has not been read within `patience_s`. Raises as `poll` does."""
    return source.poll() if isinstance(source, ChromeSource) else source.poll(patience_s)


def lost_notes(source: Reading) -> str:
    """Empty, or a sentence that says that the user's notes cannot be read."""
    return "" if isinstance(source, ChromeSource) else source.unreadable_notes


def remarks(source: Reading) -> tuple[str, ...]:
    """What is to be known of what was read, in sentences; of our own recordings nothing is."""
    return source.remarks if isinstance(source, ChromeSource) else ()


def check(path: Path) -> None:
    """Refuse what cannot be opened before a window is made for it: `OptionError` with one sentence."""
    if not is_trace(path) and path.suffix != SUFFIX:
        raise OptionError(f"{path.name} is none of {KINDS}.")
    open_source(path).close()
