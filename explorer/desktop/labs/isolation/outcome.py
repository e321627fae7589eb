"""Whether a run has shown something: that it happens, that it is prevented, or neither. No Qt."""

from typing import Final

from explorer.labs.isolation.trace import Trace
from explorer.labs.isolation.verdict import Verdict

HAPPENED: Final = "happened"
PREVENTED: Final = "prevented"
OPEN: Final = ""


def outcome(verdict: Verdict, trace: Trace) -> str:
    """Nothing is shown by a run that is not over, could not be finished, or met an error in its SQL."""
    if verdict.happened:
        return HAPPENED
    wrong = any(one.failure is not None and one.failure.kind == "other" for one in trace.ran)
    return OPEN if verdict.before or trace.stuck or wrong else PREVENTED
