"""Predicted before the run against measured: every law, a few seconds each, on a machine that should be idle.

python -m tests.bench predictions                 all of them, about five minutes
python -m tests.bench predictions "tokens,burst: tokens"

Laws that rest on processor time are judged by the CPU time that a request took in that very run and by the cores that
load, sampler and window left, and printed as they were predicted beforehand as well. A law that takes connections to be
shared evenly among workers is judged by a run in which the system did so, and the table says which run that was. A row
is wrong when throughput, mean response time or makespan is further off than 15 %.
"""

import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import psutil

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.measured import compare, shared_unevenly
from explorer.analysis.predict.predict import EVENLY, predict
from explorer.analysis.predict.prediction import Prediction
from explorer.analysis.predict.told import value_words, with_its_own
from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, assign, default
from explorer.session.headless import run_headless

BOUND: Final = 0.15
MOST_RUNS: Final = 6
"""Of one row, until the system has shared connections evenly."""
SECONDS: Final = "load.duration=4"
Row = dict[str, Any]


def closed(users: int, *words: str, seconds: str = SECONDS) -> tuple[str, ...]:
    """So many users for a few seconds."""
    return (*words, f"load.users={users}", seconds)


def burst(requests: int, *words: str) -> tuple[str, ...]:
    """So many requests at once."""
    return (*words, "load.mode=burst", f"load.requests={requests}")


def rate(requests: float, *words: str, mode: str = "rate", seconds: str = SECONDS) -> tuple[str, ...]:
    """So many requests a second."""
    return (*words, f"load.mode={mode}", f"load.rate={requests}", seconds)


CPU: Final = ("workload.id=cpu_python", "workload.seconds=0.02")
RUNS: Final[Mapping[str, tuple[str, ...]]] = {
    # Waiting
    "burst: tokens": burst(100, "workload.seconds=1"),
    "burst: prefork": burst(100, "model.id=prefork", "workload.seconds=1"),
    "burst: blocked loop": burst(40, "dispatch.id=blocking_coroutine", "workload.seconds=0.05"),
    "burst: coroutine": burst(100, "dispatch.id=coroutine", "workload.seconds=1"),
    "tokens": closed(100, "workload.seconds=0.2", seconds="load.duration=6"),
    "tokens to spare": closed(20, "workload.seconds=0.2"),
    "coroutine": closed(100, "dispatch.id=coroutine", "workload.seconds=0.2"),
    "blocked loop": closed(4, "dispatch.id=blocking_coroutine", "workload.seconds=0.1"),
    "process pool": closed(10, "dispatch.id=process_pool", "workload.seconds=0.05"),
    "prefork: tokens": closed(60, "model.id=prefork", "dispatch.tokens=10", "workload.seconds=0.1"),
    "prefork: coroutine": closed(50, "model.id=prefork", "dispatch.id=coroutine", "workload.seconds=0.2"),
    "thread per connection": closed(
        20, "model.id=thread_per_connection", "dispatch.id=blocking_coroutine", "workload.seconds=0.2"
    ),
    "process per connection": closed(
        4, "model.id=process_per_connection", "dispatch.id=blocking_coroutine", "workload.seconds=0.2"
    ),
    "think time": closed(60, "dispatch.id=coroutine", "workload.seconds=0.1", "load.think_time=0.2"),
    "think time: tokens": closed(60, "dispatch.tokens=5", "workload.seconds=0.05", "load.think_time=0.1"),
    # Open loop
    "rate below": rate(100, "workload.seconds=0.2"),
    "rate above": rate(125, "dispatch.tokens=10", "workload.seconds=0.1", seconds="load.duration=8"),
    "Poisson": rate(
        25, "dispatch.id=blocking_coroutine", "workload.seconds=0.02", mode="poisson", seconds="load.duration=20"
    ),
    # What else there is only so much of
    "database pool": closed(20, "workload.id=database", "workload.seconds=0.2", seconds="load.duration=8"),
    "queue": closed(20, "workload.id=queue", "dispatch.id=coroutine", "workload.consumers=4", "workload.seconds=0.05"),
    "lock across await": closed(8, "dispatch.id=coroutine", "workload.id=lock_across_await", "workload.seconds=0.05"),
    "semaphore": closed(
        20, "dispatch.id=coroutine", "workload.id=semaphore_limit", "workload.cured=true", "workload.seconds=0.1"
    ),
    "convoy": closed(10, "workload.id=convoy", "workload.write=0.01", "workload.sleep=0.1", "workload.every=10"),
    # Events
    "WebSocket": closed(20, "workload.id=websocket", "dispatch.tokens=4", "workload.seconds=0.05"),
    "event stream": closed(10, "workload.id=sse", "workload.events=4", "workload.interval=0.1"),
    "timers": closed(40, "workload.id=timers", "dispatch.id=coroutine", "workload.seconds=0.1"),
    "upstream": closed(10, "workload.id=http_upstream", "workload.seconds=0.2"),
    "fan-out": closed(10, "dispatch.id=coroutine", "workload.id=fan_out", "workload.seconds=0.2"),
    # Computing
    "GIL": closed(8, *CPU),
    "computing on the loop": closed(4, *CPU, "dispatch.id=blocking_coroutine"),
    "computing in processes": closed(8, *CPU, "dispatch.id=process_pool"),
    "native code": closed(8, "workload.id=cpu_native", "workload.seconds=0.02"),
    # With connections that are made anew, as the system may give all that stay to one worker.
    "computing: prefork": closed(16, *CPU, "model.id=prefork", "load.keep_alive=false"),
    "computing: thread per connection": closed(6, *CPU, "model.id=thread_per_connection"),
    "computing: process per connection": closed(
        6, *CPU, "model.id=process_per_connection", "dispatch.id=blocking_coroutine"
    ),
    "burst: computing": burst(100, *CPU, "dispatch.id=process_pool"),
    "waiting and computing: GIL": closed(20, "workload.id=mixed", "workload.seconds=0.01", "workload.wait=0.1"),
    "waiting and computing: tokens": closed(
        30, "workload.id=mixed", "dispatch.tokens=4", "workload.seconds=0.004", "workload.wait=0.1"
    ),
}


def run(names: str = "") -> dict[str, Any]:
    """A row for each run: law, what was predicted, measured, off; `others` is what other programs used, in cores."""
    catalog = Catalog()
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(RUNS)
    unknown = [name for name in wanted if name not in RUNS]
    if unknown:
        sys.exit(f"There is no run '{unknown[0]}'; choose from: {', '.join(RUNS)}.")
    scenarios = {name: assign(catalog, default(catalog), RUNS[name]) for name in wanted}
    began, others = time.monotonic(), Others()
    rows: list[Row] = []
    for name, scenario in scenarios.items():
        print(f"{len(rows) + 1} of {len(scenarios)}: {name}", file=sys.stderr, flush=True)
        meanwhile = Others()
        row = _evenly(catalog, name, scenario)
        rows.append(row | {"others": meanwhile.cores()})
    return {"rows": rows, "seconds": time.monotonic() - began, "others": others.cores()}


class Others:
    """How many cores programs other than this and what it starts use, on average since this was made."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), _busy(), _own()

    def cores(self) -> float:
        """So far; what is still running of this one's counts as others'."""
        seconds = max(1e-9, time.monotonic() - self._began)
        return max(0.0, (_busy() - self._busy - (_own() - self._own)) / seconds)


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _own() -> float:
    """CPU seconds of this process and of all that it has started and that have ended."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _evenly(catalog: Catalog, name: str, scenario: Scenario) -> Row:
    """The first run whose connections were shared as the law takes them to be; `number` says which that was."""
    for number in range(1, MOST_RUNS + 1):
        row = _row(catalog, name, scenario) | {"number": number}
        if row["failed"] or not row["uneven"]:
            break
    return row


def _row(catalog: Catalog, name: str, scenario: Scenario) -> Row:
    try:
        outcome = run_headless(catalog, scenario, record=None, say=lambda line: None, prediction=True)
    except OptionError as error:
        return {"name": name, "failed": str(error)}
    figures = outcome.figures or {}
    told = figures.get("prediction")
    if outcome.failure or told is None:
        return {"name": name, "failed": outcome.failure or "nothing was predicted"}
    known = Calibration.from_dict(told["calibration"]) if told["calibration"] else None
    before = predict(catalog, scenario, known)
    assert before is not None
    by = _by(catalog, scenario, known, figures, before)
    return {
        "name": name,
        "law": before.law,
        "formula": before.steps[0].formula,
        "cpu": before.needs_cpu,
        "uneven": EVENLY in before.note and shared_unevenly(figures),
        "quantities": [
            {
                "quantity": one.quantity,
                "before": before.value(one.quantity),
                "predicted": one.predicted,
                "measured": one.measured,
                "off": one.off,
            }
            for one in compare(by, figures)
        ],
        "valid": figures["valid"],
        "why": told["differs"],
        "failed": "",
    }


def _by(
    catalog: Catalog, scenario: Scenario, known: Calibration | None, figures: Mapping[str, Any], before: Prediction
) -> Prediction:
    """What a row is judged by: the prediction, or where it rests on processor time the law with this run's C and D."""
    if not before.needs_cpu:
        return before
    return with_its_own(catalog, scenario, known, figures) or before


def wrong(row: Row) -> bool:
    """Whether a row is further off than the bound, or was not measured."""
    return bool(row["failed"]) or any(abs(one["off"]) > BOUND for one in row["quantities"])


def table(figures: dict[str, Any]) -> str:
    """Law, predicted, measured, difference; a line of reasons below what is off."""
    lines = [f"{'run':<34}{'law':<50}{'':<12}{'predicted':>12}{'measured':>12}{'off':>8}"]
    for row in figures["rows"]:
        if row["failed"]:
            lines.append(f"{row['name']:<34}FAILED: {row['failed']}")
            continue
        for number, one in enumerate(row["quantities"]):
            head = f"{row['name']:<34}{row['law'] + (' *' if row['cpu'] else ''):<50}" if not number else " " * 84
            values = (value_words(one["quantity"], one[key]) for key in ("predicted", "measured"))
            mark = "  WRONG" if abs(one["off"]) > BOUND else ""
            early = one["before"]
            said = f"   (before the run: {value_words(one['quantity'], early)})" if row["cpu"] and early else ""
            if row["number"] > 1 and not number:
                said += f"   (run {row['number']}: before it connections were shared unevenly)"
            shown = "".join(f"{value:>12}" for value in values)
            lines.append(f"{head}{one['quantity']:<12}{shown}{100 * one['off']:>+7.1f} %{mark}{said}")
        if wrong(row):
            lines += [f"{'':<34}{sentence}" for sentence in row["why"]]
            lines.append(f"{'':<34}Other programs used {row['others']:.1f} cores meanwhile.")
    bad = [row["name"] for row in figures["rows"] if wrong(row)]
    lines.append(
        f"{len(figures['rows'])} runs in {figures['seconds']:.0f} s, {len(bad)} further off than {100 * BOUND:.0f} %"
        + (f": {', '.join(bad)}" if bad else "")
        + f". Other programs used {figures['others']:.1f} cores meanwhile."
    )
    lines.append(
        "* rests on processor time: judged by the CPU time of a request in this run and the cores left for it."
    )
    return "\n".join(lines)
