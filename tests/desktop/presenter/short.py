"""Lessons that take a tenth of a second, made of no folder, for a lecture."""

from pathlib import Path

from explorer.lessons.lesson import Choice, Lesson, Question, Resource, Run, Slide, Watch
from explorer.records.states import State

S = 0.1


def scenario(tokens: int, port: int) -> dict[str, object]:
    """Eight at once, each sleeps for a tenth of a second."""
    return {
        "model": "event_loop",
        "server": {"port": port},
        "dispatch": {"id": "thread_pool", "tokens": tokens},
        "workload": {"id": "sleep", "seconds": S},
        "load": {"mode": "burst", "requests": 8},
    }


def lesson(identity: str = "short", port: int = 0) -> Lesson:
    """Three slides over two runs, with a law."""
    return Lesson(
        id=identity,
        title="A short wall",
        order=1,
        group="Threads",
        minutes=5,
        shape="wall",
        concepts=("threading",),
        needs=(),
        values={"N": 8, "T": 4, "S": S},
        runs=(
            Run("main", "Four tokens", "server", scenario(4, port)),
            Run("more", "Eight tokens", "server", scenario(8, port)),
        ),
        question=Question(
            text="When is the **last** answer back?",
            kind="number",
            unit="s",
            answer="main.makespan_s",
            choices=(Choice("0.1 s", 0.1), Choice("0.2 s", 0.2)),
            law="ceil(N / T) * S",
            law_text="⌈N / T⌉ · S",
        ),
        texts={},
        watch=Watch(("request",), 0.5),
        resource=Resource(),
        claims=(),
        slides=(
            Slide("Eight at once", "main", notes="Ask the room."),
            Slide("Four at a time", "main", "main.makespan_s", "s", law=True, different="It may lean."),
            Slide("Eight tokens, one wall", "more", "main.makespan_s / more.makespan_s", "×"),
        ),
        rows=2,
        picture=((0, 0.0, 0.5, State.BLOCKED), (1, 0.5, 0.5, State.BLOCKED)),
        folder=Path("short"),
    )
