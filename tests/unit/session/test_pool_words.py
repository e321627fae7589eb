"""What a pool's threads did most, in words."""

from typing import Any

from explorer.analysis.sampled import THREAD_STATES
from explorer.session.pool_words import WORDS, pool_states
from tests.unit.session.test_report import lines


def thread(name: str | None = "AnyIO worker thread", spans: int = 5, **states: float) -> dict[str, Any]:
    """A thread of the JSON, in these states."""
    return {"name": name, "spans": spans, "states": dict.fromkeys(WORDS, 0.0) | states if states else None}


def told(*threads: dict[str, Any]) -> str:
    """What is said of one process with these threads."""
    return pool_states([{"threads": list(threads)}])


def test_the_largest_state_is_told_as_the_mean_of_those_that_did_anything() -> None:
    locked, working = thread(waiting_lock=0.9, running=0.1), thread(waiting_lock=0.6, running=0.4)
    assert told(locked, working) == "75 % waiting for a lock"
    others = [thread("event loop", running=1.0), thread(None, running=1.0), thread(spans=0, idle=1.0), thread()]
    assert told(locked, working, *others) == "75 % waiting for a lock"
    assert told(*others) == ""
    assert told(thread(running=0.19, blocked=0.15)) == "", "nothing of it is large"


def test_all_states_of_threads_have_words() -> None:
    assert set(WORDS) == set(THREAD_STATES.values())


def test_the_report_has_a_line_of_it() -> None:
    process = {"role": "server", "pid": 1, "cpu_s": 1.0, "rss_mb_max": 1.0, "threads": [thread(waiting_lock=0.79)]}
    assert lines(processes=[process])["pool threads"] == "79 % waiting for a lock"
    assert "pool threads" not in lines(processes=[process | {"threads": []}])
