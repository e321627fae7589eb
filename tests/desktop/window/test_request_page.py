"""A request's page in the inspector: how one gets there, what it says, where its way leads."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from explorer.analysis.critical_path import PathPart, by_latency, critical_path
from explorer.desktop.app import Application
from explorer.desktop.requests_guide import GONE
from explorer.desktop.words import request_label
from explorer.store.store import Store
from tests.desktop.window.conftest import Drive, until


def requests(store: Store) -> list[int]:
    """Requests that waited for a thread above all, as most do with two tokens for more users on a quiet machine; the
    quickest first.
    """
    ways = [critical_path(store, number) for number in by_latency(store).tolist()]
    return [way.request for way in ways if way is not None and next(iter(way.sums()), None) is PathPart.TOKEN]


def test_a_dot_leads_to_its_request_whose_way_leads_on(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 1000)
        control.change("dispatch", "tokens", 2)
        control.change("workload", "seconds", 0.02)
        control.change("load", "users", 4)
        control.run()
        await until(lambda: control.state == "running", "a run")
        store, timeline, inspector = control.store, window.timeline, window.inspector
        page = inspector.page
        await until(lambda: len(requests(store)) > 3, "some requests")
        number = requests(store)[-1]
        window.metrics.dot_clicked.emit(number)
        path = critical_path(store, number)
        assert path is not None
        assert timeline.scene.selection.request == number
        assert not timeline.following
        assert page.isVisibleTo(inspector)
        assert timeline.scene.view.begin <= path.start <= timeline.scene.view.end

        # What it waited for is said, in parts that add up; all of it can be copied.
        page.copy.click()
        text = QGuiApplication.clipboard().text()
        assert request_label(number) in text
        assert f"Measured latency\t{path.total / 1e6:,.1f} ms\t100 %" in text
        assert "Waited for a thread" in text
        assert "Unexplained" in text
        assert "waited for a free thread" in page.why.sentence
        assert page.why.button.isVisibleTo(page)

        # Arrows go from lane to lane, and are painted.
        timeline.lanes.grab()
        flows = timeline.lanes.flows.flows
        assert len(flows) == 4, "to the loop, to the thread, back, to the end"
        assert flows[0].from_time == path.start
        assert all(flow.from_track != flow.to_track and flow.from_time <= flow.to_time for flow in flows)

        # A click on a step goes to its moment.
        timeline.show_time(path.end + 10**9, path.end + 2 * 10**9)
        [handler] = [at for at, step in enumerate(page.way.steps) if step.words.endswith("runs the handler")]
        high = page.way.height() // len(page.way.steps)
        QTest.mouseClick(
            page.way, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(30, high * handler + high // 2)
        )
        step = page.way.steps[handler]
        assert timeline.scene.view.begin <= step.start <= timeline.scene.view.end

        # By keyboard to the slower and the faster; from the slowest there is no further.
        application.window.actions_.trigger("faster")
        faster = timeline.scene.selection.request
        found = critical_path(store, faster)
        assert faster != number
        assert found is not None
        assert found.total <= path.total
        timeline.clear()
        application.window.actions_.trigger("slower")
        slowest = critical_path(store, timeline.scene.selection.request)
        assert slowest is not None
        assert slowest.total >= path.total

        # At the slowest there is no slower one: it stays where it is.
        timeline.select_request(slowest.request)
        assert inspector.span is not None
        assert request_label(slowest.request) in page.text

        # Compact there is one line for it.
        window.resize(1280, 720)
        await until(lambda: not page.isVisibleTo(inspector), "the compact form")

        # What is no longer kept is said to be so.
        said: list[str] = []
        window.requests.unknown.connect(said.append)
        window.metrics.dot_clicked.emit(1 << 50)
        assert said == [GONE]

    drive(scene)


@pytest.mark.long
def test_what_is_offered_to_try_is_tried(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 1000)
        control.change("dispatch", "tokens", 2)
        control.change("workload", "seconds", 0.02)
        control.change("load", "users", 6)
        control.run()
        await until(lambda: control.state == "running" and bool(requests(control.store)), "some requests")
        window.requests.show(requests(control.store)[-1])
        button = window.inspector.page.why.button
        assert button.text() == "Try 4 tokens"
        button.click()
        assert control.scenario.to_dict()["dispatch"]["tokens"] == 4

    drive(scene)
