"""A run that is stopped at an awkward moment, or begins with what was not prepared for it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.session import events
from tests import leaks
from tests.integration.session.stage import Stage


async def test_a_stop_in_the_middle_of_a_restart_leaves_no_process() -> None:
    before = leaks.processes()
    stage = Stage()
    try:
        scenario = await stage.start("load.users=2", "workload.seconds=0.01")
        changing = asyncio.create_task(stage.session.change(scenario.changed(stage.catalog, "server", "http", "h11")))
        await stage.until(lambda: stage.said(events.Restarting), what="the restart")
        await stage.session.stop()
        await changing
        assert leaks.processes() == before
        assert not stage.said(events.Failed)
    finally:
        await stage.close()


async def test_a_prepared_server_gives_way_to_the_interpreter_that_the_scenario_asks_for(tmp_path: Path) -> None:
    trace = tmp_path / "started"
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\necho "$$" >> {trace}\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    stage = Stage()
    try:
        stage.session.prepare()
        await stage.start(f"server.interpreter={wrapper}", "load.users=1")
        [serving] = stage.said(events.Serving)
        assert str(serving.pids[0]) in trace.read_text().split()
    finally:
        await stage.close()


@pytest.mark.parametrize("moment", ["old services end", "new services begin"])
async def test_a_stop_between_the_steps_of_a_restart_leaves_no_process(
    stage: Stage, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = leaks.processes()
    scenario = await stage.start("load.users=1", "workload.seconds=0.01")
    session = stage.session
    step, owner = ("_end", session) if moment == "old services end" else ("ensure", session._services)
    take = getattr(owner, step)

    async def take_and_stop(*of: Any) -> Any:
        found = await take(*of)
        await session.stop()
        return found

    monkeypatch.setattr(owner, step, take_and_stop)
    await session.change(scenario.changed(stage.catalog, "workload", "id", "http_upstream"))

    assert leaks.processes() == before
    assert isinstance(stage.heard[-1], events.Stopped)
    assert [event.epoch for event in stage.said(events.Serving)] == [1]


async def test_a_stop_while_the_prepared_server_gives_way_is_the_end(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    before = leaks.processes()
    session = stage.session
    session.prepare()
    replace = session._replace_prepared

    async def replace_and_stop(interpreter: str) -> None:
        await replace(interpreter)
        await session.stop()

    monkeypatch.setattr(session, "_replace_prepared", replace_and_stop)
    await stage.start(f"server.interpreter={wrapper}", "load.users=1")

    assert leaks.processes() == before
    # The executor's threads stay; the collector's must not begin after its end.
    assert [name for name in leaks.threads().values() if name == "collector"] == []
    assert isinstance(stage.heard[-1], events.Stopped)


async def test_a_run_that_was_stopped_before_it_began_does_not_begin(stage: Stage) -> None:
    before = leaks.processes()
    stage.session.prepare()
    await stage.session.stop()
    await stage.start("load.users=1")

    assert leaks.processes() == before
    assert stage.session.scenario is None
    assert not stage.said(events.Serving)


async def test_an_end_that_is_cut_short_leaves_no_process(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = leaks.processes()
    await stage.start("load.users=1", "workload.seconds=0.01")

    async def cut_short() -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(stage.session, "_end_load", cut_short)
    with pytest.raises(asyncio.CancelledError):
        await stage.session.stop()

    assert leaks.processes() == before
