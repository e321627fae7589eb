"""Scenarios: defaults, TOML there and back, sentences for what cannot be used, what a change takes."""

import math
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import assign, default, parse, read

FULL = """
name = "Everything"

[server]
http = "h11"
switch_interval = 0.001

[model]
id = "event_loop"

[dispatch]
id = "thread_pool"
tokens = 4

[workload]
id = "sleep"
seconds = 0.05

[load]
mode = "poisson"
rate = 50.0

[[load.phase]]
at = 5.0
rate = 100.0

[[also]]
share = 0.25
workload = { id = "cpu_python" }
dispatch = "process_pool"
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def test_a_complete_file_reads_and_writes_back_to_an_equal_scenario(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "full.toml"
    file.write_text(FULL)
    scenario = read(catalog, file)
    assert scenario.name == "Everything"
    assert scenario.dispatch.knobs.model_dump()["tokens"] == 4
    assert scenario.phases[0].rate == 100.0
    assert scenario.also[0].dispatch.id == "process_pool"
    again = tmp_path / "again.toml"
    again.write_text(scenario.to_toml())
    assert read(catalog, again) == scenario


def test_an_id_alone_stands_for_its_table(catalog: Catalog) -> None:
    assert parse(catalog, {"dispatch": "coroutine"}) == parse(catalog, {"dispatch": {"id": "coroutine"}})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"modle": "prefork"}, "Did you mean 'model'"),
        ({"model": "evnt_loop"}, "There is no model 'evnt_loop'. Did you mean 'event_loop'"),
        ({"dispatch": {"id": "thread_pool", "tokens": 0}}, "dispatch.tokens"),
        ({"dispatch": {"id": "coroutine", "tokens": 3}}, "no knob 'dispatch.tokens'"),
        ({"load": {"users": -1}}, "load.users (Users) must be from 0 to 10,000 users."),
        ({"load": 3}, "must be a table"),
        ({"name": 3}, "'name' must be words in quotes"),
        ({"name": {"a": {}}}, "'name' must be words in quotes"),
        ({"also": [{"workload": "sleep", "share": 2}]}, "share"),
        ({"also": [{"workload": "sleep", "share": 0.6}, {"workload": "sleep", "share": 0.6}]}, "must not be above 1"),
        ({"also": [{"share": 0.5}]}, 'In [[also]] 1: The workload is missing; give one, such as workload = "sleep".'),
        ({"also": [{"workload": "sleep"}, {}]}, "In [[also]] 2: The workload is missing"),
        ({"also": [1]}, "[[also]] 1 must be a table; write its keys below [[also]]."),
        ({"also": [{"workload": "sleep"}, "sleep"]}, "[[also]] 2 must be a table"),
        (
            {"also": [{"workload": 1}]},
            "In [[also]] 1: 'workload' must be a word in quotes, such as workload = \"sleep\"",
        ),
        ({"also": [{"workload": "slep"}]}, "In [[also]] 1: There is no workload 'slep'. Did you mean 'sleep'?"),
        ({"also": [{"workload": {"id": "sleep", "seconds": -1}}]}, "In [[also]] 1: workload.seconds ("),
        ({"also": [{"workload": "sleep", "shar": 1}]}, "In [[also]] 1: There is no part 'shar'. Did you mean 'share'?"),
        (
            {"also": [{"workload": "sleep", "share": math.nan}]},
            "In [[also]] 1: The share must be a number from 0 to 1.",
        ),
        ({"load": {"phase": [3]}}, "[[load.phase]] 1 must be a table; write its keys below [[load.phase]]."),
        ({"model": ["x"]}, "'model' must be a word in quotes, such as model = \"event_loop\", or a table with an id."),
        ({"model": {"id": ["x"]}}, 'model.id must be a word in quotes, such as id = "event_loop".'),
        ({"dispatch": {"id": 3}}, 'dispatch.id must be a word in quotes, such as id = "thread_pool".'),
        ({"load": {"phase": [{"users": -5}]}}, "load.phase.users (Users) must be from 0 to 10,000 users."),
        ({"load": {"phase": [{"users": 10**9}]}}, "from 0 to 10,000 users"),
        ({"load": {"phase": [{"rate": 0.0}]}}, "load.phase.rate (Rate) must be above 0 and at most 200,000"),
        ({"load": {"phase": [{"rate": 1e9}]}}, "above 0 and at most 200,000 requests/s"),
        ({"load": {"phase": [{"rate": math.nan}]}}, "above 0 and at most 200,000 requests/s"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(catalog: Catalog, data: dict[str, object], sentence: str) -> None:
    with pytest.raises(OptionError) as error:
        parse(catalog, data)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_shares_may_add_up_to_all(catalog: Catalog) -> None:
    assert len(parse(catalog, {"also": [{"workload": "sleep", "share": 0.1}] * 10}).also) == 10


def test_a_combination_without_sense_says_why(catalog: Catalog) -> None:
    with pytest.raises(OptionError) as error:
        parse(catalog, {"dispatch": "coroutine", "workload": "cpu_python"})
    assert str(error.value).endswith(".")


def test_a_broken_file_names_the_line(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("[server\n")
    with pytest.raises(OptionError, match=r"not valid TOML.*line 1"):
        read(catalog, file)


@pytest.mark.parametrize(
    "text",
    [
        "[workload]\nseconds = " + "[" * 100_000,
        "name = " + "[" * 3_000 + "]" * 3_000,
        "name" + ".a" * 3_000 + " = 1",
        "[model]\nid" + ".a" * 3_000 + " = 1",
        "[workload]\nseconds" + ".a" * 3_000 + " = 1",
    ],
    ids=["open", "closed", "name", "id", "knob"],
)
def test_values_nested_very_deeply_are_one_sentence(catalog: Catalog, tmp_path: Path, text: str) -> None:
    file = tmp_path / "deep.toml"
    file.write_text(text)
    with pytest.raises(OptionError, match=r"too deeply|must be (a number|a word|words)"):
        read(catalog, file)


def test_settings_apply_in_their_order(catalog: Catalog) -> None:
    scenario = assign(catalog, default(catalog), ["dispatch.tokens=4", "dispatch.tokens=5", "server.affinity=0"])
    assert scenario.dispatch.knobs.model_dump()["tokens"] == 5
    assert scenario.server.affinity == "0"


@pytest.mark.parametrize("word", ["tokens=4", "dispatch.tokens", "dispatch.=3", "nothing.at=1"])
def test_a_setting_of_the_wrong_form_is_refused(catalog: Catalog, word: str) -> None:
    with pytest.raises(OptionError):
        assign(catalog, default(catalog), [word])


def test_tokens_change_live_and_workers_do_not(catalog: Catalog) -> None:
    scenario = default(catalog)
    live = scenario.changed(catalog, "dispatch", "tokens", 3)
    assert not scenario.restarts(live)
    assert scenario.differences(live) == [("dispatch", "tokens", 3, "live")]
    assert scenario.restarts(scenario.changed(catalog, "server", "http", "h11"))
    assert scenario.restarts(scenario.changed(catalog, "dispatch", "id", "process_pool"))


def test_seed_and_ramp_neither_restart_nor_pretend_to_change_live(catalog: Catalog) -> None:
    old = default(catalog)
    new = assign(catalog, old, ["load.seed=2", "load.ramp=3"])
    assert not old.restarts(new)
    assert {effect for *_, effect in old.differences(new)} == {"start"}


@pytest.mark.parametrize(
    ("section", "key", "value", "name"),
    [
        ("workload", "id", "timers", ""),
        ("workload", "id", "sleep", "Freezing a window"),
        ("workload", "seconds", 0.3, "Freezing a window"),
        ("load", "users", 3, "Freezing a window"),
    ],
)
def test_a_scenario_with_another_feature_has_no_name(
    catalog: Catalog, section: str, key: str, value: object, name: str
) -> None:
    named = parse(catalog, {"name": "Freezing a window"})
    assert named.changed(catalog, section, key, value).name == name


def test_what_is_wrong_in_a_second_workload_is_no_fault_of_the_first(catalog: Catalog) -> None:
    with pytest.raises(OptionError) as error:
        parse(catalog, {"also": [{"workload": "sleep"}, {"workload": {"id": "sleep", "seconds": -1}}]})
    assert error.value.where == "also.2.workload.seconds"
