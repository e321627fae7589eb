"""The scenarios of the locks lab: what they say, what they need, what comes with the program."""

from dataclasses import replace

import pytest

from explorer.catalog import Catalog
from explorer.labs.locks.lock_scenario import LockScenario, is_cured, line_of
from explorer.labs.locks.scenarios import scenario_named, scenarios
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.scenario import read
from tests.combinations import OF_THE_LAB

CATALOG = Catalog()
ALL = list(scenarios().values())


def test_there_are_eleven_and_each_is_a_workload_of_the_labs_group() -> None:
    assert list(scenarios()) == [
        "lost_update", "check_then_act", "convoy", "reader_starvation", "producer_consumer", "semaphore_limit",
        "priority_inversion", "lock_order_deadlock", "dining_philosophers", "lock_in_async", "lock_across_await",
    ]  # fmt: skip
    workloads = [one for one in CATALOG.all("workload") if one.group == OF_THE_LAB]
    assert [workload.id for workload in workloads] == list(scenarios())
    assert [workload.title for workload in workloads] == [lab.title for lab in ALL]


def test_a_scenario_can_be_made_in_both_forms_and_with_every_cure() -> None:
    for lab in ALL:
        check_forms(lab)


def check_forms(lab: LockScenario) -> None:
    for text in (lab.sentence, lab.written, lab.cured, *lab.cured_by.values()):
        assert text.endswith(".")
        assert "!" not in text
    written = lab.scenario(CATALOG, cured=False)
    assert not is_cured(written)
    assert lab.claim(written) == lab.written
    for cure in lab.cures(CATALOG) or ("",):
        words = (f"workload.cure={cure}",) if cure else ()
        cured = lab.scenario(CATALOG, cured=True, settings=words)
        assert is_cured(cured)
        assert lab.claim(cured) == lab.cured_by.get(cure, lab.cured)
    assert (written.load.duration > 0) == (lab.seconds is not None)
    assert lab.source.is_file()


def test_the_knobs_that_a_page_shows_are_knobs_of_the_scenario() -> None:
    for lab in ALL:
        scenario = lab.scenario(CATALOG, cured=False)
        for path in lab.shown:
            section, _, key = path.partition(".")
            assert hasattr(scenario.knobs(section), key)


def test_the_scenarios_that_come_with_the_program_are_the_labs() -> None:
    for lab in ALL:
        shipped = read(CATALOG, resources() / "scenarios" / "locks" / f"{lab.id}.toml")
        labs = lab.scenario(CATALOG, cured=False)
        assert shipped == replace(labs, load=labs.load.model_copy(update={"duration": 0.0}))


def test_the_list_of_shipped_scenarios_is_not_flooded_by_them() -> None:
    shown = {file.stem for file in (resources() / "scenarios").glob("*.toml")}
    assert not shown & set(scenarios())


def test_seconds_are_for_those_that_have_no_end_of_their_own() -> None:
    assert scenario_named("convoy").scenario(CATALOG, cured=False, seconds=1.5).load.duration == 1.5
    assert scenario_named("lost_update").scenario(CATALOG, cured=False, seconds=1.5).load.duration == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("workload.id=sleep",), "The scenario convoy has a workload of its own; leave out workload.id."),
        (("workload.cured=true",), "Whether it is cured is said by --cured; leave out workload.cured."),
        (("dispatch.id=coroutine",), "It is about threads that meet at a lock"),
        (("dispatch.id=process_pool",), "Processes share neither objects nor these locks"),
        (("model.id=process_per_connection",), "Each connection would have a process"),
        (("workload.sleep=99",), r"workload.sleep \(Sleep\) must be from 0 to 60 s."),
    ],
)
def test_what_cannot_be_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        scenario_named("convoy").scenario(CATALOG, cured=False, settings=words)


def test_tasks_of_several_loops_cannot_share_an_asyncio_lock() -> None:
    with pytest.raises(OptionError, match="belongs to one event loop"):
        scenario_named("lock_across_await").scenario(CATALOG, cured=False, settings=("model.id=thread_per_connection",))


def test_an_unknown_scenario_gets_the_nearest_name() -> None:
    with pytest.raises(OptionError, match=r"There is no lock scenario 'convoi'. Did you mean 'convoy'\?"):
        scenario_named("convoi")


def test_the_lines_that_judges_look_for_stand_in_the_body_once() -> None:
    assert line_of("reader_starvation", "lock.write()") != line_of("reader_starvation", "lock.read()")
    assert line_of("producer_consumer", "items.put(").startswith("body.py:")
    with pytest.raises(ValueError, match="stands in 0 lines"):
        line_of("convoy", "no such line")
