"""The figures of a run as JSON, schema 1: what `run --json` writes. Where there is nothing to say a value is null.

Times are seconds where the name ends in `_s` and milliseconds where it ends in `_ms`. All figures but
`requests_total`, `received_total`, `makespan_s`, `load`, `telemetry` and `operations` are over the measuring window.
"""

from typing import Any, TypedDict


class Requests(TypedDict):
    """How requests ended. `sent` is `ok` + `failed` + `timed_out` + those under way at the end.

    `statuses` counts them by the status of the answer, such as "200", or by why there was none, such as "timed out".
    """

    sent: int
    ok: int
    failed: int
    timed_out: int
    statuses: dict[str, int]


class Received(TypedDict):
    """What the load received beside answers.

    `events` are those of streams, and messages of a WebSocket that answer none of its own; `resumed` is how often a
    stream was lost in the middle and taken up again.
    """

    events: int
    resumed: int


class FindingSpan(TypedDict):
    """Where to look: a lane (its number, its name, the process it belongs to), in seconds since the load began.

    `request` is the number of the request that it was for.
    """

    track: int
    lane: str | None
    pid: int | None
    name: str | None
    request: int | None
    start_s: float
    end_s: float


class FindingEvidence(TypedDict):
    """What a finding rests on: numbers by name (units in the name), and spans to look at, a choice of them."""

    figures: dict[str, Any]
    spans: list[FindingSpan]


class FindingChange(TypedDict):
    """A setup to compare with: knobs as `section.key` and the values to set, in this order."""

    title: str
    set: dict[str, Any]


FindingFigures = TypedDict(
    "FindingFigures",
    {
        "id": str,
        "title": str,
        "class": str,
        "sentence": str,
        "evidence": FindingEvidence,
        "change": FindingChange | None,
        "advice": str | None,
    },
)
"""Something to know about the run, over the measuring window. `class` says what it is about: "server", "machine" or
"load". `change` is a setup that should cure it, or null where only code or machine can; then `advice` says what to do.
"""


class HostFigures(TypedDict):
    """One of the hosts that send a load together, over the whole run: so is `send_lag_p99_ms` here.

    `clock_error_ms`: its times are right within that. `records` are spans of single requests: `written` there = `read`
    here + `lost` because more were sent than travel one by one. `ended` says why it sent no more before the end.
    """

    host: str
    sent: int
    ok: int
    failed: int
    timed_out: int
    send_lag_p99_ms: float | None
    clock_error_ms: float
    records: dict[str, int]
    ended: str | None


class LoadFigures(TypedDict):
    """Where the load came from: the hosts of a cluster, or none if it was sent from here."""

    hosts: list[HostFigures]


class WindowFigures(TypedDict):
    """The measuring window, in seconds since the load began."""

    start_s: float | None
    end_s: float | None


class Times(TypedDict):
    """A distribution of times; of answered requests only."""

    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    p99_9: float | None
    max: float | None


class Telemetry(TypedDict):
    """Bookkeeping of the rings: `read` + `lost` = `written`."""

    written: int
    read: int
    lost: int
    rings: int


class StateFigures(TypedDict):
    """The share of the measuring window that a thread was in each state. What was not sampled is in none."""

    running: float
    runnable: float
    waiting_gil: float
    waiting_lock: float
    blocked: float
    queued: float
    awaiting: float
    idle: float
    unknown: float


class GilFigures(TypedDict):
    """A process's GIL. Shares of the time in the measuring window in which it was looked at; null where it is not
    `available`: also when that was less than half of the time in which the process lived.

    `held_fraction` is the share in which a thread held it, `waiting_fraction` that in which at least one waited for it,
    `waiting_threads` how many waited on average. `holders` are shares by the name of the holder: "loop", a thread's
    name, or "unknown". `reason` says why it is not available. `overshoot_ms`, then, is how much longer than asked a
    sleep of 5 ms took on average.
    """

    available: bool
    reason: str | None
    held_fraction: float | None
    waiting_fraction: float | None
    waiting_threads: float | None
    holders: dict[str, float]
    overshoot_ms: float | None


class SamplingFigures(TypedDict):
    """What looking from outside took: the sampler's share of a core, the mean times between two looks (ms)."""

    cost_fraction: float | None
    period_ms: float | None
    gil_period_ms: float | None


class ThreadFigures(TypedDict):
    """A thread: how many spans it recorded, how long it ran on a processor, what it did in the measuring window.

    `cpu_fraction` is the share of the measuring window that it ran; `states` is null where they cannot be read.
    """

    tid: int
    name: str | None
    spans: int
    cpu_s: float | None
    cpu_fraction: float | None
    states: StateFigures | None


class ProcessFigures(TypedDict):
    """A process of the run, seen from outside.

    `host` is where it runs if not on this machine; `interpreter` is such as "cpython 3.13.5 free-threaded"; `gil` is
    null for one that is not looked at: window, load, sampler. `requests` are those that it answered in the measuring
    window, null of one that answers none: load, sampler, a process of a pool.
    """

    pid: int
    host: str | None
    role: str
    interpreter: str
    requests: int | None
    cpu_s: float | None
    rss_mb_max: float | None
    threads: list[ThreadFigures]
    gil: GilFigures | None


class LoopFigures(TypedDict):
    """An event loop of a serving process. `iterations` is null where the loop does not tell them (uvloop).

    A callback that had not ended when the run did counts as busy for its part of the window. `latest_timer_ms` is how
    long after it was due a timer went off at most; null where the loop tells of none.
    """

    pid: int
    iterations: int | None
    busy_fraction: float
    longest_callback_ms: float | None
    ready_wait_p99_ms: float | None
    latest_timer_ms: float | None


class PoolFigures(TypedDict):
    """The thread pool: tokens it has, the most that were out at once, how long requests waited for one.

    Tokens belong to an event loop, so `tokens` and `peak` are for each `per`: "server", "worker" or "connection". Of an
    app of the user's own `tokens` is what AnyIO's default limiter had when the app began to serve.
    """

    tokens: int | None
    per: str
    peak: int | None
    wait_p99_ms: float | None


class EventFigures(TypedDict):
    """Events that the serving processes' loops handled, by kind.

    Null where the loop does not tell that kind (uvloop: timers, hand-overs, signals).
    """

    http: int
    websocket: int
    sse: int
    database: int
    timer: int | None
    thread: int | None
    signal: int | None


class OperationFigures(TypedDict):
    """An operation of requests (a dependency, serialization): how often, and how long from its begin to its end."""

    name: str
    count: int
    mean_ms: float
    p99_ms: float
    max_ms: float


class OperationsFigures(TypedDict):
    """Operations of the whole run, those that took most time first.

    `source` is "hooks" where FastAPI itself tells of them, "wrapper" where its functions were wrapped for that.
    """

    source: str | None
    each: list[OperationFigures]


class PredictedStep(TypedDict):
    """One formula: `quantity` is "throughput", "latency" or "makespan"; `with_numbers` ends with what comes out."""

    quantity: str
    formula: str
    with_numbers: str


class PredictionInput(TypedDict):
    """What a letter of a formula stands for; `unit` is empty for a number of things."""

    name: str
    value: float
    unit: str


class PredictionFigures(TypedDict):
    """What was worked out before the run, from its knobs and a short calibration. `formula` is that of the first step.

    `bound`: the run can only be slower than this; `note` says what the law leaves out. `off` is measured / predicted
    minus 1, by quantity; `differs` says why in a sentence each, by what this run gives evidence of. `calibration` holds
    CPU seconds of a request and cores (`analysis.predict.calibration`); null where nothing could be measured.
    """

    throughput_rps: float | None
    latency_ms: float | None
    makespan_s: float | None
    law: str
    formula: str
    with_numbers: str
    steps: list[PredictedStep]
    bound: bool
    note: str | None
    inputs: dict[str, PredictionInput]
    off: dict[str, float]
    differs: list[str]
    calibration: dict[str, Any] | None


class MachineFigures(TypedDict):
    """The machine over the window: its cores, and which share of all of them others used.

    Others are processes outside of the run, and other machines to which a hypervisor gave its processors. A share is
    null where the system does not tell it, or the window is too short for a look, which is made once a second.
    """

    cores: int | None
    others_share: float | None
    steal_share: float | None


class Figures(TypedDict):
    """All figures of a run. `prediction` is null where no law holds, and for a recording that was opened.

    `versions` are of the explorer's own Python and packages, and `versions["server"]` of the Python that the server ran
    under, such as "cpython 3.13.5 free-threaded"; what each process ran under is its `interpreter`.
    """

    schema: int
    valid: bool
    invalid_reason: str | None
    requests: Requests
    throughput_rps: float | None
    requests_total: Requests
    makespan_s: float | None
    window: WindowFigures
    latency_ms: Times
    service_ms: Times
    received: Received
    received_total: Received
    first_event_ms: Times
    send_lag_p99_ms: float | None
    load: LoadFigures
    telemetry: Telemetry
    processes: list[ProcessFigures]
    event_loops: list[LoopFigures]
    thread_pool: PoolFigures | None
    events: EventFigures
    gil: GilFigures | None
    sampling: SamplingFigures
    operations: OperationsFigures | None
    findings: list[FindingFigures]
    machine: MachineFigures
    prediction: PredictionFigures | None
    scenario: dict[str, Any]
    versions: dict[str, str]
