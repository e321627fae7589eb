"""A trace made elsewhere, saved as a recording: smaller, quicker to open, and with the notes written to it."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from explorer.collect.source import Batch
from explorer.option_error import OptionError
from explorer.recording import note_files
from explorer.recording.archive import Saved, save
from explorer.recording.files import SCHEMA
from explorer.recording.importers.chrome import ChromeSource
from explorer.recording.writer import RecordingWriter

READING: Final = 0.8
"""The share of the work that reading the trace is."""


def save_trace(
    source: Path,
    target: Path,
    event: Mapping[str, Any] | None,
    progress: Callable[[float], None] = lambda share: None,
) -> Saved:
    """Read the trace `source` again and save it as `target`; `event` are the notes, `progress` is told shares from 0 to
    1. Raises `OptionError`.
    """
    trace = ChromeSource(source)
    try:
        with tempfile.TemporaryDirectory(prefix="explorer-trace-") as name:
            folder = Path(name)
            (folder / "run.json").write_text(json.dumps({"schema": SCHEMA}), encoding="utf-8")
            writer = RecordingWriter(folder, keep_all=True)
            try:
                while not trace.finished:
                    writer.feed(trace.poll())
                    writer.flush()
                    progress(READING * trace.progress)
                said: list[Mapping[str, Any]] = [
                    {"type": "recording", "time": 0, "text": text} for text in trace.remarks
                ]
                writer.feed(Batch(0, events=said))
            finally:
                writer.close()
            if writer.stopped:
                raise OptionError(f"The trace was not saved: {writer.stopped}")
            if event is not None:
                note_files.write(folder, event)
            return save(folder, target, progress=lambda share: progress(READING + (1 - READING) * share))
    finally:
        trace.close()
