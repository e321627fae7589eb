"""What stands beside the rows that are predicted: what the schedule does, in a few words, without what comes of it.
No Qt.
"""

import re
from collections.abc import Sequence
from typing import Final

from explorer.labs.isolation.schedule import COMMIT, ROLLBACK, Schedule

WHAT: Final = {
    "G0": "Two writers change the same rows in opposite order",
    "G1a": "Reads a value that is later rolled back",
    "G1b": "Reads a value that is later overwritten",
    "G1c": "Each reads what the other wrote",
    "OTV": "Reads twice while two others write",
    "G-single": "Two reads, and a change of both rows between them",
    "G-single-pred": "The same, found by WHERE",
    "G-single-write": "The same, and then a write",
    "PMP": "Asks twice, and rows are added between",
    "PMP-write": "A DELETE … WHERE while rows change",
    "P4": "Both read, both write what they reckoned",
    "G2-item": "Each checks, each writes elsewhere",
    "G2": "The same, with new rows",
    "G2-three": "Two writers, and a third who only reads",
}
_KEPT: Final = re.compile(r"\{(\w+)\}")
_ENDS: Final = {COMMIT: ("commits", "commit"), ROLLBACK: ("rolls back", "roll back")}


def what(schedule: Schedule) -> str:
    """A few words for a row; of a schedule that is not shipped its sentence."""
    return WHAT.get(schedule.id, schedule.sentence)


def short_steps(schedule: Schedule, engine: str) -> list[tuple[str, str]]:
    """The steps as (session, SQL in one line); ends that follow one another are one line without a session: "A and B
    commit".
    """
    lines: list[tuple[str, str]] = []
    ending: list[str] = []
    how = ""

    def end() -> None:
        if ending:
            lines.append(("", f"{_listed(ending)} {_ENDS[how][len(ending) > 1]}"))
            ending.clear()

    for step in schedule.steps:
        control = step.control
        if control in _ENDS:
            if control != how:
                end()
            how = control
            ending.append(step.session)
            continue
        end()
        lines.append((step.session, one_line(step.on(engine))))
    end()
    return lines


def one_line(sql: str) -> str:
    """SQL without line breaks and runs of spaces, and with the names of values that were kept instead of places for
    them: "SET balance = seen + 50".
    """
    return _KEPT.sub(r"\1", " ".join(sql.split()))


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
