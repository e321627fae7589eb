"""A burst: N requests at once. Those who find a place go in one wave, the others in the next ones.

Makespan: ⌈N / T⌉ waves of one service time each. Who computes shares the cores with all of the same wave: a wave takes
S, and as long as its n requests compute one after the other on so many cores as there are for them.
"""

from math import ceil, inf
from typing import Final

from explorer.analysis.predict.formulas import many, step, sum_of
from explorer.analysis.predict.prediction import Input, Prediction, Step
from explorer.analysis.predict.system import COMPUTING, Limit, System, Term
from explorer.analysis.predict.words import number, seconds

ALIKE: Final = 0.99
BUSY: Final = 0.3
"""Of requests that come back for more pieces of work the law holds as long as computing takes less than this part."""


def burst(system: System, count: int) -> Prediction | None:
    """What `count` requests at once come to; None where requests differ, or a process must start for each first."""
    if not system.demand.even or system.serving.starts:
        return None
    places = min(system.find("places", "guard"), key=lambda one: one.rate, default=None)
    computing = min(system.find("serial", "cores"), key=lambda one: one.rate, default=None)
    if system.demand.visits > 1 and not _undisturbed(system, places, computing, count):
        return None
    at_once = _at_once(system, computing, count)
    made, law = at_once, "All at the same time"
    by_cpu = computing is not None and count / computing.rate > max(system.alone_s, 1e-9)
    if computing is not None and by_cpu:
        law = computing.title
    if places is not None and count > 1 and system.demand.visits == 1:
        waves = _waves(places, computing, count, system.first_s if places.computes else 0.0)
        if waves[0].value >= ALIKE * at_once[0].value:
            made, law, by_cpu = waves, f"{places.title}, in waves", places.computes
    throughput = step("throughput", "N / makespan", f"{count} / {seconds(made[0].value)}", count / made[0].value)
    inputs = (Input("N", "requests", count), *system.inputs)
    return Prediction(law, (*made, throughput), inputs, needs_cpu=by_cpu)


def _undisturbed(system: System, places: Limit | None, computing: Limit | None, count: int) -> bool:
    """Whether no piece of work of so many requests waits for one of another."""
    free = places is None or count <= places.count
    return free and (computing is None or count / computing.rate < BUSY * system.alone_s)


def _computes(limit: Limit) -> float:
    return sum(term.value for term in limit.held if term.symbol in COMPUTING)


def _waves(limit: Limit, computing: Limit | None, count: int, first_s: float) -> tuple[Step, Step]:
    """Makespan and mean. What load and loop compute is a part of every wave, and is done for all at the beginning."""
    places = int(limit.count)
    waves = ceil(count / places)
    together = min(count, places)
    wave = _wave(limit, computing, together, "N" if count < places else limit.symbol)
    last = count - (waves - 1) * places
    last_s = _wave(limit, computing, last, "").value
    before = (waves - 1) * wave.value
    letters, numbers = many_or_sum(wave.symbol), many_or_sum(wave.numbers)
    if waves == 1:
        formula, shown = wave.symbol, wave.numbers
    elif places == 1:
        formula, shown = f"N · {letters}", f"{count} · {numbers}"
    else:
        formula = f"⌈N / {many(limit.symbol)}⌉ · {letters}"
        shown = f"⌈{count} / {many(limit.numbers)}⌉ · {numbers}"
    # Of the waves but the last, `together` requests each end with theirs.
    mean = (together * wave.value * waves * (waves - 1) / 2 + last * (before + last_s)) / count
    mean += count * first_s / 2
    words = "one wave" if waves == 1 else f"{waves} waves of {seconds(wave.value)}"
    return step("makespan", formula, shown, before + last_s), step("latency", "mean over the waves", words, mean)


def _wave(limit: Limit, computing: Limit | None, together: int, letter: str) -> Term:
    """How long so many in their places take: what each waits, and what they compute on the cores they share."""
    held, computes = sum_of(limit.held), _computes(limit)
    cores = inf if computing is None else computing.rate * computing.held_s
    if not computes or computing is None or cores >= together:
        return held
    waiting = [term for term in limit.held if term.symbol not in COMPUTING]
    symbol = next(term.symbol for term in limit.held if term.symbol in COMPUTING)
    by, by_shown = ("", "") if computing.symbol == "1" else (f" / {computing.symbol}", f" / {computing.numbers}")
    shared = Term(
        f"{letter} · {symbol}{by}", f"{together} · {seconds(computes)}{by_shown}", together * computes / cores
    )
    return sum_of((*waiting, shared))


def _at_once(system: System, computing: Limit | None, count: int) -> tuple[Step, Step]:
    """Everybody is served at the same time: the wait of one, and what all compute one after the other."""
    alone = sum_of(system.alone)
    waiting = tuple(term for term in system.alone if term.symbol not in COMPUTING)
    work = count / computing.rate if computing is not None else 0.0
    if computing is None or system.demand.visits > 1 or (waiting and work < 0.05 * sum_of(waiting).value):
        return step("makespan", alone.symbol, alone.numbers, alone.value), step(
            "latency", alone.symbol, alone.numbers, alone.value
        )
    by, by_shown = ("", "") if computing.symbol == "1" else (f" / {computing.symbol}", f" / {computing.numbers}")
    held = sum_of(computing.held)
    whole = sum_of((*waiting, Term(f"N · {held.symbol}{by}", f"{count} · {held.numbers}{by_shown}", work)))
    # Those who wait end one after the other, as they began; threads that only compute all end near the end.
    ends = work if system.shares and not waiting else work * (count + 1) / (2 * count)
    mean = step("latency", "mean of all", f"{number(count)} requests", sum_of(waiting).value + ends)
    return step("makespan", whole.symbol, whole.numbers, whole.value), mean


def many_or_sum(text: str) -> str:
    """A sum or a division in brackets, where it is multiplied."""
    return f"({text})" if "+" in text or "/" in text else text
