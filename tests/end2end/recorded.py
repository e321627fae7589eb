"""A recording, read back whole."""

from pathlib import Path
from typing import Any

import numpy as np

from explorer.collect.source import Array, Batch
from explorer.recording.file_source import FileSource
from explorer.records.states import Kind


class Recorded:
    """What is in a .cxrec file."""

    def __init__(self, path: Path) -> None:
        source = FileSource(path)
        try:
            batches: list[Batch] = []
            while not source.finished:
                batches.append(source.poll())
        finally:
            source.close()
        self.run: dict[str, Any] = dict(source.run)
        self.complete = source.complete
        self.tally = batches[-1].tally
        self.spans: Array = np.concatenate([batch.spans for batch in batches])
        self.names = {number: text for batch in batches for number, text in batch.names}
        self.tracks = {track.number: track for batch in batches for track in batch.tracks}
        self.processes = list({process.pid: process for batch in batches for process in batch.processes}.values())
        self.markers = [marker for batch in batches for marker in batch.markers]
        self.events = [event for batch in batches for event in batch.events]

    def of(self, kind: Kind, name: str = "") -> Array:
        """The spans of a kind, with a certain name if one is given, by their start."""
        found: Array = self.spans[self.spans["kind"] == kind]
        if name:
            found = found[np.isin(found["name"], [number for number, text in self.names.items() if text == name])]
        ordered: Array = found[np.argsort(found["start"], kind="stable")]
        return ordered
