"""What a run's processes wrote, for tests of the probe: a collector without its finesse."""

import json
from dataclasses import dataclass
from pathlib import Path

from explorer.records import schema
from explorer.records.states import Flag, Kind, State
from explorer.ring.reader import OpenSlot, RingReader


@dataclass(frozen=True)
class Row:
    """One record with its numbers resolved."""

    start: int
    duration: int
    request: int
    value: int  # low half of the argument
    cpu: int | None  # units of 256 ns
    name: str
    track: str  # "kind text"
    kind: Kind
    state: State
    depth: int
    flags: Flag
    pid: int

    @property
    def end(self) -> int:
        return self.start + self.duration


class Observed:
    """Reads all rings of a run, in the order of their files."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.readers: dict[Path, RingReader] = {}
        self.rows: list[Row] = []

    def poll(self) -> list[Row]:
        """All records so far."""
        for path in sorted((self.run / "rings").glob("*.ring")):
            if path not in self.readers:
                self.readers[path] = RingReader(path)
        for path, reader in self.readers.items():
            records = reader.poll()
            names, tracks = self.declared(path)
            for row in records.tolist():
                start, duration, request, argument, name, track, _, kind, state, depth, flags = row
                cpu = argument >> 32
                self.rows.append(
                    Row(
                        start,
                        duration,
                        request,
                        argument & schema.U32,
                        None if cpu == schema.CPU_NOT_TAKEN else cpu,
                        names[name] if name else "",
                        tracks[track],
                        Kind(kind),
                        State(state),
                        depth,
                        Flag(flags),
                        reader.pid,
                    )
                )
        return self.rows

    def of(self, kind: Kind, flag: Flag = Flag.COMPLETE) -> list[Row]:
        """The records of one kind so far, oldest first."""
        return sorted((row for row in self.poll() if row.kind == kind and row.flags == flag), key=lambda row: row.start)

    def open_spans(self) -> list[tuple[str, OpenSlot]]:
        """What is open in any ring, with its name."""
        self.poll()
        return [
            (self.declared(path)[0].get(slot.name, ""), slot)
            for path, reader in self.readers.items()
            for slot in reader.open_spans()
        ]

    def declared(self, ring: Path) -> tuple[dict[int, str], dict[int, str]]:
        """Names and tracks by number, of the process that made a ring."""
        names: dict[int, str] = {}
        tracks: dict[int, str] = {}
        for line in (self.run / f"names-{ring.name.partition('-')[0]}.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if "name" in entry:
                names[entry["name"]] = entry["text"]
            elif "track" in entry:
                tracks[entry["track"]] = f"{entry['kind']} {entry['text']}"
        return names, tracks

    def exact(self) -> bool:
        """Whether every ring's books balance with nothing lost."""
        self.poll()
        return all(reader.read == reader.written and reader.lost == 0 for reader in self.readers.values())

    def close(self) -> None:
        for reader in self.readers.values():
            reader.close()
