"""The inspector says of a span what the timeline says of it."""

from explorer.desktop.app import Application
from explorer.desktop.panels.inspector import Facts
from explorer.desktop.widgets.label import ElidedLabel
from explorer.records.states import Kind
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
