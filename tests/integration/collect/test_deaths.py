"""Who died and who was asked to go: processes that only left their note in the run folder."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.collect.ring_source import RunSource
from explorer.collect.source import Process
from explorer.records.states import Role

Wait = Callable[..., None]
Pair = tuple["subprocess.Popen[bytes]", "subprocess.Popen[bytes]"]


@pytest.fixture
def pair(run_folder: Path) -> Iterator[Pair]:
    """A server and a pool process that names it as its parent."""
    server, pool = (subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2))
    for number, (process, role, parent) in enumerate([(server, Role.SERVER, 1), (pool, Role.POOL, server.pid)], 1):
        note = {"number": number, "pid": process.pid, "role": role, "label": role, "parent": parent, "epoch": 1}
        (run_folder / f"process-{number}.json").write_text(json.dumps(note))
    yield server, pool
    for process in (server, pool):
        process.kill()
        process.communicate()


def ends(source: RunSource, wait_until: Wait) -> dict[Role, str]:
    """Poll until both have ended; what is said of their end."""
    ended: dict[Role, Process] = {}

    def both() -> bool:
        ended.update((process.role, process) for process in source.poll().processes if process.ended_ns is not None)
        return len(ended) == 2

    wait_until(both)
    assert source.living == 0
    return {role: process.died for role, process in ended.items()}


def test_who_goes_with_a_parent_that_was_asked_to_end_did_not_die(
    pair: Pair, run_folder: Path, wait_until: Wait
) -> None:
    source = RunSource(run_folder)
    source.poll()
    assert source.living == 2
    source.expect_end(pair[0].pid)
    for process in pair:
        process.kill()
    assert ends(source, wait_until) == {Role.SERVER: "", Role.POOL: ""}
    source.close()


def test_a_parent_whose_child_was_asked_to_end_has_died(pair: Pair, run_folder: Path, wait_until: Wait) -> None:
    source = RunSource(run_folder)
    source.expect_end(pair[1].pid)
    for process in pair:
        process.kill()
    died = ends(source, wait_until)
    assert died[Role.SERVER]
    assert not died[Role.POOL]
    source.close()
