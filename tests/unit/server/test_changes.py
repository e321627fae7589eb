"""Requests that wait for a report of the database: on any loop, and never for ever."""

import asyncio
import threading
from pathlib import Path

import pytest

from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.states import Kind, State
from explorer.server.workloads.db_events import watch
from explorer.server.workloads.db_events.changes import Changes, NoReports
from explorer.server.workloads.db_events.place import Place
from explorer.server.workloads.db_events.sqlite import close_writer, open_writer, writer
from tests.observed import Observed
from tests.unit.probe.conftest import observed, run, tracer
from tests.waiting import wait_until

__all__ = ["observed", "run", "tracer"]


def test_a_report_reaches_the_loop_on_which_its_request_waits() -> None:
    changes = Changes()
    tickets: list[str] = []
    done: list[int] = []

    async def request() -> None:
        with changes.expected() as change:
            tickets.append(change.ticket)
            await change.reported
        done.append(threading.get_ident())

    # A thread and a loop for each connection.
    threads = [threading.Thread(target=lambda: asyncio.run(request())) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(tickets) == 3)
    changes.report("another process's")
    assert done == []
    for ticket in tickets:
        changes.report(ticket)
    for thread in threads:
        thread.join(10)

    assert len(set(done)) == 3


async def test_nobody_waits_when_no_more_reports_will_come() -> None:
    changes = Changes()
    with changes.expected() as change:
        changes.give_up()
        with pytest.raises(NoReports):
            await change.reported
    with pytest.raises(NoReports), changes.expected():
        pass


def test_a_report_for_a_loop_that_has_ended_is_dropped() -> None:
    changes = Changes()
    waiters = []

    async def request() -> None:
        waiters.append(changes.expected())
        waiters.append(waiters[0].__enter__())  # type: ignore[arg-type]  # kept open beyond the loop

    asyncio.run(request())

    changes.report(waiters[1].ticket)  # type: ignore[attr-defined]  # the waiter


async def test_sqlite_tells_who_wrote(tmp_path: Path) -> None:
    changes = Changes()
    place = Place(None, str(tmp_path / "a.db"))
    open_writer(place, changes)
    with changes.expected() as first, changes.expected() as second:
        await asyncio.to_thread(writer(place).write, 1, second.ticket)
        await second.reported
        assert not first.reported.done()
    close_writer(place)


async def test_each_report_is_a_record_of_its_request(tracer: Tracer, observed: Observed) -> None:
    undo = watch.watch(tracer)
    changes = Changes()
    with changes.expected() as change:
        changes.report(change.ticket)
        loop_is_busy = asyncio.get_running_loop().time() + 0.02
        while asyncio.get_running_loop().time() < loop_is_busy:
            pass
        await change.reported
    undo()

    (row,) = observed.of(Kind.NOTIFICATION)
    assert (row.name, row.state, row.depth) == ("database reports a change", State.RUNNING, 1)
    assert row.value * TIME_UNIT_NS >= 19_000_000
