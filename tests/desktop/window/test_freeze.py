"""A window that serves is frozen by its handler; the main window draws that as it happens and stays live itself."""

from explorer.collect.source import OpenSpan
from explorer.desktop.app import Application
from explorer.desktop.timeline.rows import build_rows
from explorer.records.states import Kind, State
from tests.desktop.window.conftest import Drive, until


def standing_still(application: Application) -> list[OpenSpan]:
    """The frames that wait now."""
    return [span for span in application.control.store.open_spans if span.kind is Kind.FRAME]


def test_the_main_window_draws_the_freeze_as_it_happens(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        for section, key, value in (
            ("model", "id", "window_loop"),
            ("dispatch", "id", "blocking_coroutine"),
            ("workload", "seconds", 30),
            ("load", "users", 0),
        ):
            assert control.change(section, key, value)
        control.run()
        await until(lambda: control.state == "running", "a run")
        control.send(1)
        store = control.store
        await until(lambda: any(span.kind is Kind.CALL for span in store.open_spans), "the handler that blocks")
        frames: list[int] = []
        control.bridge.framed.connect(lambda: frames.append(store.last or 0))
        # Any frame may wait for a moment, and what is open is read ring by ring: the one behind the handler stays.
        await until(lambda: len(frames) > 5 and standing_still(application), "the frame behind it")
        (wait,) = standing_still(application)
        assert wait.state is State.QUEUED
        seen = len(frames)
        await until(lambda: len(frames) > seen + 20, "twenty frames of the main window")

        (still,) = standing_still(application)
        assert still.start == wait.start
        titles = {row.title: row.track for row in build_rows(store, wait.start, wait.start + 10**9)}
        assert titles["Clock hand"] == wait.track

    drive(scene)
