"""Why a run differs from its prediction: one sentence for each reason that the run itself gives evidence of."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.measured import BESIDE, SERVING, compare, lasted_s, request_cpu_s, shared_unevenly, spent
from explorer.analysis.predict.prediction import Prediction
from explorer.analysis.predict.words import number, seconds
from explorer.records.states import Role

TOLD: Final = 0.05
"""A difference below this share needs no reason."""
UNLIKE: Final = 0.1
LATE_MS: Final = 10.0
QUEUED: Final = 0.05
WINDOW: Final = 0.2
FINDINGS: Final = ("noisy_machine", "gc_pauses", "unbalanced_workers", "send_lag", "connection_limit", "pool_exhausted")
"""Findings of a run that tell why it is not as fast as a law."""
Reason = Callable[[Prediction, Mapping[str, Any], Calibration], Iterable[str]]


def differs(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> list[str]:
    """In a sentence each: why they differ. Empty where they hardly do; says so where the run gives no evidence."""
    found = compare(prediction, figures)
    if not found:
        return ["Nothing was measured that could be compared."]
    if all(abs(one.off) < TOLD for one in found):
        return []
    sentences = [sentence for reason in _REASONS for sentence in reason(prediction, figures, known)]
    return list(dict.fromkeys(sentences)) or ["The figures of this run show no reason for the difference."]


def _not_valid(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    if not figures.get("valid", True) and figures.get("invalid_reason"):
        yield str(figures["invalid_reason"])


def _not_answered(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    requests = figures.get("requests") or {}
    lost = (requests.get("failed") or 0) + (requests.get("timed_out") or 0)
    if lost:
        yield f"{lost:,} requests failed or timed out; the law counts on an answer to each."


def _load_late(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    lag = figures.get("send_lag_p99_ms") or 0.0
    mean = (figures.get("latency_ms") or {}).get("mean") or 0.0
    if lag > LATE_MS and lag > 0.05 * mean:
        yield f"The load itself sent up to {seconds(lag / 1e3)} late (p99)."


def _another_d(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    told = next((one.value for one in prediction.inputs if one.symbol == "D"), None)
    found = request_cpu_s(figures)
    if told and found and abs(found / told - 1) > UNLIKE:
        more = "more" if found > told else "less"
        yield f"A request took {seconds(found)} of CPU, {more} than the {seconds(told)} that were reckoned with."


def _fewer_cores(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    cores = next((one.value for one in prediction.inputs if one.symbol == "C"), None)
    workers = [one for one in prediction.inputs if one.symbol in ("W", "L")]
    if cores is not None and workers and workers[0].value > cores:
        yield f"There are {number(workers[0].value)} {workers[0].name} for the {number(cores)} cores that were left."


def _contention(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    waited = max((_runnable(one) for one in figures.get("processes", ()) if one.get("role") in SERVING), default=0.0)
    lasted = lasted_s(figures)
    if waited < QUEUED or not lasted:
        return
    ours = (spent(figures, SERVING) + spent(figures, BESIDE) + spent(figures, frozenset({Role.LOAD}))) / lasted
    whose = "the run's own processes wanted all of them"
    if known.cores != float("inf") and ours < 0.85 * known.cores:
        whose = f"the run used {ours:.1f} of {number(known.cores)}, so that other programs were in its way"
    yield f"Threads of the server were ready for {100 * waited:.0f} % of the time and had no core; {whose}."


def _window(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    lasted = lasted_s(figures)
    cores = spent(figures, frozenset({Role.WINDOW})) / lasted if lasted else 0.0
    if prediction.needs_cpu and cores > WINDOW:
        yield f"The window, or who read what was recorded, itself used {cores:.1f} cores."


def _runnable(process: Mapping[str, Any]) -> float:
    """The share of the time in which the thread of a process that waited most for a core did so."""
    threads = process.get("threads") or ()
    return max(((thread.get("states") or {}).get("runnable") or 0.0 for thread in threads), default=0.0)


def _gil_wait(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    loops = [one for one in figures.get("event_loops", ()) if (one.get("ready_wait_p99_ms") or 0) > LATE_MS]
    if loops and not prediction.needs_cpu:
        worst = max(one["ready_wait_p99_ms"] for one in loops)
        yield f"Callbacks waited up to {seconds(worst / 1e3)} for the event loop (p99), which the law leaves out."


def _uneven(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    if not any(one.symbol == "L" for one in prediction.inputs):
        return
    if shared_unevenly(figures):
        yield "The system gave the workers unlike numbers of connections; the law takes them to be shared evenly."


def _startup(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    """A burst is measured from its first send: all connections are made within it."""
    makespan = prediction.makespan_s
    sent, request = (figures.get("requests_total") or {}).get("sent") or 0, request_cpu_s(figures)
    if makespan is None or request is None or any(one.symbol == "D" for one in prediction.inputs):
        return
    if sent * request > TOLD * makespan:
        yield (
            f"Making connections and serving {sent:,} requests took {seconds(sent * request)} of CPU, which the law of "
            "waiting leaves out."
        )


def _knee(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    if prediction.bound and prediction.note:
        yield prediction.note


def _findings(prediction: Prediction, figures: Mapping[str, Any], known: Calibration) -> Iterable[str]:
    for one in figures.get("findings") or ():
        if one.get("id") in FINDINGS:
            yield str(one.get("sentence", ""))


_REASONS: Final[tuple[Reason, ...]] = (
    _not_valid, _not_answered, _load_late, _another_d, _fewer_cores, _contention, _window, _gil_wait, _uneven,
    _startup, _knee, _findings,
)  # fmt: skip
