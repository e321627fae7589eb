"""Every scenario of the locks lab, as written and by every cure: each shows what it claims, and each lock's holds and
waits are those of an independent log that is kept in the server's process (`lock_log`).
"""

import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from explorer.analysis.locks.trace import Wait
from explorer.catalog import Catalog
from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.locks.run import run_scenario
from explorer.labs.locks.scenarios import scenarios
from explorer.labs.locks.verdict import Figure, Verdict
from explorer.option_error import OptionError
from explorer.scenario import Scenario
from tests.full.outcome import Failed

RACES: Final = 20
WITHIN_MS: Final = 1.0
ENOUGH: Final = 0.98
"""Of holds and waits, how many must be within that time: between two looks at the clock a thread may lose its core."""
NAMES: Final = {"A.lock": "A", "B.lock": "B"  , ".lock": "self.lock", ".tokens": "self.tokens"} | {
    ".thread_lock": "self.thread_lock", ".task_lock": "self.task_lock"
}  # fmt: skip
GENTLE: Final = {"lost_update": ("workload.rounds=5000", "workload.additions=200")}
"""Of a lock that is taken very often the shortest holds are not recorded one by one; here each is to be compared."""
NOT_LOGGED: Final = {"producer_consumer"}
"""Who holds nothing: it waits at a queue, which has no holder."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One hold in the log, ns: before and after taking the lock, before and after giving it back (0: never had)."""

    tid: int
    asked: int
    got: int
    giving: int
    gave: int


class Report:
    """What was wrong, and how far log and records were apart (ms)."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.apart: list[float] = []
        self.compared = 0

    def check(self, right: bool, what: str) -> None:
        """Note `what` if it is not right."""
        if not right:
            self.wrong.append(what)
            print(f"  {what}", file=sys.stderr, flush=True)


def run() -> str:
    """Run them all; what was measured."""
    catalog, report = Catalog(), Report()
    verdicts: dict[str, Verdict] = {}
    for lab in scenarios().values():
        for words in ((), *((f"workload.cure={cure}",) for cure in lab.cures(catalog) or ("",))):
            cured = bool(words)
            settings = tuple(word for word in words if not word.endswith("="))
            name = f"{lab.id} {settings[0].partition('=')[2] if settings else 'cured' if cured else 'as written'}"
            more = GENTLE.get(lab.id, ())
            scenario = lab.scenario(catalog, cured=cured, settings=(*settings, *more))
            verdicts[name] = _one(catalog, lab, scenario, name, report)
    _convoys(verdicts, report)
    lost = _races(catalog, report)
    if report.wrong:
        raise Failed("\n".join(report.wrong))
    share = float(np.mean(np.array(report.apart) <= WITHIN_MS))
    return (
        f"{len(verdicts)} forms of {len(scenarios())} scenarios hold; additions lost in {RACES} runs without the lock "
        f"{lost}, with it 0; {report.compared:,} holds and waits as in the log, {share:.2%} within {WITHIN_MS:g} ms, "
        f"median {np.median(report.apart) * 1e3:.0f} µs"
    )


def _one(catalog: Catalog, lab: LockScenario, scenario: Scenario, name: str, report: Report) -> Verdict:
    with tempfile.TemporaryDirectory() as folder, _log_in(Path(folder) / "log") as log:
        evidence = Evidence()
        try:
            verdict = run_scenario(catalog, lab, scenario, consumers=[evidence])
        except OptionError as error:
            raise Failed(f"{name}: {error}") from None
        print(f"  {name:<32} {verdict.holds!s:<6} {verdict.judgement.sentence}", file=sys.stderr, flush=True)
        report.check(verdict.holds, f"{name}: {verdict.judgement.sentence}")
        circle = lab.group == "Circles" and not verdict.cured
        report.check((verdict.cycle is not None) == circle, f"{name}: the circle is {verdict.cycle}")
        report.check(evidence.lost == 0, f"{name}: {evidence.lost} records were lost")
        if lab.id not in NOT_LOGGED:
            _compare(evidence, _read(log), name, report)
    return verdict


@contextmanager
def _log_in(file: Path) -> Iterator[Path]:
    """Have children keep their own log of locks there."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "LOCK_LOG")}
    os.environ["PYTHONPATH"] = str(Path(__file__).parent / "lock_log")
    os.environ["LOCK_LOG"] = str(file)
    try:
        yield file
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _read(file: Path) -> dict[str, list[Logged]]:
    found: dict[str, list[Logged]] = defaultdict(list)
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            name, *times = json.loads(line)
            found[NAMES.get(name, name.replace(".forks", "fork"))].append(Logged(*times))
    return found


def _compare(evidence: Evidence, log: dict[str, list[Logged]], name: str, report: Report) -> None:
    """Each hold of the log is one of the trace, in the same order; so is each wait that lasted."""
    apart: list[float] = []
    for lock_name in sorted({lock.name for lock in evidence.locks()} | set(log)):
        where = f"{name}: {lock_name}"
        locks = [lock for lock in evidence.locks() if lock.name == lock_name]
        logged = log.get(lock_name, [])
        had = [one for one in logged if one.giving]
        holds = [hold for hold in evidence.holds(locks) if hold.end is not None]
        report.check(len(holds) == len(had), f"{where}: {len(had)} holds logged, {len(holds)} recorded")
        # Readers share a lock: beginnings and ends are compared by themselves, in their order.
        apart += _apart(sorted(hold.start for hold in holds), sorted(one.got for one in had))
        apart += _apart(sorted(hold.end or 0 for hold in holds), sorted(one.giving for one in had))
        waits = [wait for wait in evidence.waits(locks) if evidence.length_ms(wait) > 2 * WITHIN_MS]
        held = sum(hold.end is None for hold in evidence.holds(locks))  # when the server ended: not in the log
        lasted = [one for one in logged if one.got - one.asked > WITHIN_MS * 1e6]
        apart += _waits(waits, lasted, where, report, held)
    if apart:
        near = float(np.mean(np.array(apart) <= WITHIN_MS))
        report.check(
            near >= ENOUGH, f"{name}: only {near:.1%} of {len(apart)} times within {WITHIN_MS:g} ms of the log"
        )
    report.apart += apart
    report.compared += len(apart)


def _waits(waits: list[Wait], logged: list[Logged], where: str, report: Report, held: int) -> list[float]:
    """How far the beginnings and ends of recorded waits are from the log's, which must have them in the same order.

    `held` of them may not be in the log.
    """
    by_thread: dict[int, list[Logged]] = defaultdict(list)
    for one in sorted(logged, key=lambda one: one.asked):
        by_thread[one.tid].append(one)
    found: list[float] = []
    order: list[int] = []
    for wait in sorted(waits, key=lambda wait: wait.start):
        # Whoever begins to wait has just asked: a thread on its own, a task on its loop's.
        mine = by_thread[wait.owner.tid] if wait.owner.tid else [one for some in by_thread.values() for one in some]
        before = [one for one in mine if one.asked <= wait.start]
        if not before or before[-1].got < wait.start:
            held -= wait.end is not None
        elif wait.end is not None:
            order.append(before[-1].asked)
            found += [(wait.start - before[-1].asked) / 1e6, abs(before[-1].got - wait.end) / 1e6]
    report.check(held >= 0, f"{where}: {-held} waits were recorded that are not in the log")
    right = all(other >= one - WITHIN_MS * 1e6 for one, other in pairwise(order))
    report.check(right, f"{where}: the order of coming differs")
    return found


def _apart(ours: list[int], theirs: list[int]) -> list[float]:
    return [abs(one - other) / 1e6 for one, other in zip(ours, theirs, strict=False)]


def _figure(verdict: Verdict, name: str) -> float:
    value: Figure = verdict.judgement.figures[name]
    assert isinstance(value, (int, float))
    return float(value)


def _convoys(verdicts: dict[str, Verdict], report: Report) -> None:
    """The cures do better than what they cure, by the figure that it is about."""
    for lab, figure, worse in (
        ("convoy", "mean_wait_ms", 2.0),
        ("reader_starvation", "longest_writer_wait_ms", 5.0),
        ("lock_in_async", "longest_callback_ms", 2.0),
        ("lock_across_await", "longest_hold_ms", 10.0),
        ("priority_inversion", "had_to_wait", 1.5),
        ("producer_consumer", "longest_queue", 5.0),
    ):
        written, cured = (_figure(verdicts[f"{lab} {form}"], figure) for form in ("as written", "cured"))
        report.check(written >= worse * cured, f"{lab}: {figure} is {written:g} as written and {cured:g} cured")


def _races(catalog: Catalog, report: Report) -> str:
    """Twenty races without the lock, and twenty with it."""
    lab = scenarios()["lost_update"]
    lost: dict[bool, list[float]] = {False: [], True: []}
    for number in range(RACES):
        for cured in (False, True):
            verdict = run_scenario(catalog, lab, lab.scenario(catalog, cured=cured))
            lost[cured].append(_figure(verdict, "lost"))
            report.check(verdict.holds, f"race {number + 1}, cured {cured}: {verdict.judgement.sentence}")
    return f"{min(lost[False]):,.0f} to {max(lost[False]):,.0f} of 8,000"
