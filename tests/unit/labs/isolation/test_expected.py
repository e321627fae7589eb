"""What the sources say of the levels, and what becomes of an observation that differs from one of them."""

from dataclasses import replace
from typing import Any

import pytest

from explorer.labs.isolation.expected import hermitage
from explorer.labs.isolation.expected.differences import DETECTOR, differences, sources
from explorer.labs.isolation.expected.reasons import REASONS
from explorer.labs.isolation.expected.source import ANOMALIES, AUTOCOMMIT, Source
from explorer.labs.isolation.expected.standard import NAMES, PHENOMENON, STANDARD
from explorer.labs.isolation.levels import LEVELS
from explorer.labs.isolation.matrix import Difference
from explorer.labs.isolation.schedule import Kind, Schedule
from explorer.labs.isolation.trace import Facts
from explorer.labs.isolation.verdict import Verdict

CHECKED = {"innodb_snapshot_isolation": "ON"}
UNCHECKED = {"innodb_snapshot_isolation": "OFF"}


def facts(engine: str, **settings: str) -> Facts:
    return Facts(engine, engine, "1", "here", "lab", settings, LEVELS[engine], "")


def schedule(name: str, kind: Kind = "anomaly") -> Schedule:
    return Schedule(name, name, "", "", (), (), (), (), kind)


def verdict(happened: bool, **more: Any) -> Verdict:
    return Verdict(happened, (), (), "", "", "", **more)


def seen(engine: str, level: str, name: str, happened: bool, **settings: str) -> tuple[Difference, ...]:
    return differences(facts(engine, **settings), level, schedule(name), verdict(happened))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mariadb", "mysql"])
def test_what_a_source_says_is_of_levels_and_scenarios_that_there_are(engine: str) -> None:
    known = {level for levels in LEVELS.values() for level in levels} - {AUTOCOMMIT}
    for source in sources(facts(engine)):
        assert set(source.levels) <= known
        assert all(set(says) <= set(ANOMALIES) for says in source.levels.values())


def test_a_level_is_never_weaker_than_the_one_before_it() -> None:
    named: list[tuple[str, Source]] = [
        (engine, source) for engine in ("postgresql", "mariadb", "mysql") for source in sources(facts(engine))
    ]
    for engine, source in named:
        levels = [level for level in LEVELS[engine] if level in source.levels]
        for name in ANOMALIES:
            says = [source.says(level, name) for level in levels]
            told = [one for one in says if one is not None]
            assert told == sorted(told, reverse=True), (source.what, engine, name)


def test_of_dirty_writes_the_standard_says_nothing_below_serializable() -> None:
    assert STANDARD.says("REPEATABLE READ", "G0") is None
    assert STANDARD.says("SERIALIZABLE", "G0") is False
    assert set(PHENOMENON) == set(ANOMALIES) - {"G0"}
    assert set(PHENOMENON.values()) == set(NAMES)


@pytest.mark.parametrize(
    ("engine", "level", "name", "happened", "settings", "what", "word"),
    [
        ("postgresql", "REPEATABLE READ", "PMP", False, {}, "the SQL standard", "snapshot"),
        ("postgresql", "REPEATABLE READ", "G2-item", True, {}, "the SQL standard", "locks no reads"),
        ("postgresql", "REPEATABLE READ", "G2-item", True, {}, "the SQL standard", "P2 (non-repeatable read) is read"),
        ("mariadb", "REPEATABLE READ", "G2-three", True, CHECKED, "the SQL standard", "broadly, as by Berenson"),
        ("mariadb", "REPEATABLE READ", "P4", True, UNCHECKED, "the SQL standard", "is off"),
        ("mariadb", "REPEATABLE READ", "P4", False, CHECKED, "Hermitage", "is on"),
        ("mysql", "REPEATABLE READ", "P4", True, {}, "the SQL standard", "MySQL does not compare"),
        ("sqlite", "READ UNCOMMITTED", "G1c", False, {}, "the SQL standard", "one writer"),
    ],
)
def test_a_difference_has_its_source_and_its_reason(
    engine: str, level: str, name: str, happened: bool, settings: dict[str, str], what: str, word: str
) -> None:
    [found] = seen(engine, level, name, happened, **settings)
    assert found.what == what
    assert word in found.why


@pytest.mark.parametrize(
    ("engine", "level", "name", "happened", "settings"),
    [
        ("postgresql", "READ COMMITTED", "P4", True, {}),
        ("postgresql", "SERIALIZABLE", "G2", False, {}),
        ("mariadb", "SERIALIZABLE", "P4", False, UNCHECKED),
        ("sqlite", "DEFERRED", "G2-item", False, {}),
        ("sqlite", "READ UNCOMMITTED", "G1a", True, {}),
        ("postgresql", AUTOCOMMIT, "P4", True, {}),
    ],
)
def test_what_is_as_written_differs_from_nothing(
    engine: str, level: str, name: str, happened: bool, settings: dict[str, str]
) -> None:
    assert seen(engine, level, name, happened, **settings) == ()


def test_a_difference_without_a_known_reason_says_so() -> None:
    found = seen("postgresql", "SERIALIZABLE", "G1a", True)
    assert [each.what for each in found] == ["the SQL standard", "the manual of PostgreSQL", "Hermitage"]
    assert all("We know no reason" in each.why and each.what in each.why for each in found)


def test_a_detector_that_does_not_fire_without_transactions_is_told() -> None:
    [found] = seen("sqlite", AUTOCOMMIT, "P4", False)
    assert found.what == DETECTOR


def test_neither_a_cure_nor_a_run_that_goes_on_differs() -> None:
    where = facts("postgresql"), "SERIALIZABLE"
    assert differences(*where, schedule("for_update", "cure"), verdict(True)) == ()
    assert differences(*where, schedule("my own"), verdict(True)) == ()
    assert differences(*where, schedule("G1a"), replace(verdict(True), before=True)) == ()


@pytest.mark.parametrize("one", REASONS, ids=lambda one: f"{one.source}-{one.engines[0]}-{one.scenarios[0]}")
def test_a_reason_contradicts_its_source_and_is_short(one: Any) -> None:
    settings = CHECKED if one.when(facts(one.engines[0], **CHECKED)) and one.source == "Hermitage" else UNCHECKED
    for engine in one.engines:
        [source] = [each for each in sources(facts(engine, **settings)) if each.what == one.source]
        for level in one.levels:
            for name in one.scenarios:
                assert source.says(level, name) is (not one.happened), (engine, level, name)
    assert 1 <= one.why.count(".") - one.why.count("5.6") - 2 * one.why.count("11.6.2") <= 3
    assert one.why.endswith(".")


def test_the_codes_hermitage_prints_are_where_it_says_prevented() -> None:
    for source, codes in (
        (hermitage.POSTGRESQL, hermitage.POSTGRESQL_CODES),
        (hermitage.INNODB, hermitage.INNODB_CODES),
    ):
        assert all(source.says(level, name) is False for level, name in codes)
