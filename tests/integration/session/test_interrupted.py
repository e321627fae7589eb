"""A run that is stopped at an awkward moment, or begins with what was not prepared for it."""

import asyncio
import sys
from pathlib import Path

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
    wrapper.write_text(f'#!/bin/sh\necho "$$" >> {trace}\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    stage = Stage()
    try:
        stage.session.prepare()
        await stage.start(f"server.interpreter={wrapper}", "load.users=1")
        [serving] = stage.said(events.Serving)
        assert str(serving.pids[0]) in trace.read_text().split()
    finally:
        await stage.close()
