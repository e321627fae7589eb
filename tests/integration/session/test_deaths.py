"""Processes of a run that die without being asked to, and what becomes of the run."""

import os
import signal

from explorer.records.states import Kind, Role
from explorer.session import events
from tests.integration.session.stage import Stage


async def test_a_pool_that_loses_a_process_is_made_anew_and_the_run_goes_on(stage: Stage) -> None:
    await stage.start("dispatch.id=process_pool", "dispatch.processes=2", "workload.seconds=0.02", "load.users=4")
    await stage.until(lambda: stage.answered >= 10 and len(stage.pids(Role.POOL)) == 2, what="answers")
    victim = stage.pids(Role.POOL)[0]
    os.kill(victim, signal.SIGKILL)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    await stage.until(lambda: len(stage.pids(Role.POOL)) == 4, what="another pool")
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers of the new pool")
    await stage.session.stop()

    (death,) = stage.said(events.Died)
    assert (death.role, death.pid, death.fatal) == ("pool", victim, False)
    assert death.sentence == f"Pool {victim} was ended by signal 9. The run goes on."
    (marker,) = [marker for marker in stage.markers if marker.kind == "death"]
    assert marker.detail == death.sentence
    assert stage.processes[victim].died
    # Those under way in the pool that broke have failed, nobody else.
    assert sum(stage.failures.values()) <= 4
    before = stage.spans(Kind.JOB)
    assert len(before[before["start"] < marker.time]) > 0


async def test_a_server_that_dies_is_told_to_be_fatal_and_the_owner_stops(stage: Stage) -> None:
    await stage.start("workload.seconds=0.01", "load.users=4")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    (server,) = stage.pids(Role.SERVER)
    os.kill(server, signal.SIGKILL)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    await stage.session.stop()

    (death,) = stage.said(events.Died)
    assert (death.role, death.pid, death.fatal) == ("server", server, True)
    assert stage.processes[server].died
    assert not any(process.died for process in stage.children if process.pid != server)
    assert stage.count(Kind.REQUEST) >= 10
    assert stage.tally.read + stage.tally.lost == stage.tally.written


async def test_a_load_that_dies_leaves_the_server_to_its_own_clients(stage: Stage) -> None:
    await stage.start("workload.seconds=0.01", "load.users=4")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    (load,) = stage.pids(Role.LOAD)
    os.kill(load, signal.SIGKILL)
    await stage.until(lambda: stage.said(events.Died), what="the news")
    (death,) = stage.said(events.Died)
    assert (death.role, death.fatal) == ("load", False)
    assert stage.get("/job") == 200
    await stage.session.stop()
