"""A closed loop: N users, each of whom waits for the answer, thinks for Z seconds and asks again.

The throughput is the least of what the users ask for, N / (R + Z), and of what each limit can bear (the asymptotic
bounds of a closed system); the response time follows by Little's law, R = N / X − Z. Both are exact where nothing
varies. Near the knee, where several of these are alike, times that vary make it worse: then it is a bound.
"""

from typing import Final

from explorer.analysis.predict.formulas import divided, rate_of, same, step, sum_of
from explorer.analysis.predict.prediction import Input, Prediction, Step
from explorer.analysis.predict.system import Limit, System, Term
from explorer.analysis.predict.words import rate, seconds

NEAR: Final = 0.65
"""Two bounds of which the lesser is more than this part of the other are near one another."""
KNEE: Final = "Near the knee: what varies makes it slower than this bound."


def closed(system: System, users: int, think_s: float) -> Prediction:
    """What `users` come to; `think_s` is the mean pause between an answer and the next request."""
    thinking = (Term("Z", seconds(think_s), think_s),) if think_s else ()
    asked = users / (system.alone_s + think_s)
    limit = system.narrowest
    inputs = (Input("N", "users", users), *system.inputs)
    if thinking:
        inputs = (*inputs, Input("Z", "think time", think_s, "s"))
    if limit is None or asked <= limit.rate:
        first = _asked(system, limit, users, thinking, asked)
        alone = sum_of(system.alone)
        second = step("latency", alone.symbol, alone.numbers, system.alone_s)
        law = "Little's law with think time" if thinking else "Little's law"
    else:
        first = _borne(system, limit, users, bool(thinking))
        second = _response(users, think_s, limit)
        law = limit.title
    bound = (
        limit is not None and _near(asked, limit.rate) and (bool(thinking) or system.computes_s > 0.1 * asked_s(system))
    )
    return Prediction(
        law,
        (first, second),
        inputs,
        bound,
        KNEE if bound else "",
        needs_cpu=limit is not None and limit.computes and limit.rate < asked,
    )


def asked_s(system: System) -> float:
    """Response time of a request that is alone; never 0."""
    return max(system.alone_s, 1e-9)


def _near(one: float, other: float) -> bool:
    return min(one, other) > NEAR * max(one, other)


def _asked(system: System, limit: Limit | None, users: int, thinking: tuple[Term, ...], asked: float) -> Step:
    """The users are the limit."""
    top = ("N", str(users))
    places = [one for one in system.find("places", "guard") if one.symbol != "1"]
    if not thinking and places and limit in places and same(limit.held, system.alone):
        top = (f"min(N, {limit.symbol})", f"min({users}, {limit.numbers})")
    formula, numbers = divided(top, (*system.alone, *thinking))
    return step("throughput", formula, numbers, asked)


def _borne(system: System, limit: Limit, users: int, thinks: bool) -> Step:
    """The narrowest limit is."""
    formula, numbers = rate_of(limit)
    if limit.kind in ("places", "guard") and limit.symbol != "1" and not thinks and same(limit.held, system.alone):
        formula, numbers = divided((f"min(N, {limit.symbol})", f"min({users}, {limit.numbers})"), limit.held)
    elif (pair := _pair(system, limit)) is not None:
        formula, numbers = divided(
            (f"min({pair[0].symbol}, {pair[1].symbol})", f"min({pair[0].numbers}, {pair[1].numbers})"), limit.held
        )
    return step("throughput", formula, numbers, limit.rate)


def _pair(system: System, limit: Limit) -> tuple[Limit, Limit] | None:
    """Those who compute and the cores they compute on, where both are taken up for the same time."""
    cores = system.find("cores")
    if not cores or not same(limit.held, cores[0].held):
        return None
    workers = [one for one in system.find("places", "serial") if same(one.held, cores[0].held)]
    if not workers:
        return None
    return min(workers, key=lambda one: one.rate), cores[0]


def _response(users: int, think_s: float, limit: Limit) -> Step:
    value = users / limit.rate - think_s
    numbers = f"{users} / {rate(limit.rate)}"
    if think_s:
        return step("latency", "N / X − Z", f"{numbers} − {seconds(think_s)}", value)
    return step("latency", "N / X", numbers, value)
