"""The command `lab locks`: what cannot be done is one sentence, before anything starts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explorer.cli.lab import lab
from explorer.labs.locks.scenarios import scenarios


def call(*words: object) -> Result:
    return CliRunner().invoke(lab, ["locks", *map(str, words)])


def test_without_a_name_all_scenarios_are_listed() -> None:
    assert all(each.title in call().stdout for each in scenarios().values())
    found = json.loads(call("--json", "-").stdout)
    assert [each["id"] for each in found] == list(scenarios())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--cured",), "--cured is about the run of one scenario; name it with --scenario, for instance convoy."),
        (("--cure", "order"), "--cure is about the run of one scenario;"),
        (("--seconds", "2", "--set", "load.users=2"), "--seconds is about the run of one scenario;"),
        (("--set", "load.users=2"), "--set is about the run of one scenario;"),
        (("--interpreter", "3.11"), "--interpreter is about the run of one scenario;"),
        (("--record", "FOLDER/a.cxrec"), "--record is about the run of one scenario;"),
        (("--scenario", "convoi"), "There is no lock scenario 'convoi'. Did you mean 'convoy'?"),
        (("--scenario", "convoy", "--cure", "order"), "This scenario has one cure; give --cured without --cure."),
        (
            ("--scenario", "lock_order_deadlock", "--cure", "hope"),
            "There is no cure 'hope'. Known are: order, timeout, try_lock.",
        ),
        (("--scenario", "convoy", "--seconds", "0"), "--seconds must be above 0 and at most 600."),
        (("--scenario", "convoy", "--seconds", "nan"), "--seconds must be above 0 and at most 600."),
        (("--scenario", "convoy", "--set", "workload.sleep=99"), "workload.sleep (Sleep) must be from 0 to 60 s."),
        (("--scenario", "convoy", "--record", "FOLDER/a.txt"), "a.txt would not open as a recording;"),
        (("--scenario", "convoy", "--json", "FOLDER/no/a.json"), "does not exist. Create it or choose another file."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    answer = call(*(word.replace("FOLDER", str(tmp_path)) for word in words))
    assert answer.exit_code == 2
    assert sentence in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
