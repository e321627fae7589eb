"""How a run ends: asked to, killed, or left by one of its processes. Figures come, and nobody stays."""

import signal
from pathlib import Path

import psutil
import pytest

from explorer.records.states import Kind, Role
from tests.end2end.command import explorer, run_folders, run_folders_since, started
from tests.end2end.recorded import Recorded
from tests.end2end.shape import faults, incoherent
from tests.waiting import wait_until

LIGHT = ("--set", "workload.seconds=0.01", "--users", "4")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_asked_to_end_gives_its_figures(how: signal.Signals) -> None:
    before = run_folders()
    with started("run", *LIGHT, "--json", "-") as command:
        command.loaded()
        children = command.children
        ended = command.end(how=how)
    assert ended.status == 0, ended.err
    figures = ended.figures
    assert faults(figures) == incoherent(figures) == []
    assert figures["requests_total"]["ok"] > 0
    assert not any(child.is_running() for child in children)
    assert not run_folders_since(before)


def test_ctrl_c_before_the_server_serves_ends_as_well() -> None:
    before = run_folders()
    with started("run", *LIGHT, "--json", "-") as command:
        wait_until(lambda: command.children, 20, "the first child")
        ended = command.end(how=signal.SIGINT)
    assert ended.status in (0, 130, -signal.SIGINT), ended
    assert "Traceback" not in ended.err
    wait_until(lambda: not run_folders_since(before), 5, "the run's folder to go")


def test_a_killed_run_leaves_no_process() -> None:
    """Three generations: workers of prefork, and the processes of their pools."""
    with started("run", "--model", "prefork", "--dispatch", "process_pool", *LIGHT) as command:
        command.loaded()
        run = command.run
        children = command.children
        assert len(children) >= 1 + 2 + 4 + 2  # server, workers, pools, load, sampler; and Python's own trackers
        command.end(how=signal.SIGKILL)
        wait_until(lambda: not any(lives(child) for child in children), 3, "the end of every child")
    # What it recorded stays and can be read.
    recorded = Recorded(run)
    assert not recorded.complete
    assert len(recorded.of(Kind.REQUEST)) > 0
    assert {process.role for process in recorded.processes} >= {Role.SERVER, Role.WORKER, Role.POOL, Role.LOAD}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_what_runs_beside_the_server_ends_with_the_run(how: signal.Signals) -> None:
    with started("run", "--dispatch", "coroutine", "--workload", "http_upstream", *LIGHT) as command:
        command.loaded()
        upstream = command.child("explorer.server.upstream")
        command.end(how=how)
        wait_until(lambda: not lives(upstream), 3, "the end of the upstream")


def test_a_killed_worker_is_marked_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "worker.cxrec"
    with started("run", "--model", "prefork", *LIGHT, "--record", path, "--json", "-") as command:
        _, workers = command.loaded()
        assert len(workers) == 2
        victim = psutil.Process(workers[0])
        victim.kill()
        wait_until(lambda: f"Worker {victim.pid} was ended by signal 9" in command.err, 20, "the sentence")
        server = command.child("explorer.server.process")
        wait_until(lambda: len(server.children()) > 2, 20, "another worker")
        assert command.get("/job") == 200
        ended = command.end(how=signal.SIGINT)
    assert ended.status == 0, ended.err
    assert "The run goes on." in ended.err
    assert faults(ended.figures) == incoherent(ended.figures) == []

    recorded = Recorded(path)
    (death,) = [marker for marker in recorded.markers if marker.kind == "death"]
    assert str(victim.pid) in death.text
    dead = next(process for process in recorded.processes if process.pid == victim.pid)
    assert dead.role is Role.WORKER
    assert dead.died
    assert [process.pid for process in recorded.processes if process.died] == [victim.pid]
    own = {number for number, track in recorded.tracks.items() if track.pid == victim.pid}
    requests = recorded.of(Kind.REQUEST)
    of_victim = [span for span in requests if int(span["track"]) in own]
    others_later = requests[requests["start"] > death.time]
    assert len(others_later) > 0
    assert recorded.complete
    assert recorded.tally.read + recorded.tally.lost == recorded.tally.written
    assert of_victim or len(requests) > len(others_later)  # what was before the death is there


def test_a_killed_server_ends_the_run_with_a_sentence_and_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "server.cxrec"
    with started("run", *LIGHT, "--record", path, "--json", "-", "--duration", "60") as command:
        _, (server,) = command.loaded()
        psutil.Process(server).kill()
        ended = command.end()
    assert ended.status == 2
    sentence = f"Server {server} was ended by signal 9. The run was stopped; what it recorded is kept."
    assert sentence in ended.err
    assert "Traceback" not in ended.err
    assert faults(ended.figures) == incoherent(ended.figures) == []
    assert ended.figures["requests_total"]["ok"] > 0
    recorded = Recorded(path)
    assert len(recorded.of(Kind.REQUEST)) > 0
    assert [process.pid for process in recorded.processes if process.died] == [server]
    assert [marker.kind for marker in recorded.markers][:2] == ["begin", "death"]


def test_a_killed_load_ends_the_run_with_a_sentence_and_its_figures() -> None:
    with started("run", *LIGHT, "--json", "-", "--duration", "60") as command:
        command.loaded()
        load = command.child("explorer.load.process")
        load.kill()
        ended = command.end()
    assert ended.status == 2
    sentence = f"Load {load.pid} was ended by signal 9. Nothing more is sent; what was recorded is kept."
    assert sentence in ended.err
    assert "Traceback" not in ended.err
    assert faults(ended.figures) == incoherent(ended.figures) == []
    assert ended.figures["requests_total"]["ok"] > 0


def test_a_killed_sampler_costs_its_figures_and_not_the_run() -> None:
    with started("run", *LIGHT, "--json", "-", "--duration", "2") as command:
        command.loaded()
        sampler = command.child("explorer.sampler.process")
        sampler.kill()
        ended = command.end()
    assert ended.status == 0
    assert f"Sampler {sampler.pid} was ended by signal 9. The run goes on." in ended.err
    assert faults(ended.figures) == incoherent(ended.figures) == []
    assert ended.figures["valid"], ended.figures["invalid_reason"]


def test_a_recording_that_cannot_be_saved_costs_neither_figures_nor_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    with started("run", *LIGHT, "--record", folder / "run.cxrec", "--json", "-") as command:
        command.loaded()
        run = command.run
        folder.rmdir()
        ended = command.end(how=signal.SIGINT)
    assert ended.status == 2
    assert "cannot be written" in ended.err
    assert str(run) in ended.err
    assert "Traceback" not in ended.err
    assert ended.figures["requests_total"]["ok"] > 0
    assert Recorded(run).complete


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_json_that_cannot_be_written_costs_no_figures() -> None:
    ended = explorer("run", "--users", "2", "--duration", "0.5", "--json", "/dev/full")

    assert ended.status == 2
    assert ended.out.startswith("requests")
    assert "throughput" in ended.out
    said = ended.err.splitlines()[-1]
    assert said == "concurrency-explorer: /dev/full cannot be written (No space left on device). Choose another file."


def test_what_handlers_print_harms_nothing(tmp_path: Path) -> None:
    """A module that Python imports at its start makes every `time.sleep` of the server print, also past `print`."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time\n"
        "if os.environ.get('EXPLORER_ROLE') == 'server':\n"
        "    sleep = time.sleep\n"
        "    def talkative(seconds):\n"
        '        print(\'{"type": "stopped"}\', flush=True)\n'
        "        os.write(1, b'\\n\\xff not JSON\\n')\n"
        "        os.system('echo from a shell')\n"
        "        sleep(seconds)\n"
        "    time.sleep = talkative\n"
    )
    path = tmp_path / "prints.cxrec"
    ended = explorer(
        "run", "--burst", "20", "--set", "workload.seconds=0.05", "--record", path, "--json", "-",
        env={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert ended.status == 0, ended.err
    counted = {"sent": 20, "ok": 20, "failed": 0, "timed_out": 0, "statuses": {"200": 20}}
    assert ended.figures["requests_total"] == counted
    assert [line for line in ended.err.splitlines() if not line.startswith(("Serving at", "Recorded in"))] == []
    assert len(Recorded(path).of(Kind.CALL)) == 20


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that nobody has fetched yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
