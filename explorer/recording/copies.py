"""Saving what is open as another file: a run that a crash left behind, or a recording with the notes written to it."""

import asyncio
from pathlib import Path

from explorer.options import OptionError
from explorer.recording import note_files
from explorer.recording.archive import save
from explorer.recording.files import SUFFIX
from explorer.recording.importers.chrome import is_trace
from explorer.recording.importers.keep import save_trace
from explorer.recording.notes import Notes


async def save_copy(source: Path, target: Path, notes: Notes) -> str:
    """Save `source` (a run folder, an archive, a foreign trace) as `target`, with its notes; says in a sentence where.

    Raises `OptionError`.
    """
    if not target.suffix:
        target = target.with_suffix(SUFFIX)
    event = notes.event if notes else None
    if is_trace(source):
        return (await asyncio.to_thread(save_trace, source, target, event)).sentence
    if source.is_dir():
        if event is not None:
            await asyncio.to_thread(note_files.write, source, event)
        return (await asyncio.to_thread(save, source, target)).sentence
    try:
        await asyncio.to_thread(note_files.copy, source, target, event)
    except OSError as error:
        raise OptionError(f"{target} cannot be written ({error.strerror or error}). Choose another folder.") from None
    return f"The recording is in {target}."
