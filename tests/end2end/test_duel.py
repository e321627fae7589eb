"""`duel` as a user calls it: the JSON's shape, the same sends in every run, sentences for what cannot be compared."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.catalog import Catalog
from explorer.load.schedule import schedule
from explorer.records.states import Kind
from explorer.scenario import parse
from tests.end2end.command import explorer, run_folders, run_folders_since
from tests.end2end.recorded import Recorded
from tests.end2end.shape import faults

RATE = '[load]\nmode = "poisson"\nrate = 150\nseed = 11\n'
WORK = '[workload]\nid = "sleep"\nseconds = 0.004\n'


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two scenarios; the second says something else of its load."""
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(f'dispatch = "coroutine"\n{WORK}{RATE}')
    other.write_text(f'dispatch = "thread_pool"\n{WORK}[load]\nusers = 3\n')
    return one, other


@pytest.mark.long
def test_a_duel_sends_the_same_to_both_and_tells_what_differs(files: tuple[Path, Path], tmp_path: Path) -> None:
    before, folder = run_folders(), tmp_path / "kept"
    ended = explorer("duel", *files, "--repeat", "1", "--duration", "0.4", "--record", folder, "--json", "-")
    assert ended.status == 0, ended.err
    assert not run_folders_since(before)
    told = ended.figures
    assert told == json.loads((folder / "duel.json").read_text())
    assert "what B says of the load does not count." in ended.err
    assert shape_faults(told) == []
    assert [run["badge"] for run in told["runs"]] == told["order"] == ["A", "B"]
    assert told["runs"][1]["scenario"]["load"] == told["runs"][0]["scenario"]["load"]

    expected = planned(told["runs"][0]["scenario"])
    assert told["load"]["planned"] == len(expected)
    for badge, run in zip("AB", told["runs"], strict=True):
        sent = Recorded(folder / f"{badge}.cxrec").of(Kind.CLIENT_REQUEST)["start"]
        assert (np.diff(sent) == np.diff(expected)).all(), "to the nanosecond"
        assert len(sent) == len(expected)
        assert run["replays"] == [{"planned": len(expected), "sent": len(expected), "same": True}]
    assert told["verdict"].startswith("In one run of each ")


def planned(scenario: dict[str, Any]) -> list[int]:
    """The intended sends of a scenario's load."""
    load = parse(Catalog(), scenario).load
    found = schedule(load)
    assert 30 < len(found) < 100
    return found


def shape_faults(told: dict[str, Any]) -> list[str]:
    """What is wrong with the shape of a duel of two with one repeat."""
    found = []
    for run in told["runs"]:
        found += faults(run["figures"])
        if run["repeats"] != [run["figures"]]:
            found.append("one repeat is the figures")
    for each in told["differences"]:
        if set(each) != {"figure", "values", "ratio", "interval", "clear"}:
            found.append(f"keys of {each}")
        if len(each["values"]) != 2 or each["interval"] is not None or each["clear"] is not False:
            found.append(f"{each} of one repeat")
        if not (each["ratio"] is None or each["ratio"] > 0):
            found.append(f"ratio of {each}")
    named = {each["figure"] for each in told["differences"]}
    if missing := {"throughput_rps", "latency_p50_ms", "latency_p99_ms", "threads", "cpu_ms", "memory_mb"} - named:
        found.append(f"no {missing}")
    for key in ("verdict", "cause"):
        if not told[key].endswith("."):
            found.append(f"{key} is no sentence")
    return found


def test_what_cannot_run_is_said_before_anything_starts(files: tuple[Path, Path], tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.toml"
    nowhere.write_text('[server]\ninterpreter = "/no/python"\n')
    before = run_folders()
    ended = explorer("duel", files[0], nowhere)
    assert ended.status == 2
    assert ended.err.startswith("concurrency-explorer: B cannot run: "), ended.err
    assert len(ended.err.splitlines()) == 1
    assert not run_folders_since(before)
