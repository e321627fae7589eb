"""The inspector says of a span what the timeline says of it."""

import numpy as np
import pytest

from explorer.analysis.parts import UNEXPLAINED, MeanParts, TimePart
from explorer.collect.source import SPAN, Array, Batch, Marker, Track
from explorer.desktop.app import Application
from explorer.desktop.panels import inspector
from explorer.desktop.panels.inspector import Facts
from explorer.desktop.widgets.label import ElidedLabel
from explorer.records.schema import TIME_UNIT_NS, span_argument
from explorer.records.states import Flag, Kind, State, TrackKind
from explorer.store.rows import Span
from tests.desktop.window.conftest import Drive, until


def test_a_lane_has_one_name_in_headers_and_inspector(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        control.run()
        await until(lambda: control.state == "running", "a run")
        store = control.store

        def jobs() -> list[tuple[int, int]]:
            return [
                (number, int(piece.start[0]))
                for number in store.tracks
                for piece in store.slices(number, 0, 0, 1 << 62)
                if (piece.kind == Kind.JOB).any()
            ]

        await until(jobs, "a job")
        await until(lambda: window.timeline.scene.lane_title(jobs()[0][0]), "its lane")
        track, start = jobs()[0]
        window.timeline.select(store.find(track, 0, start))
        [facts] = window.inspector.findChildren(Facts)
        words = [label.text() for label in facts.findChildren(ElidedLabel)]
        assert words[words.index("Lane") + 1] == window.timeline.scene.lane_title(track)
        assert words[words.index("Lane") + 1].startswith("Worker ")

    drive(scene)


@pytest.mark.long
def test_what_a_request_does_after_its_answer_is_told(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        control.change("workload", "id", "background")
        control.change("workload", "seconds", 0.1)
        control.run()
        await until(lambda: control.state == "running", "a run")
        store = control.store

        def answered_before() -> list[tuple[int, int]]:
            """Jobs whose request has its pieces."""
            found = []
            for number in list(store.tracks):
                for piece in store.slices(number, 0, 0, 1 << 62):
                    for at in (piece.kind == Kind.JOB).nonzero()[0].tolist():
                        request = int(piece.request[at])
                        if any(span.kind is Kind.PIECE for span in store.request(request)):
                            found.append((number, int(piece.start[at])))
            return found

        await until(answered_before, "background work")
        track, start = answered_before()[0]
        window.timeline.select(store.find(track, 0, start))
        [facts] = window.inspector.findChildren(Facts)
        words = [label.text() for label in facts.findChildren(ElidedLabel)]
        told = words[words.index("After the answer") + 1]
        assert told.endswith(" ms")
        assert float(told.removesuffix(" ms")) >= 90

    drive(scene)


@pytest.mark.long
def test_the_part_of_another_server_has_a_name_of_its_own(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.resize(1600, 900)
        control.change("workload", "id", "http_upstream")
        control.change("workload", "seconds", 0.01)
        control.run()
        await until(lambda: control.state == "running", "a run")
        store = control.store

        def followed() -> list[int]:
            """Requests of which everything has come."""
            jobs = [
                int(request)
                for number in list(store.tracks)
                for piece in store.slices(number, 0, 0, 1 << 62)
                for request in piece.request[piece.kind == Kind.JOB].tolist()
            ]
            return [
                request
                for request in jobs
                if sum(span.kind is Kind.REQUEST for span in store.request(request)) == 2
                and any(span.kind is Kind.PIECE for span in store.request(request))
            ]

        await until(followed, "a request that went on")
        window.inspector.show_request(followed()[0])
        [facts] = window.inspector.findChildren(Facts)
        words = [label.text() for label in facts.findChildren(ElidedLabel)]
        assert words.count("At the upstream") == words.count("At the server") == 1

    drive(scene)


def test_how_late_a_timer_was_is_said_once(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        argument = span_argument(value=5_000_000 // TIME_UNIT_NS)
        timer = Span(0, 0, 0, 1000, 0, 0, argument, Kind.TIMER, State.RUNNING, Flag.BEGIN)
        application.window.inspector.show_span(timer)
        [facts] = application.window.inspector.findChildren(Facts)
        words = [label.text() for label in facts.findChildren(ElidedLabel)]
        assert words.count("Late by") == 1
        assert words[words.index("Late by") + 1] == "5 ms"

    drive(scene)


def test_the_sentence_names_the_largest_part_also_while_rows_keep_their_places(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mean(blocking: float, waits: float) -> MeanParts:
        parts = (
            TimePart("blocking", State.BLOCKED, blocking),
            TimePart("waits for a process", State.QUEUED, waits),
            TimePart(UNEXPLAINED, None, 100e6 - blocking - waits),
        )
        return MeanParts(parts, 100e6, 5)

    async def scene(application: Application) -> None:
        panel = application.window.inspector
        said = []
        for blocking, waits in ((50e6, 43e6), (43.4e6, 48.6e6), (20e6, 19e6)):
            found = mean(blocking, waits)
            monkeypatch.setattr(inspector, "mean_parts", lambda *_, found=found, **__: found)
            panel.refresh()
            listed = panel._parts.accessibleName()
            said.append((panel._sentence.text(), listed[: listed.index(" ms")]))
        assert said == [
            ("50 % of it: blocking.", "blocking 50.0"),
            ("49 % of it: waits for a process.", "blocking 43.4"),
            ("61 % of it: unexplained.", "blocking 20.0"),
        ]

    drive(scene)


def test_the_mean_leaves_out_what_failed_and_says_so(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        store, panel = application.control.store, application.window.inspector
        lanes = [Track(lane, TrackKind.LANE, "1", 0, parent=10) for lane in (11, 12)]
        group, load = Track(10, TrackKind.REQUESTS, "GET /job", 0), Track(30, TrackKind.REQUESTS, "load", 3)
        ways = [(0, 40, 1, 0, 11, Kind.PIECE), (0, 900, 2, 0, 12, Kind.PIECE)]
        good, given_up = (0, 40, 1, 200, 30, Kind.CLIENT_REQUEST), (0, 900, 2, 0, 30, Kind.CLIENT_REQUEST)
        names = [(0, ""), (1, "waits")]
        store.append(Batch(now=0, tracks=[group, load, *lanes], names=names, spans=_rows([*ways, good])))
        panel.refresh()
        assert panel._total.text() == "470 ms", "nobody has told yet how it ended"
        store.append(Batch(now=0, spans=_rows([given_up])))
        panel.refresh()
        assert panel._total.text() == "40 ms"
        assert panel._total_note.text().endswith(", without 1 failed")
        store.append(Batch(now=0, spans=_rows([(0, 950, 1, 503, 30, Kind.CLIENT_REQUEST)])))
        panel.refresh()
        assert panel._total.text() == "470 ms"
        assert panel._total_note.text().endswith(", none well answered")

    drive(scene)


def test_the_mean_leaves_out_what_was_given_up_long_before_the_server_was_done(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        store, panel = application.control.store, application.window.inspector
        lanes = [Track(lane, TrackKind.LANE, "1", 0, parent=10) for lane in (11, 12)]
        group, load = Track(10, TrackKind.REQUESTS, "GET /job", 0), Track(30, TrackKind.REQUESTS, "load", 3)
        ways = [(29_960, 30_000, 1, 0, 11, Kind.PIECE), (0, 29_900, 2, 0, 12, Kind.PIECE)]
        ends = [(29_960, 30_000, 1, 200, 30, Kind.CLIENT_REQUEST), (0, 2_000, 2, 0, 30, Kind.CLIENT_REQUEST)]
        names = [(0, ""), (1, "waits")]
        store.append(Batch(now=0, tracks=[group, load, *lanes], names=names, spans=_rows([*ways, *ends])))
        panel.refresh()
        assert panel._total.text() == "40 ms"
        assert "failed" not in panel._total_note.text(), "none has failed in this time"

    drive(scene)


def _rows(told: list[tuple[int, int, int, int, int, Kind]]) -> Array:
    """Spans: begin and end (ms), request, status, track, kind."""
    made = np.zeros(len(told), SPAN)
    for row, (begin, end, request, status, track, kind) in zip(made, told, strict=True):
        row["start"], row["end"] = (1_000 + begin) * 10**6, (1_000 + end) * 10**6
        row["request"], row["argument"] = request, status
        row["track"], row["kind"], row["name"], row["state"], row["flags"] = track, kind, 1, State.QUEUED, Flag.COMPLETE
    return made


def test_a_mean_since_a_change_says_so(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    second = 1_000_000_000

    async def scene(application: Application) -> None:
        panel, store = application.window.inspector, application.control.store
        monkeypatch.setattr(inspector, "mean_parts", lambda *_, **__: MeanParts((), 100e6, 5))
        spans = np.zeros(1, SPAN)
        spans["start"], spans["end"], spans["track"] = second, 40 * second, 1
        store.append(Batch(40 * second, spans, tracks=[Track(1, TrackKind.THREAD, "worker", 1)]))
        panel.refresh()
        assert panel._total_note.text().endswith("on average, last 10 s")
        store.append(Batch(41 * second, markers=[Marker(37 * second, "change", "Users 8 → 4")]))
        panel.refresh()
        assert panel._total_note.text().endswith("on average, since the last change")

    drive(scene)


def test_a_cause_with_several_states_says_which(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (
        TimePart("endpoint one", State.AWAITING, 60e6),
        TimePart("endpoint one", State.WAITING_GIL, 25e6),
        TimePart("serializing the answer", State.RUNNING, 15e6),
        TimePart(UNEXPLAINED, None, 0.0),
    )

    async def scene(application: Application) -> None:
        panel = application.window.inspector
        monkeypatch.setattr(inspector, "mean_parts", lambda *_, **__: MeanParts(parts, 100e6, 5))
        panel.refresh()
        names = [part.partition(" ms (")[0].rpartition(" ")[0] for part in _listed(panel._parts.accessibleName())]
        assert names == [
            "Endpoint one, awaiting",
            "Endpoint one, waiting for the GIL",
            "Serializing the answer",
            "Unexplained",
        ]
        assert panel._sentence.text() == "60 % of it: endpoint one, awaiting."

    drive(scene)


def _listed(spoken: str) -> list[str]:
    return [part.removeprefix(", ") for part in spoken.split(" %)") if part]
