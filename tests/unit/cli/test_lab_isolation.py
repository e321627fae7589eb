"""The command `lab isolation`: what cannot be done is one sentence, before anything starts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explorer.cli.lab import lab
from explorer.labs.isolation.library import shipped

P4 = ("--scenarios", "P4")


def call(*words: object, **env: str) -> Result:
    return CliRunner().invoke(lab, ["isolation", *map(str, words)], env=env)


def test_without_a_scenario_all_are_listed() -> None:
    assert all(each.title in call().stdout for each in shipped().values())
    found = json.loads(call("--json", "-").stdout)
    assert [each["id"] for each in found] == list(shipped())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--levels", "SERIALIZABLE"), "There is no level 'SERIALIZABLE' here. "),
        (("--levels", "DEFERRED"), "--levels is about a run; name a scenario with --scenarios, for instance P4, or"),
        (("--export", "FOLDER/a.py"), "--export is about a run;"),
        (("--record", "FOLDER/a.cxrec"), "--record is about a run;"),
        (("--scenarios", "P5"), "There is no isolation scenario 'P5'."),
        (("--scenarios", ","), "--scenarios names no scenario; name one, for instance P4."),
        (("--scenarios", "P4,G0"), "One scenario is run at one level; name one of each, or add --matrix"),
        ((*P4, "--levels", "DEFERRED,IMMEDIATE"), "One scenario is run at one level;"),
        ((*P4, "--matrix", "--export", "FOLDER/a.py"), "--export writes one run; leave out --matrix"),
        ((*P4, "--export", "FOLDER/a.txt"), "a.txt would not run as a test; give a name that ends in .py."),
        ((*P4, "--record", "FOLDER/a.zip"), "a.zip would not open as a recording;"),
        ((*P4, "--export", "FOLDER/none/a.py"), "The folder FOLDER/none does not exist."),
        ((*P4, "--json", "FOLDER"), "FOLDER is a folder. Give the name of a file."),
        ((*P4, "--schedule", "FOLDER/a.toml"), "--schedule is in place of a scenario; leave out --scenarios."),
        (("--schedule", "FOLDER/a.toml"), "There is no file FOLDER/a.toml."),
        ((*P4, "--journal", "memory"), "SQLite has no journal 'memory' here; choose delete or wal."),
        ((*P4, "--url", "oracle://scott:tiger@host"), "The lab does not speak with oracle;"),
        ((*P4, "--url", "postgresql://u:secret@"), "The database's URL "),
        ((*P4, "--url", "embedded", "--levels", "READ UNCOMMITTED"), "PostgreSQL takes READ UNCOMMITTED for READ COMM"),
    ],
)
def test_bad_input_is_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    result = call(*(word.replace("FOLDER", str(tmp_path)) for word in words))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"concurrency-explorer: {sentence.replace('FOLDER', str(tmp_path))}")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr
    assert "tiger" not in result.stderr


def test_the_url_may_come_from_the_environment() -> None:
    result = call(*P4, EXPLORER_LAB_URL="oracle://scott:tiger@host")
    assert result.exit_code == 2
    assert "The lab does not speak with oracle" in result.stderr
