"""Why a request was slow, in a sentence or two from its largest part, and one change that may help. No Qt."""

from dataclasses import dataclass
from typing import Any, Final

from explorer.analysis.critical_path import CriticalPath, PathPart
from explorer.catalog import Catalog
from explorer.collect import way_words
from explorer.option_error import OptionError
from explorer.scenario import Scenario

MUCH: Final = 0.15
"""Of the time must the GIL take to be the reason behind another wait."""


@dataclass(frozen=True, slots=True)
class Change:
    """A setting to try: the words of its button, and which value of which knob."""

    words: str
    section: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Advice:
    """`sentence` says why, `change` what to try (None: nothing in the setup would help)."""

    sentence: str
    change: Change | None = None


TRY_PROCESSES: Final = Change("Try process pool", "dispatch", "id", "process_pool")
TRY_THREADS: Final = Change("Try thread pool", "dispatch", "id", "thread_pool")
TRY_COROUTINE: Final = Change("Try coroutine", "dispatch", "id", "coroutine")
KEEP_OPEN: Final = Change("Keep connections open", "load", "keep_alive", True)


def advice(path: CriticalPath, percent: float, scenario: Scenario, catalog: Catalog) -> Advice | None:
    """What to say of a request whose largest part takes `percent` of it as shown; None when nothing is known of it."""
    sums = path.sums()
    if not sums or not path.total:
        return None
    part = next(iter(sums))
    share = f"For {percent:.0f} % of its time it "
    gil = (sums.get(PathPart.GIL, 0) + sums.get(PathPart.HANDOVER, 0)) / path.total
    found = _advice(part, path, scenario, gil)
    change = found.change if found.change is not None and _works(found.change, scenario, catalog) else None
    return Advice(share + found.sentence, change)


def _advice(part: PathPart, path: CriticalPath, scenario: Scenario, gil: float) -> Advice:
    computes = str(scenario.workload.id).startswith("cpu")
    away = TRY_PROCESSES if computes else TRY_THREADS
    match part:
        case PathPart.TOKEN:
            return _turn(path, scenario, gil)
        case PathPart.GIL:
            return Advice(
                "waited for the GIL: one thread at a time runs Python. A process has a GIL of its own.", TRY_PROCESSES
            )
        case PathPart.HANDOVER:
            return Advice("was handed from one thread to another, which first had to get the GIL.", TRY_PROCESSES)
        case PathPart.LOOP | PathPart.ARRIVAL if scenario.dispatch.id == "blocking_coroutine":
            return Advice("waited while the event loop ran another handler, which does not let go of it.", away)
        case PathPart.LOOP | PathPart.ARRIVAL:
            return Advice(
                "waited for an event loop that was at other work, or for the GIL or a core together with it.",
                TRY_PROCESSES if gil >= MUCH or computes else None,
            )
        case PathPart.RUN:
            return Advice("ran on a core: that is the work itself, and only less work makes it faster.")
        case PathPart.CORE:
            return Advice("could have run, but all cores were busy. Fewer requests at once, or more cores, would help.")
        case PathPart.LOCK:
            return Advice("stood still until another thread released a lock.")
        case PathPart.IO:
            return Advice(
                "stood still in the system, for I/O or a sleep, and kept a thread all the while.",
                TRY_COROUTINE if scenario.dispatch.id in ("thread_pool", "blocking_coroutine") else None,
            )
        case PathPart.AWAIT:
            return Advice("awaited something outside, and kept nobody else waiting meanwhile.")
        case PathPart.SEND:
            return _late(path, scenario)
        case PathPart.CONNECT:
            return Advice("waited for a new connection to be opened.", None if scenario.load.keep_alive else KEEP_OPEN)
        case PathPart.RESPONSE:
            return Advice("was answered already: the response was on its way, or waited to be read by the load.")
        case PathPart.OFF_CORE:
            return Advice("was not on a core. Whether for the GIL, a lock or I/O, nobody saw: it was too short a time.")


def _turn(path: CriticalPath, scenario: Scenario, gil: float) -> Advice:
    """The longest wait for a turn decides."""
    longest = max((leg for leg in path.legs if leg.part is PathPart.TOKEN), key=lambda leg: leg.duration)
    match longest.cause:
        case way_words.FOR_THREAD if gil >= MUCH:
            return Advice(
                "waited for a free thread. Threads come free slowly, because each waits for the GIL while another "
                "runs Python. More tokens will not help.",
                TRY_PROCESSES,
            )
        case way_words.FOR_THREAD:
            tokens = getattr(scenario.dispatch.knobs, "tokens", 0)
            more = Change(f"Try {2 * tokens:,} tokens", "dispatch", "tokens", 2 * tokens) if tokens else None
            return Advice("waited for a free thread: all tokens were taken.", more)
        case way_words.FOR_PROCESS:
            number = getattr(scenario.dispatch.knobs, "processes", 0)
            more = Change(f"Try {number + 1} processes", "dispatch", "processes", number + 1) if number else None
            return Advice("waited for a process of the pool: each runs one request's work at a time.", more)
        case way_words.FOR_CONNECTION:
            size = getattr(scenario.workload.knobs, "pool_size", 0)
            more = Change(f"Try {2 * size:,} connections", "workload", "pool_size", 2 * size) if size else None
            return Advice("waited for a connection to the database: all of the pool were lent out.", more)
    return Advice("waited for its turn.")


def _late(path: CriticalPath, scenario: Scenario) -> Advice:
    limited = scenario.load.mode != "users"
    most = scenario.load.connections
    more = Change(f"Try {2 * most:,} connections", "load", "connections", 2 * most) if limited else None
    return Advice("was due and not sent: no connection was free, or the load itself was late.", more)


def _works(change: Change, scenario: Scenario, catalog: Catalog) -> bool:
    """Whether the setup can have that value, and has not."""
    section = getattr(scenario, change.section)
    holder = section if change.key == "id" or change.section == "load" else section.knobs
    if getattr(holder, change.key, None) == change.value or scenario.own:
        return False
    try:
        scenario.changed(catalog, change.section, change.key, change.value)
    except OptionError:
        return False
    return True
