"""What a measurement came to, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from explorer.labs.isolation.cost.plan import CostKnobs
from explorer.server.workloads.bank_transfer.levels import STYLES

HEAD: Final = ("Level", "Transfers", "A second", "p50", "p99", "Aborted", "Retried", "Given up", "Money", "Verdict")


@dataclass(frozen=True, slots=True)
class LevelCost:
    """One level. `seconds` from the first request to the last commit; times of requests in ms.

    `aborted` counts attempts by the engine's code. `journal` is how many transfers the database itself says were
    committed; `missing` is `expected` less the money in the database, `misplaced` by how much the single balances
    differ from the journal. `promised`: the engine promises that nothing is lost.
    """

    level: str
    transfers: int
    seconds: float
    aborted: Mapping[str, int]
    retried: int
    given_up: int
    without_connection: int
    expected: int
    money: int
    misplaced: int
    journal: int
    p50_ms: float | None
    p99_ms: float | None
    promised: bool

    @property
    def missing(self) -> int:
        """Money that should be there and is not; below 0 there is more than there should be."""
        return self.expected - self.money

    @property
    def per_second(self) -> float:
        """Transfers committed a second."""
        return self.transfers / self.seconds if self.seconds > 0 else 0.0

    @property
    def attempts(self) -> int:
        """Transactions that were begun."""
        return self.transfers + sum(self.aborted.values())

    @property
    def kept(self) -> bool:
        """Whether every coin is where it should be."""
        return self.missing == 0 and self.misplaced == 0


@dataclass(slots=True)
class Cost:
    """All levels so far. `engine` is what it calls itself ("PostgreSQL 18.1"), empty before the first level."""

    knobs: CostKnobs
    asked: tuple[str, ...]
    engine: str = ""
    levels: dict[str, LevelCost] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every level was measured."""
        return all(level in self.levels for level in self.asked)


def as_json(cost: Cost) -> dict[str, Any]:
    """Plain data: {engine, complete, style, …, levels: {LEVEL: {transfers, seconds, aborted: {CODE: n}, …}}}."""
    return {
        "engine": cost.engine,
        "complete": cost.complete,
        **cost.knobs.model_dump(),
        "levels": {name: _level(one) for name, one in cost.levels.items()},
    }


def _level(one: LevelCost) -> dict[str, Any]:
    return {
        "transfers": one.transfers,
        "seconds": round(one.seconds, 3),
        "per_second": round(one.per_second, 1),
        "latency_ms": {"p50": one.p50_ms, "p99": one.p99_ms},
        "attempts": one.attempts,
        "aborted": dict(one.aborted),
        "retried": one.retried,
        "given_up": one.given_up,
        "without_connection": one.without_connection,
        "expected": one.expected,
        "money": one.money,
        "missing": one.missing,
        "misplaced": one.misplaced,
        "journal": one.journal,
        "promised": one.promised,
        "kept": one.kept,
    }


def as_text(cost: Cost) -> str:
    """A table with a line for each level, and what is to be read from it."""
    knobs = cost.knobs
    rows: list[Sequence[str]] = [HEAD, *(cells(one) for one in cost.levels.values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in (0, len(HEAD) - 1) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    users = f"{knobs.users:,} user{'s' if knobs.users > 1 else ''}"
    return "\n".join(
        [
            f"{cost.engine}, {STYLES[knobs.style].lower()}, {users}, {knobs.accounts:,} accounts",
            "",
            *lines,
            "",
            sentence(cost),
        ]
    )


def sentence(cost: Cost) -> str:
    """What is to be read from it, in one or two sentences; empty before the first level."""
    measured = list(cost.levels.values())
    lost = [one.level for one in measured if not one.kept]
    safe = [one for one in measured if one.kept and one.promised]
    said = []
    if lost:
        said.append(f"Money did not add up at {_listed(lost)}.")
    elif measured:
        said.append("No money was lost.")
    if safe:
        best = max(safe, key=lambda one: one.per_second)
        said.append(f"The fastest level that promises to keep it is {best.level}: {best.per_second:,.0f} transfers/s.")
    return " ".join(said)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def cells(one: LevelCost) -> tuple[str, ...]:
    """A line of the table, in the order of `HEAD`."""
    return (
        one.level,
        f"{one.transfers:,}",
        f"{one.per_second:,.0f}",
        milliseconds(one.p50_ms),
        milliseconds(one.p99_ms),
        codes(one.aborted),
        f"{one.retried:,}",
        f"{one.given_up + one.without_connection:,}",
        f"{one.money:,} of {one.expected:,}",
        verdict(one),
    )


def codes(aborted: Mapping[str, int]) -> str:
    """How many were aborted, by code."""
    return ", ".join(f"{count:,} × {code}" for code, count in aborted.items()) or "0"


def verdict(one: LevelCost) -> str:
    """What became of the money, in a few words."""
    if one.kept:
        return "all there" if one.promised else "all there, by luck"
    if one.missing:
        return f"{abs(one.missing):,} {'lost' if one.missing > 0 else 'too much'}"
    return f"{one.misplaced:,} in wrong accounts"


def milliseconds(value: float | None) -> str:
    """A time with its unit."""
    if value is None:
        return "–"
    return f"{value / 1e3:,.2f} s" if value >= 1000 else f"{value:.3g} ms"
