"""What a source makes of a damaged run folder."""

import json
import os
from pathlib import Path

import pytest

from explorer.collect.ring_source import RunSource


@pytest.mark.expects_log("A line of names-.* was not understood")
def test_a_damaged_line_of_names_costs_that_line_only(run_folder: Path) -> None:
    pid = os.getpid()
    note = {"number": 1, "pid": pid, "role": "server", "label": "", "parent": 1, "epoch": 1}
    (run_folder / f"process-{pid}.json").write_text(json.dumps(note))
    lines = ['{"name":1', '{"track":1,"kind":"a kind of its own","text":""}', "[]", '{"name":2,"text":"job"}']
    (run_folder / f"names-{pid}.jsonl").write_text("\n".join(lines) + "\n")
    source = RunSource(run_folder)
    batch = source.poll()
    source.close()
    assert "job" in [text for _, text in batch.names]
    assert batch.tracks == []


@pytest.mark.expects_log("5-1.ring was not read")
def test_what_is_no_ring_is_left_alone(run_folder: Path) -> None:
    rings = run_folder / "rings"
    rings.mkdir()
    (rings / "5-1.ring").write_bytes(bytes(4096))
    (rings / "notes.txt").write_text("mine")
    source = RunSource(run_folder)
    assert source.poll().tally.rings == 0
    source.close()
    assert sorted(path.name for path in rings.iterdir()) == ["5-1.ring", "notes.txt"]
