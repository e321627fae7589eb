"""Runs whose work is done by a Dask cluster: the embedded one, and one that somebody else started."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from explorer.collect.source import Array
from explorer.option_error import OptionError
from explorer.records.states import Kind, Role, TrackKind
from explorer.session import events
from tests.clusters import Foreign, can_certify, certificates
from tests.integration.session.stage import Stage, status

pytestmark = pytest.mark.long

CLUSTER = ("dispatch.id=cluster", "workload.id=sleep", "workload.seconds=0.03", "load.users=6")


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Foreign]:
    """A scheduler of somebody else's, without workers."""
    with Foreign(tmp_path) as cluster:
        cluster.scheduler()
        yield cluster


def on_threads(stage: Stage, spans: Array) -> Array:
    """Those of the spans that stand on a thread's track."""
    threads = [number for number, track in stage.tracks.items() if track.kind is TrackKind.THREAD]
    return spans[np.isin(spans["track"], threads)]


def hosts_of(stage: Stage, spans: Array) -> set[int]:
    """Pids of the processes on whose tracks the spans stand."""
    numbers = {process.number: process.pid for process in stage.processes.values()}
    return {numbers[stage.tracks[track].process] for track in set(spans["track"].tolist())}


async def test_work_is_done_by_workers_of_the_embedded_cluster(stage: Stage) -> None:
    await stage.start(*CLUSTER, "dispatch.workers=2", "dispatch.threads=2")
    await stage.until(lambda: stage.answered >= 30, what="answers")
    await stage.session.stop()

    scheduler, *workers = stage.pids(Role.CLUSTER)
    assert stage.processes[scheduler].label == "Dask scheduler"
    labels = sorted(stage.processes[worker].label for worker in workers)
    assert labels == ["Dask worker 1 on this machine", "Dask worker 2 on this machine"]
    assert not stage.failures
    assert not any(process.died for process in stage.children)
    jobs = on_threads(stage, stage.spans(Kind.JOB))
    assert hosts_of(stage, jobs) == set(workers)
    requests = stage.spans(Kind.REQUEST)
    assert status(requests) == {200}
    # Every answered request waited, then had its job, within its own time.
    waits = {wait["request"]: wait for wait in stage.spans(Kind.POOL_WAIT)}
    by_request = {job["request"]: job for job in jobs}
    assert len(requests) >= 30
    for request in requests:
        wait, job = waits[request["request"]], by_request[request["request"]]
        assert request["start"] <= wait["start"] <= wait["end"] <= job["start"] < job["end"] <= request["end"]
    # What the body calls is seen inside the jobs, as in a process of a pool.
    sleeps = stage.spans(Kind.CALL, "time.sleep")
    assert set(requests["request"].tolist()) <= set(sleeps["request"].tolist())


async def test_a_worker_that_is_killed_loses_no_request(stage: Stage) -> None:
    await stage.start(*CLUSTER, "dispatch.workers=2", "dispatch.threads=2")
    await stage.until(lambda: stage.answered >= 20 and len(stage.pids(Role.CLUSTER)) == 3, what="answers")
    victim = stage.pids(Role.CLUSTER)[1]
    os.kill(victim, signal.SIGKILL)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    await stage.until(lambda: len(stage.pids(Role.CLUSTER)) == 4, what="another worker")
    newcomer = stage.pids(Role.CLUSTER)[3]
    await stage.until(
        lambda: newcomer in hosts_of(stage, on_threads(stage, stage.spans(Kind.JOB))), what="jobs of the new worker"
    )
    await stage.session.stop()

    assert not stage.failures
    (death,) = stage.said(events.Died)
    assert (death.role, death.pid, death.fatal) == ("cluster worker", victim, False)
    assert death.sentence == f"Cluster worker {victim} was ended by signal 9. Its work goes to other workers."
    (marker,) = [marker for marker in stage.markers if marker.kind == "death"]
    assert marker.detail == death.sentence
    assert stage.processes[victim].died


async def test_without_its_scheduler_the_cluster_fails_and_the_run_can_still_be_stopped(stage: Stage) -> None:
    await stage.start(*CLUSTER)
    await stage.until(lambda: stage.answered >= 10 and len(stage.pids(Role.CLUSTER)) == 3, what="answers")
    scheduler, *workers = stage.pids(Role.CLUSTER)
    os.kill(scheduler, signal.SIGKILL)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    await stage.until(
        lambda: all(stage.processes[pid].ended_ns is not None for pid in workers), what="its workers' end"
    )
    await stage.session.stop()

    (death,) = stage.said(events.Died)
    assert death.sentence.endswith("fails from now on; stop the run and start it again.")
    assert not death.fatal


async def test_workers_of_somebody_else_are_processes_of_the_run(stage: Stage, foreign: Foreign) -> None:
    pids = {foreign.worker().pid, foreign.worker().pid}
    await stage.start(*CLUSTER, f"dispatch.address={foreign.address}")
    await stage.until(lambda: stage.answered >= 30, what="answers")
    await stage.until(lambda: len(on_threads(stage, stage.spans(Kind.JOB))) >= 30, what="the workers' own words")
    await stage.session.stop()

    assert not stage.failures
    watcher, *workers = (stage.processes[pid] for pid in stage.pids(Role.CLUSTER))
    assert "watches the Dask cluster" in watcher.label
    assert {worker.pid for worker in workers} == pids
    for worker in workers:
        assert worker.host == "127.0.0.1"
        assert re.match(r"Dask worker \d on 127\.0\.0\.1, clock ±", worker.label)
        assert not worker.died
    jobs = on_threads(stage, stage.spans(Kind.JOB))
    assert hosts_of(stage, jobs) == pids
    requests = {request["request"]: request for request in stage.spans(Kind.REQUEST)}
    told = [job for job in jobs if job["request"] in requests]
    assert len(told) >= 30
    for job in told:
        request = requests[job["request"]]
        assert request["start"] < job["start"] < job["end"] < request["end"]
    # And on the request's own lane: it waits, its job runs, and the answer comes back.
    pieces = stage.spans(Kind.PIECE)
    names = {stage.names[piece["name"]] for piece in pieces}
    assert {"waits for a process", "blocking", "awaits"} <= names


async def test_a_lost_worker_of_somebody_else_is_a_death_and_its_work_moves_on(stage: Stage, foreign: Foreign) -> None:
    first, second = foreign.worker(), foreign.worker()
    await stage.start(*CLUSTER, f"dispatch.address={foreign.address}")
    await stage.until(lambda: stage.answered >= 20, what="answers")
    first.kill()
    await stage.until(lambda: stage.said(events.Died), what="the news")
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers of the other worker")
    await stage.session.stop()

    assert not stage.failures
    (death,) = stage.said(events.Died)
    assert death.sentence == f"Cluster worker {first.pid} on 127.0.0.1 was lost. Its work goes to other workers."
    assert stage.processes[first.pid].died == "was lost"
    assert stage.processes[first.pid].ended_ns is not None
    assert not stage.processes[second.pid].died


async def test_work_waits_for_a_worker_when_the_last_one_is_lost(stage: Stage, foreign: Foreign) -> None:
    only = foreign.worker()
    await stage.start(*CLUSTER, f"dispatch.address={foreign.address}")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    only.kill()
    await stage.until(lambda: stage.said(events.Died), what="the news")
    newcomer = foreign.worker()
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers of the new worker")
    await stage.session.stop()

    assert not stage.failures
    assert newcomer.pid in stage.pids(Role.CLUSTER)


async def test_a_scheduler_without_workers_is_refused(stage: Stage, foreign: Foreign) -> None:
    with pytest.raises(OptionError, match="has no workers; start at least one") as caught:
        await stage.start(*CLUSTER, f"dispatch.address={foreign.address}")

    assert caught.value.where == "dispatch.address"


async def test_an_address_where_nobody_listens_is_refused(stage: Stage) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(OptionError, match="No Dask scheduler can be reached at tcp://") as caught:
            await stage.start(*CLUSTER, f"dispatch.address={address}")

    assert caught.value.where == "dispatch.address"


async def test_somebody_who_is_no_scheduler_is_refused(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(OptionError, match="answers as a Dask scheduler does"):
            await stage.start(*CLUSTER, f"dispatch.address={address}")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("dispatch.address=10.1.2.3:8786", "only used with TLS"),
        ("dispatch.address=nonsense", "no address of a Dask scheduler"),
        ("dispatch.ca=/nowhere/ca.pem", "TLS needs dispatch.ca"),
    ],
)
async def test_what_cannot_be_used_is_refused_before_anything_starts(stage: Stage, word: str, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        await stage.start(*CLUSTER, word)

    assert not stage.said(events.Serving)


@pytest.mark.skipif(not can_certify(), reason="openssl is not there to make certificates with")
async def test_a_scheduler_and_we_prove_who_we_are(stage: Stage, tmp_path: Path) -> None:
    ours = certificates(tmp_path / "ours")
    with Foreign(tmp_path, ours) as cluster:
        cluster.scheduler()
        cluster.worker()
        await stage.start(*CLUSTER, f"dispatch.address={cluster.address}", *ours.knobs)
        await stage.until(lambda: stage.answered >= 10, what="answers")
        await stage.session.stop()

    assert not stage.failures


@pytest.mark.skipif(not can_certify(), reason="openssl is not there to make certificates with")
async def test_who_has_other_certificates_or_none_is_told_so(tmp_path: Path) -> None:
    ours, theirs = certificates(tmp_path / "ours"), certificates(tmp_path / "theirs")
    with Foreign(tmp_path, ours) as cluster:
        cluster.scheduler()
        address = f"dispatch.address={cluster.address}"
        mixed = [*theirs.knobs[1:], ours.knobs[0]]
        for knobs, sentence, where in (
            (theirs.knobs, "was not issued by the authority", "dispatch.ca"),
            (mixed, "does not accept this certificate", "dispatch.cert"),
        ):
            stage = Stage()
            with pytest.raises(OptionError, match=sentence) as caught:
                await stage.start(*CLUSTER, address, *knobs)
            assert caught.value.where == where
            await stage.close()
        plain = Stage()
        with pytest.raises(OptionError, match="give the TLS files if it asks for them"):
            await plain.start(*CLUSTER, address.replace("tls://", "tcp://"))
        await plain.close()


@pytest.mark.parametrize("model", ["prefork", "thread_per_connection"])
async def test_every_process_and_every_loop_of_a_server_reaches_the_cluster(stage: Stage, model: str) -> None:
    more = ("model.workers=2",) if model == "prefork" else ()
    await stage.start(f"model.id={model}", *more, *CLUSTER)
    await stage.until(lambda: stage.answered >= 30, what="answers")
    await stage.session.stop()

    assert not stage.failures
    assert not any(process.died for process in stage.children)


async def test_another_size_of_the_embedded_cluster_is_another_cluster(stage: Stage) -> None:
    await stage.start(*CLUSTER, "dispatch.workers=1")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    before = stage.pids(Role.CLUSTER)
    await stage.change("dispatch.workers=2")
    await stage.until(lambda: len(stage.pids(Role.CLUSTER)) == len(before) + 3, what="another cluster")
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 10, what="answers of the new cluster")
    await stage.session.stop()

    assert not any(stage.processes[pid].died for pid in before)
    assert all(stage.processes[pid].ended_ns is not None for pid in before)


def test_nobody_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    words = [word for setting in (*CLUSTER, "dispatch.workers=2") for word in ("--set", setting)]
    process = subprocess.Popen(
        [sys.executable, "-m", "explorer", "run", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.readline().startswith(b"Serving at")
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    process.wait()

    assert len(family) >= 6  # server, load, sampler, scheduler and two workers
    assert not psutil.wait_procs(family, 10)[1]
