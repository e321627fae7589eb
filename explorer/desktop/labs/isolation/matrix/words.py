"""The lines under the matrix: when it was measured, on what, and what its columns mean. No Qt."""

from collections.abc import Mapping
from typing import Final

from explorer.desktop.labs.isolation.matrix.look import AUTOCOMMIT
from explorer.labs.isolation.matrix import Matrix
from explorer.labs.isolation.trace import Facts

TITLE: Final = "What each level lets through"
PROOF: Final = "At AUTOCOMMIT all of them happen: each detector works."
READ_UNCOMMITTED: Final = "READ UNCOMMITTED behaves as READ COMMITTED here."
LEGEND: Final = (
    ("layers", "old version read"),
    ("hourglass", "blocked by another session"),
    ("octagon-x", "aborted, with its code"),
)
DIFFERS: Final = "differs from standard or manual"
UNPROTECTED: Final = "happened, without a transaction"
WORDS: Final = (
    "Happened: the anomaly was seen. Dashed: under AUTOCOMMIT, where no transaction could prevent it; this only shows "
    "that the detector works.\n"
    "Old version read: a read was answered from a snapshot. Blocked: a statement had to wait for another session, as "
    "the database itself reported. Aborted: the engine ended a transaction, with this code.\n"
    "≠ differs from the SQL standard, the engine's manual or Hermitage: a click, or D, gives the reason."
)
"""The words of the cells, each with its one meaning."""
NOW_S: Final = 5
MINUTE_S: Final = 60
HOUR_S: Final = 3600


def ago(seconds: float) -> str:
    """How long ago, in words: "just now", "40 s ago", "3 min ago"."""
    if seconds < NOW_S:
        return "just now"
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s ago"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S:.0f} min ago"
    return f"{seconds // HOUR_S:.0f} h ago"


def measured_line(matrix: Matrix, seconds_ago: float, *, complete: bool) -> str:
    """When and how long: "Measured here 40 s ago, 56 runs in 6.2 s.", and what the first column is for."""
    runs = sum(cell.verdict is not None for cell in matrix.cells.values())
    if not runs:
        return "Nothing was measured."
    took = f"{runs:,} {'run' if runs == 1 else 'runs'} in {matrix.seconds:.1f} s"
    parts = [f"Measured here {ago(seconds_ago)}, {took}."]
    if not complete:
        parts.append("It was ended early; empty cells were not measured.")
    proof = [cell.verdict for (level, _), cell in matrix.cells.items() if level == AUTOCOMMIT and cell.verdict]
    if proof and all(verdict.happened for verdict in proof):
        parts.append(PROOF)
    elif proof:
        silent = sum(not verdict.happened for verdict in proof)
        parts.append(f"At AUTOCOMMIT {silent:,} of {len(proof):,} were not seen.")
    if matrix.facts.engine == "postgresql" and "READ UNCOMMITTED" not in matrix.levels:
        parts.append(READ_UNCOMMITTED)
    return " ".join(parts)


def settings_line(facts: Facts) -> str:
    """On what it was measured, and the settings that decide: "PostgreSQL 18.1, embedded · deadlock_timeout = 200ms"."""
    settings = ", ".join(f"{name} = {value}" for name, value in facts.settings.items())
    return " · ".join(filter(None, (", ".join(filter(None, (facts.title, facts.where))), settings)))


def progress_line(done: int, total: int, what: str) -> str:
    """While it is measured: "23 of 56 runs: Phantom at SERIALIZABLE"."""
    return f"{done:,} of {total:,} runs{f': {what}' if what else ''}"


def shared_reason(differences: Mapping[str, str]) -> str:
    """What a badge tells at a glance: from what the cell differs."""
    return f"Differs from {' and '.join(differences)}." if differences else ""
