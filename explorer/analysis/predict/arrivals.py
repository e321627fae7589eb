"""An open loop: λ requests a second come whether the server keeps up or not.

Below its capacity all are answered, X = λ, and evenly spaced ones hardly wait; random ones (Poisson) do. Above it the
server answers what it can, X < λ, and the queue grows for as long as the load lasts: a request that comes after t
seconds waits t · (λ / X − 1). Then the mean depends on how long is measured.
"""

import math
from typing import Final

from explorer.analysis.predict.formulas import many, rate_of, step, sum_of
from explorer.analysis.predict.prediction import Input, Prediction, Step
from explorer.analysis.predict.queueing import erlang_c, mean_wait_s
from explorer.analysis.predict.system import Limit, System
from explorer.analysis.predict.words import number, rate, seconds
from explorer.analysis.window import WARM_UP_RESPONSES, WARM_UP_S

FULL: Final = 0.98
"""So near to its capacity whether the queue grows is a matter of chance: there no law holds."""
BUSY: Final = 0.8
"""Above this share of the capacity a short run need not show the mean of a long one."""
GROWS: Final = "The queue grows for as long as the load lasts."
WHOLE: Final = 0.01
"""So near to a whole number a number of places is one."""
SHARED: Final = "What is left of the cores is no whole number of them: for the mean wait there is no law."
SHORT: Final = "So near to its capacity a short run may be far from the mean of a long one."


def arrivals(system: System, asked: float, *, random: bool, duration_s: float, timeout_s: float) -> Prediction | None:
    """What `asked` requests a second come to; None where chance decides, or where requests would time out."""
    inputs = (Input("λ", "requests a second that come", asked, "/s"), *system.inputs)
    limit = system.narrowest
    if limit is None or asked < FULL * limit.rate:
        return _below(system, limit, asked, random, inputs)
    if asked <= limit.rate / FULL:
        return None
    return _above(system, limit, asked, duration_s, timeout_s, inputs)


def _below(system: System, limit: Limit | None, asked: float, random: bool, inputs: tuple[Input, ...]) -> Prediction:
    first = step("throughput", "λ", rate(asked), asked)
    alone = sum_of(system.alone)
    wait = 0.0
    if random and limit is not None:
        wait = mean_wait_s(max(1, math.floor(limit.count + WHOLE)), limit.held_s, asked)
    busy = limit is not None and asked > BUSY * limit.rate
    if wait and limit is not None and wait >= 0.01 * system.alone_s and abs(limit.count - round(limit.count)) > WHOLE:
        # Cores that are shared with others are no whole number of places: for that there is no formula of the wait.
        return Prediction("Open loop below capacity", (first,), inputs, note=SHARED, needs_cpu=limit.computes)
    if limit is None or wait < 0.01 * system.alone_s:
        return Prediction(
            "Open loop below capacity", (first, step("latency", alone.symbol, alone.numbers, alone.value)), inputs,
            needs_cpu=busy and limit is not None and limit.computes,
        )  # fmt: skip
    queued, more = _queued(system, limit, asked, wait)
    note = SHORT if busy else ""
    law = "Open loop below capacity, random arrivals"
    return Prediction(law, (first, queued), (*inputs, *more), bound=busy, note=note, needs_cpu=limit.computes)


def _queued(system: System, limit: Limit, asked: float, wait: float) -> tuple[Step, tuple[Input, ...]]:
    """Response time with the wait for a place: of one place it is a plain formula, of several Erlang's."""
    alone, held, places = sum_of(system.alone), sum_of(limit.held), max(1, round(limit.count))
    taken = asked * limit.held_s
    value = alone.value + wait
    if places == 1:
        formula = f"{alone.symbol} + ρ · {many(held.symbol)} / (2 · (1 − ρ))"
        shown = f"{alone.numbers} + {number(taken)} · {many(held.numbers)} / (2 · {number(1 - taken)})"
        return step("latency", formula, shown, value), (Input("ρ", "share of the time that it is taken up", taken),)
    share = erlang_c(places, taken)
    formula = f"{alone.symbol} + E · {many(held.symbol)} / (2 · ({limit.symbol} − a))"
    shown = f"{alone.numbers} + {number(share)} · {many(held.numbers)} / (2 · ({limit.numbers} − {number(taken)}))"
    more = (
        Input("E", "share that must wait (Erlang C)", share),
        Input("a", "taken up on average, λ times that time", taken),
    )
    return step("latency", formula, shown, value), more


def _above(
    system: System, limit: Limit, asked: float, duration_s: float, timeout_s: float, inputs: tuple[Input, ...]
) -> Prediction | None:
    behind = 1 - limit.rate / asked
    # Who comes last waits until all before it have been answered.
    if duration_s * (asked / limit.rate - 1) + system.alone_s > timeout_s:
        return None
    formula, numbers = rate_of(limit)
    first = step("throughput", formula, numbers, limit.rate)
    law = f"{limit.title}, open loop above capacity"
    if not duration_s:
        return Prediction(
            law, (first,), inputs, note=f"{GROWS} So there is no mean response time.", needs_cpu=limit.computes
        )
    # The measuring window leaves the warm-up out: see `analysis.window`.
    mean_of_all = behind * duration_s / 2 + system.alone_s
    begin = min(max(WARM_UP_S, WARM_UP_RESPONSES * mean_of_all), duration_s)
    middle = (begin + duration_s) / 2
    alone = sum_of(system.alone)
    waits = step(
        "latency",
        f"t · (1 − X / λ) + {alone.symbol}",
        f"{seconds(middle)} · (1 − {number(limit.rate)} / {number(asked)}) + {alone.numbers}",
        behind * middle + system.alone_s,
    )
    more = Input("t", "middle of the measuring window", middle, "s")
    return Prediction(law, (first, waits), (*inputs, more), note=GROWS, needs_cpu=limit.computes)
