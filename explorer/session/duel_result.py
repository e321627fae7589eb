"""What a duel found, put together from its runs: figures, differences, verdict and cause, and its JSON.

The JSON is `{runs, differences, verdict, cause, …}`. `runs` has one entry for each scenario, A first: `scenario` (with
A's load, passwords masked), `figures` (the report of the run that is kept, as `run --json` gives it), besides
`badge`, `title`, `repeats` (the reports of all its runs) and `replays` (how each kept to the planned arrivals).
`differences` has one entry for each figure that says anything: `figure` (its id), `values` (for A, B, … the mean over
the repeats, the geometric one unless a repeat has a 0; null where there is none), `ratio`, `interval` (two numbers) and
`clear`; with more than two scenarios these three are lists, for B, C, D to A in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from statistics import fmean
from typing import Any, Final

from explorer.session.duel_cause import NO_DIFFERENCE, Side, cause, widest
from explorer.session.duel_figures import FIGURES, OF_GROUP, Facts, shown
from explorer.session.duel_plan import BADGES, Plan
from explorer.session.duel_sends import Replay
from explorer.session.duel_statistics import NOTHING, Difference, compare_all
from explorer.session.duel_titles import Contestant
from explorer.session.duel_verdict import leading, once, tells, unclear, verdict

SCHEMA: Final = 1
CORRECTION: Final = "holm"
"""How the differences are corrected for their number, see `duel_statistics`; earlier versions did not."""
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: of which scenario and which repeat (from 0), what it showed, how it kept to the plan."""

    scenario: int
    repeat: int
    facts: Facts
    replay: Replay


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of all scenarios: means over the repeats (A, B, …), and the difference of B, C, D to A."""

    figure: str
    values: tuple[float | None, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All that was found. `figure` is the id that the verdict speaks of, `cause_figure` the one that the cause names;
    None where there is none. `notes` are sentences about what the figures lack.
    """

    plan: Plan
    contestants: tuple[Contestant, ...]
    measured: tuple[Measured, ...]
    repeats: int
    compared: tuple[Compared, ...]
    verdict: str
    cause: str
    figure: str | None
    cause_figure: str | None
    notes: tuple[str, ...]

    def of(self, scenario: int) -> list[Measured]:
        """The runs of a scenario, by repeat; only repeats that all scenarios have."""
        return _of(self.measured, scenario, range(self.repeats))


def conclude(plan: Plan, contestants: Sequence[Contestant], measured: Sequence[Measured]) -> Result | None:
    """Compare what was measured; None if not every scenario has run once. Repeats that some lack are left out."""
    count = len(plan.scenarios)
    whole = [turn for turn in range(plan.repeat) if sum(one.repeat == turn for one in measured) == count]
    if not whole:
        return None
    repeats = len(whole)
    runs = [_of(measured, place, whole) for place in range(count)]
    compared = _compare(runs)
    found = {one.figure: one for one in compared}
    lead = leading({one.figure: one.differences for one in compared})
    said, named = _sentences(lead, found, runs, plan, repeats)
    return Result(
        plan, tuple(contestants), tuple(measured), repeats, tuple(compared), said, named[0], lead, named[1],
        tuple(_notes(plan, runs)),
    )  # fmt: skip


def as_json(result: Result) -> dict[str, Any]:
    """The JSON of `duel`, see the module's own words."""
    load = result.plan.load
    return {
        "schema": SCHEMA,
        "runs": [_run(result, place) for place in range(len(result.plan.scenarios))],
        "differences": [_difference(one) for one in result.compared],
        "verdict": result.verdict,
        "cause": result.cause,
        "repeat": result.repeats,
        "correction": CORRECTION,
        "load": {
            "sentence": result.plan.sentence,
            "mode": load.mode,
            "seed": load.seed,
            "planned": len(result.plan.offsets),
            "sha256": result.plan.fingerprint or None,
        },
        "order": [BADGES[one.scenario] for one in result.measured],
        "notes": list(result.notes),
        "figure": result.figure,
        "cause_figure": result.cause_figure,
    }


def _compare(runs: Sequence[Sequence[Measured]]) -> list[Compared]:
    """All figures that say anything, of all scenarios (A's runs first)."""
    known = {figure.id: [[figure.read(one.facts) for one in each] for each in runs] for figure in FIGURES}
    known = {figure: values for figure, values in known.items() if shown(values)}
    found = iter(compare_all([(values[0], other) for values in known.values() for other in values[1:]]))
    return [
        Compared(figure, tuple(_mean(each) for each in values), tuple(next(found) for _ in values[1:]))
        for figure, values in known.items()
    ]


def _of(measured: Sequence[Measured], place: int, repeats: Sequence[int]) -> list[Measured]:
    return sorted(
        (one for one in measured if one.scenario == place and one.repeat in repeats), key=lambda one: one.repeat
    )


def _run(result: Result, place: int) -> dict[str, Any]:
    runs = result.of(place)
    contestant = result.contestants[place]
    return {
        "badge": contestant.badge,
        "title": contestant.title,
        "note": contestant.note,
        "scenario": result.plan.scenarios[place].to_dict(masked=True),
        "figures": runs[0].facts.report,
        "repeats": [one.facts.report for one in runs],
        "replays": [{"planned": one.replay.planned, "sent": one.replay.sent, "same": one.replay.same} for one in runs],
    }


def _difference(one: Compared) -> dict[str, Any]:
    told = [
        (
            _number(each.ratio),
            None if each.interval is None else [_number(each.interval[0]), _number(each.interval[1])],
            each.clear,
        )
        for each in one.differences
    ]
    ratios, intervals, clear = ([each[part] for each in told] for part in range(3))
    single = len(told) == 1
    return {
        "figure": one.figure,
        "values": [_number(value) for value in one.values],
        "ratio": ratios[0] if single else ratios,
        "interval": intervals[0] if single else intervals,
        "clear": clear[0] if single else clear,
    }


def _sentences(
    lead: str | None, found: Mapping[str, Compared], runs: Sequence[Sequence[Measured]], plan: Plan, repeats: int
) -> tuple[str, tuple[str, str | None]]:
    """The verdict, and the cause with the figure that it names."""
    if repeats < 2:
        throughput = found.get("throughput_rps")
        nothing = [NOTHING] * (len(runs) - 1)
        said = once(throughput.differences if throughput else nothing, BADGES[1 : len(runs)])
    elif lead is None:
        said = unclear(repeats)
    else:
        one = found.get(lead)
        others = one.differences if one else ()
        said = verdict(lead, others, BADGES[1 : len(runs)], one.values if one else ())
    sides = [_side(plan, place, each, found) for place, each in enumerate(runs)]
    clear = [tells(each) for each in found[lead].differences] if lead is not None else []
    place = widest(sides, clear)
    # After one run of each the cause of what was seen may be told; the verdict says that it need not be clear.
    why = cause(sides[0], sides[place + 1], differs=lead is not None or repeats < 2)
    figure = OF_GROUP.get(why.group)
    return said, (why.sentence or NO_DIFFERENCE, figure if figure in found else None)


def _side(plan: Plan, place: int, runs: Sequence[Measured], found: Mapping[str, Compared]) -> Side:
    names = {name for one in runs for name in one.facts.groups}
    groups = {name: fmean(one.facts.groups.get(name, 0.0) for one in runs) for name in names}
    scenario = plan.scenarios[place]
    dispatch = "" if scenario.own else scenario.dispatch.id
    figures = {name: found[figure].values[place] for name in names if (figure := OF_GROUP.get(name, "")) in found}
    told = {name: value for name, value in figures.items() if value is not None}
    return Side(BADGES[place], dispatch, fmean(one.facts.total_ms for one in runs), groups, told)


def _notes(plan: Plan, runs: Sequence[Sequence[Measured]]) -> list[str]:
    notes = []
    for badge, each in zip(BADGES, runs, strict=False):
        if invalid := [one for one in each if not one.facts.report["valid"]]:
            reason = invalid[0].facts.report["invalid_reason"]
            verb = "are" if len(invalid) > 1 else "is"
            which = f"{len(invalid)} of {badge}'s {len(each)} runs {verb}" if len(each) > 1 else f"{badge}'s run is"
            notes.append(f"{which} not valid: {reason}")
        if short := [one for one in each if one.facts.missing]:
            which = f"{len(short)} of {badge}'s {len(each)} runs" if len(each) > 1 else f"{badge}'s run"
            notes.append(f"{which}: {short[0].facts.missing}")
        if strayed := [one for one in each if one.replay.same is False]:
            one = strayed[0].replay
            notes.append(
                f"{badge}'s load did not send as planned in {len(strayed)} of {len(each)} runs: {one.sent:,} of "
                f"{one.planned:,} requests were seen."
            )
    return notes


def _mean(values: Sequence[float | None]) -> float | None:
    """Of values above 0 the geometric mean, so that the ratio of two means is the mean ratio; else the plain one."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return exp(fmean(log(value) for value in known)) if min(known) > 0 else fmean(known)


def _number(value: float | None) -> float | None:
    """With six digits that count; JSON knows no infinity."""
    if value is None or not isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")
