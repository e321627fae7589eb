"""Saving what is on the screen as a file: a run, what a crash left of one, or a recording with the notes written to it.

Each of these may take as long as a disk takes for gigabytes: it says how far it is, and is ended by that (`Progress`);
then no file is left.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.progress import Progress, quietly
from explorer.recording import note_files
from explorer.recording.archive import save
from explorer.recording.files import SUFFIX
from explorer.recording.importers.chrome import is_trace
from explorer.recording.importers.keep import save_trace

PARTS: Final = 1_000


def save_run(run: Path, target: Path, progress: Progress = quietly) -> str:
    """Save the run in folder `run`, which may go on, as `target`; says in a sentence where. Raises `OptionError`."""
    return save(run, target, progress=_share_of(progress)).sentence


def save_copy(source: Path, target: Path, event: Mapping[str, Any] | None, progress: Progress = quietly) -> str:
    """Save `source` (a run folder, an archive, a foreign trace) as `target`, with the notes in `event`; says in a
    sentence where. Raises `OptionError`.
    """
    if not target.suffix:
        target = target.with_suffix(SUFFIX)
    told = _share_of(progress)
    if is_trace(source):
        return save_trace(source, target, event, told).sentence
    if source.is_dir():
        if event is not None:
            note_files.write(source, event)
        return save_run(source, target, progress)
    try:
        note_files.copy(source, target, event, told)
    except OSError as error:
        raise OptionError(f"{target} cannot be written ({error.strerror or error}). Choose another folder.") from None
    return f"The recording is in {target}."


def _share_of(progress: Progress) -> Callable[[float], None]:
    return lambda share: progress(round(PARTS * share), PARTS)
