"""What a measurement is planned to be, what its counters add up to, and how its result is told."""

import re

import numpy as np
import pytest

from explorer.catalog import Catalog
from explorer.collect.source import SAMPLE, Batch, Marker, Track
from explorer.labs.isolation.cost.measure import Progress
from explorer.labs.isolation.cost.plan import CostKnobs, CostPlan, keeps_money
from explorer.labs.isolation.cost.result import Cost, LevelCost, as_json, as_text, milliseconds, sentence, verdict
from explorer.labs.isolation.cost.tally import Tally
from explorer.option_error import OptionError
from explorer.records.states import TrackKind

CATALOG = Catalog()


def level(**changes: object) -> LevelCost:
    """A level at which all went well, but for the changes."""
    fields: dict[str, object] = {
        "level": "SERIALIZABLE", "transfers": 100, "seconds": 2.0, "aborted": {"40001": 7}, "retried": 6, "given_up": 1,
        "without_connection": 0, "expected": 5000, "money": 5000, "misplaced": 0, "journal": 100, "p50_ms": 2.5,
        "p99_ms": 1234.5, "promised": True,
    }  # fmt: skip
    return LevelCost(**(fields | changes))  # type: ignore[arg-type]  # a test may say less than the fields' types


def test_all_levels_of_the_engine_are_measured_unless_some_are_named() -> None:
    assert CostPlan(CATALOG, "sqlite://", (), CostKnobs()).levels == ("AUTOCOMMIT", "DEFERRED", "IMMEDIATE")
    plan = CostPlan(CATALOG, "embedded", ("serializable", " read committed"), CostKnobs(users=60, workers=2))
    assert plan.levels == ("SERIALIZABLE", "READ COMMITTED")
    scenario = plan.scenarios["SERIALIZABLE"].to_dict()
    assert scenario["model"] == {"id": "prefork", "workers": 2}
    assert scenario["dispatch"] == {"id": "thread_pool", "tokens": 60}
    assert (scenario["workload"]["url"], scenario["workload"]["level"]) == ("embedded", "SERIALIZABLE")
    assert scenario["load"]["users"] == 60
    awaiting = CostPlan(CATALOG, "sqlite://", (), CostKnobs(form="awaiting"))
    assert awaiting.scenarios["DEFERRED"].dispatch.id == "coroutine"


@pytest.mark.parametrize(
    ("url", "levels", "knobs", "sentence"),
    [
        ("sqlite://", ("READ COMMITTED",), {}, "SQLite has no level READ COMMITTED; choose AUTOCOMMIT, DEFERRED or"),
        ("embedded", ("SNAPSHOT",), {}, "There is no level SNAPSHOT."),
        ("sqlite://", (), {"style": "for_update"}, "SQLite locks no single rows"),
        ("nonsense", (), {}, "it must look like postgresql://user:password@host/name"),
    ],
)
def test_what_cannot_be_measured_is_said_beforehand(
    url: str, levels: tuple[str, ...], knobs: dict[str, str], sentence: str
) -> None:
    with pytest.raises(OptionError, match=re.escape(sentence)):
        CostPlan(CATALOG, url, levels, CostKnobs.model_validate(knobs))


@pytest.mark.parametrize(
    ("engine", "style", "promising"),
    [
        ("sqlite", "read_write", {"DEFERRED", "IMMEDIATE"}),
        ("postgresql", "read_write", {"REPEATABLE READ", "SERIALIZABLE"}),
        ("postgresql", "atomic", {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}),
        ("mariadb", "read_write", {"SERIALIZABLE"}),
        ("mariadb", "for_update", {"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}),
        ("mariadb", "version", {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}),
    ],
)
def test_what_promises_to_keep_the_money(engine: str, style: str, promising: set[str]) -> None:
    url = {"sqlite": "sqlite://", "postgresql": "embedded", "mariadb": "mariadb://me@host/shop"}[engine]
    levels = CostPlan(CATALOG, url, (), CostKnobs()).levels
    assert {level for level in levels if keeps_money(engine, level, style)} == promising


def counters(*values: tuple[int, str, float, int]) -> Batch:
    """A batch with these samples: track, name, value, time."""
    samples = np.zeros(len(values), SAMPLE)
    for place, (number, _, value, time) in enumerate(values):
        samples[place]["track"], samples[place]["value"], samples[place]["time"] = number, value, time
    tracks = [Track(number, TrackKind.COUNTER, name, process=1) for number, name, *_ in values]
    return Batch(now=1, tracks=tracks, samples=samples)


def test_the_counters_of_all_processes_are_added_up() -> None:
    tally = Tally()
    batch = counters((1, "transfers committed", 5, 10), (2, "transfers committed", 7, 30), (3, "aborted: 40001", 2, 40))
    batch.markers = [Marker(3, "begin", "Load begins")]
    tally.feed(batch)
    tally.feed(counters((1, "transfers committed", 6, 20), (4, "aborted: 40001", 1, 50), (5, "ready", 9, 60)))
    tally.feed(counters((6, "transfers committed", 0, 70)))

    assert (tally.committed, tally.aborted, tally.began, tally.last_commit) == (13, {"40001": 3}, 3, 30)


def test_the_result_says_what_was_lost() -> None:
    assert verdict(level()) == "all there"
    assert verdict(level(promised=False)) == "all there, by luck"
    assert verdict(level(money=4900)) == "100 lost"
    assert verdict(level(money=5100)) == "100 too much"
    assert verdict(level(misplaced=14)) == "14 in wrong accounts"
    assert not level(misplaced=14).kept
    assert (milliseconds(2.5), milliseconds(1234.5), milliseconds(None)) == ("2.5 ms", "1.23 s", "–")


def test_the_result_as_text_and_as_json() -> None:
    cost = Cost(CostKnobs(), ("READ COMMITTED", "SERIALIZABLE"), "PostgreSQL 18.4", {"SERIALIZABLE": level()})
    told = as_json(cost)
    assert (told["engine"], told["complete"], told["style"]) == ("PostgreSQL 18.4", False, "read_write")
    one = told["levels"]["SERIALIZABLE"]
    assert (one["per_second"], one["attempts"], one["missing"], one["kept"]) == (50.0, 107, 0, True)
    assert one["aborted"] == {"40001": 7}
    first, _, head, line, _, last = as_text(cost).splitlines()
    assert last == "No money was lost. The fastest level that promises to keep it is SERIALIZABLE: 50 transfers/s."
    cost.levels |= {name: level(level=name, money=4990) for name in ("AUTOCOMMIT", "READ COMMITTED")}
    assert sentence(cost).startswith("Money did not add up at AUTOCOMMIT and READ COMMITTED. The fastest level that")
    assert first == "PostgreSQL 18.4, read, then write, 8 users, 10 accounts"
    assert head.split()[:3] == ["Level", "Transfers", "A"]
    assert re.split(r"\s{2,}", line) == [
        "SERIALIZABLE", "100", "50", "2.5 ms", "1.23 s", "7 × 40001", "6", "1", "5,000 of 5,000", "all there",
    ]  # fmt: skip


def test_progress_is_of_all_levels() -> None:
    progress = Progress("SERIALIZABLE", 1, 4, 600, 1000)
    assert progress.part == pytest.approx(0.4)
    assert progress.words == "SERIALIZABLE: 600 of 1,000 transfers"
