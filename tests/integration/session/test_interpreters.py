"""The server under other Pythons of this machine: the records are whole, whatever runs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.records.states import Flag, Kind, Role, TrackKind
from explorer.session import events
from explorer.supervise.interpreters.ask import ask
from explorer.supervise.interpreters.find import gil_again
from tests.integration.session.stage import Stage, most_at_once, status
from tests.pythons import VERSIONS, usable

# The first test with a Python may have to make an environment for it.
pytestmark = pytest.mark.timeout(300)


def assert_whole(stage: Stage, text: str) -> None:
    """The run's books agree to the last record and request, and the server ran under Python `text`."""
    tally = stage.tally
    assert tally.written > 0
    assert (tally.read, tally.lost) == (tally.written, 0)
    sent, served = stage.spans(Kind.CLIENT_REQUEST), stage.spans(Kind.REQUEST, "GET /job")
    assert stage.answered == len(sent) == len(served)
    assert set(sent["request"].tolist()) == set(served["request"].tolist())
    assert status(served) == {200}
    (server,) = stage.pids(Role.SERVER)
    assert stage.processes[server].interpreter.startswith(text)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_records_are_whole_under_another_python(stage: Stage, version: str) -> None:
    python = usable(version)

    await stage.start(
        f"server.interpreter={python}", "server.http=h11", "workload.id=cpu_python", "workload.seconds=0.005",
        "dispatch.tokens=2", "load.users=3",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 30, what="30 answers")
    if sys.platform == "linux" and not version.endswith("t"):
        await stage.until(lambda: stage.count(Kind.GIL_HELD), what="who holds the GIL")
    await stage.session.stop()

    assert_whole(stage, f"cpython {version.rstrip('t')}")
    lanes = [track for track in stage.tracks.values() if track.kind is TrackKind.GIL]
    if version.endswith("t"):
        assert lanes == []
        assert stage.count(Kind.GIL_HELD) == 0
    assert stage.processes[stage.pids(Role.SERVER)[0]].interpreter.endswith("free-threaded") == version.endswith("t")
    requests = set(stage.spans(Kind.REQUEST, "GET /job")["request"].tolist())
    for kind in (Kind.TOKEN_WAIT, Kind.JOB, Kind.STEP):
        assert set(stage.spans(kind)["request"].tolist()) >= requests, kind
    assert not stage.said(events.Warned)


@pytest.mark.parametrize("version", ["3.13", "3.13t"])
@pytest.mark.long
async def test_a_process_pool_under_another_python(stage: Stage, version: str) -> None:
    python = usable(version)

    await stage.start(
        f"server.interpreter={python}", "server.http=h11", "dispatch.id=process_pool", "dispatch.processes=1",
        "workload.seconds=0.002", "load.users=2",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 10, what="10 answers")
    await stage.session.stop()

    assert_whole(stage, f"cpython {version.rstrip('t')}")
    (pool,) = stage.pids(Role.POOL)
    assert stage.processes[pool].interpreter == stage.processes[stage.pids(Role.SERVER)[0]].interpreter


def newest() -> str:
    """A Python that has interpreter pools."""
    try:
        return usable("3.14")
    except pytest.skip.Exception:
        return usable("3.14t")


async def test_every_interpreter_of_a_pool_is_a_lane_with_its_jobs(stage: Stage) -> None:
    python = newest()

    await stage.start(
        f"server.interpreter={python}", "server.http=h11", "dispatch.id=interpreter_pool", "dispatch.interpreters=2",
        "workload.seconds=0.01", "load.users=4",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 40, what="40 answers")
    await stage.session.stop()

    assert_whole(stage, "cpython 3.14")
    requests = set(stage.spans(Kind.REQUEST, "GET /job")["request"].tolist())
    jobs, waits, naps = stage.spans(Kind.JOB), stage.spans(Kind.INTERPRETER_WAIT), stage.spans(Kind.CALL, "time.sleep")
    for spans in (jobs, waits, naps):
        assert len(spans) == len(requests)
        assert set(spans["request"].tolist()) == requests
    said = {stage.names[piece["name"]] for piece in stage.spans(Kind.PIECE)}
    assert "waits for an interpreter" in said
    assert "waits for a process" not in said
    assert most_at_once(jobs) == 2
    threads = {number: track for number, track in stage.tracks.items() if track.kind is TrackKind.THREAD}
    lanes = {number: track for number, track in threads.items() if track.name.startswith("interpreter ")}
    assert {track.name for track in lanes.values()} == {"interpreter 1", "interpreter 2"}
    (server,) = stage.pids(Role.SERVER)
    assert len({track.tid for track in lanes.values()} - {0, server}) == 2
    assert set(jobs["track"].tolist()) == set(naps["track"].tolist()) == set(lanes)
    # Waiting ends when running begins, each with a clock read of its own.
    begun = dict(zip(jobs["request"].tolist(), jobs["start"].tolist(), strict=True))
    for request, end in zip(waits["request"].tolist(), waits["end"].tolist(), strict=True):
        assert 0 <= begun[request] - end < 1_000_000_000
    assert set(waits["flags"].tolist()) == {int(Flag.COMPLETE)}


async def test_a_job_of_an_interpreter_is_seen_while_it_runs(stage: Stage) -> None:
    python = newest()

    await stage.start(
        f"server.interpreter={python}", "server.http=h11", "dispatch.id=interpreter_pool", "dispatch.interpreters=1",
        "workload.seconds=30", "load.users=1",
    )  # fmt: skip
    await stage.until(lambda: stage.first_open(TrackKind.THREAD, "time.sleep"), what="an open nap")

    opened = stage.first_open(TrackKind.THREAD, "time.sleep")
    assert opened is not None
    assert stage.tracks[opened[0].track].name == "interpreter 1"
    await stage.session.stop()
    assert stage.tally.lost == 0


async def test_a_pool_of_interpreters_under_several_workers(stage: Stage) -> None:
    python = newest()

    await stage.start(
        f"server.interpreter={python}", "server.http=h11", "model.id=prefork", "model.workers=2",
        "dispatch.id=interpreter_pool", "dispatch.interpreters=1", "workload.id=cpu_python", "workload.seconds=0.002",
        "load.users=4", "load.keep_alive=false",
    )  # fmt: skip
    await stage.until(lambda: stage.answered >= 20, what="20 answers")
    await stage.session.stop()

    assert stage.tally.lost == 0
    assert stage.answered == stage.count(Kind.REQUEST, "GET /job") == stage.count(Kind.JOB)


@pytest.mark.long
async def test_changing_the_interpreter_moves_the_load_over(stage: Stage) -> None:
    python = usable("3.13")

    await stage.start("server.http=h11", "workload.seconds=0.005", "load.users=2")
    await stage.until(lambda: stage.answered >= 10, what="answers before")
    await stage.change(f"server.interpreter={python}")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 20, what="answers after")
    await stage.session.stop()

    kinds = [stage.processes[pid].interpreter for pid in stage.pids(Role.SERVER)]
    assert len(kinds) == 2
    assert kinds[1].startswith("cpython 3.13")
    assert not stage.failures
    assert stage.tally.lost == 0
    (restart,) = [marker for marker in stage.markers if marker.kind == "restart"]
    assert restart.text == f"Interpreter the explorer's own → {python}"


@pytest.mark.parametrize("version", ["3.13t", "3.14t"])
async def test_a_free_threaded_python_with_its_gil_on_is_told(
    stage: Stage, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = usable(version)
    monkeypatch.setenv("PYTHON_GIL", "1")

    await stage.start(f"server.interpreter={python}", "server.http=h11", "workload.seconds=0.002", "load.users=1")
    await stage.until(lambda: stage.answered >= 3 and stage.said(events.Warned), what="answers and a warning")
    await stage.session.stop()

    (warned,) = stage.said(events.Warned)
    assert warned.sentence == (
        "This free-threaded Python is run with its GIL switched on; take PYTHON_GIL out of the environment."
    )


EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "oldone", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_oldone(void) { return PyModule_Create(&module); }
"""
"""An extension that says nothing of the GIL, as all did before 3.13."""


@pytest.mark.parametrize("version", ["3.13t", "3.14t"])
def test_the_extension_that_switches_the_gil_on_again_is_found(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = usable(version)
    where = "import sysconfig; print(sysconfig.get_path('include'), sysconfig.get_config_var('EXT_SUFFIX'))"
    include, suffix = subprocess.run(
        [python, "-c", where], capture_output=True, text=True, check=True
    ).stdout.split()  # fmt: skip
    if shutil.which("cc") is None or not (Path(include) / "Python.h").is_file():
        pytest.skip("this takes a C compiler and the headers of that Python.")
    (tmp_path / "oldone.c").write_text(EXTENSION)
    made = tmp_path / f"oldone{suffix}"
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{include}", "-o", made, tmp_path / "oldone.c"], check=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    answer = ask(python, ("fastapi", "oldone"), ("fastapi", "oldone"))

    assert answer.free_threaded
    assert (answer.gil, answer.switched_on_by) == (True, "oldone")
    assert gil_again(answer).startswith("oldone switches the GIL of this free-threaded Python on again;")
    assert not ask(python, ("fastapi", "oldone"), ("fastapi",)).gil
