"""The lock is looked at as each system and each Python sees it, whatever this one is."""

import lock_check
import pytest
from lock_check import SYSTEMS, environment, held, lacking

from tests.architecture.checkout import ROOT

HASH = "\\\n    --hash=sha256:" + "ab" * 32
LOCK = f"""\
both==1 {HASH}
only-windows==2 ; sys_platform == 'win32' {HASH}
split==3 ; python_full_version < '3.12' {HASH}
split==4 ; python_full_version >= '3.12' {HASH}
"""
LINUX, WINDOWS = SYSTEMS[0], SYSTEMS[2]


@pytest.mark.parametrize(
    ("system", "python", "names"),
    [(LINUX, "3.11", ["both==1", "split==3"]), (WINDOWS, "3.14", ["both==1", "only-windows==2", "split==4"])],
)
def test_conditions_are_decided_for_the_system_in_question(
    system: lock_check.System, python: str, names: list[str]
) -> None:
    found = held(LOCK, environment(system, python))
    assert [entry.split()[0] for entry in found.values()] == names
    assert all(";" not in entry and "--hash=sha256:" in entry for entry in found.values())


def test_two_releases_of_one_are_an_error() -> None:
    with pytest.raises(ValueError, match="two releases of both"):
        held(LOCK + f"both==2 {HASH}\n", environment(LINUX, "3.11"))


def test_what_a_release_requires_and_nobody_locked_is_found() -> None:
    requires = ["b>=2", 'c; sys_platform == "win32"', 'd; extra == "more"']
    report = {"install": [
        {"metadata": {"name": "a", "version": "1", "requires_dist": requires, "requires_python": ">=3.13"}},
        {"metadata": {"name": "B", "version": "1.5"}},
    ]}  # fmt: skip
    assert lacking(report, environment(LINUX, "3.13")) == ["a requires b>=2"]
    assert lacking(report, environment(WINDOWS, "3.13")) == ["a requires b>=2", "a requires c"]
    assert lacking(report, environment(LINUX, "3.11"))[0] == "a requires Python >=3.13"


@pytest.mark.parametrize("kind", ["", "-build", "-publish"])
def test_every_system_and_python_finds_one_release_of_each_in_our_locks(kind: str) -> None:
    lock = (ROOT / "packaging" / f"requirements{kind}.lock").read_text("utf-8")
    for system in SYSTEMS:
        for python in lock_check.PYTHONS:
            assert held(lock, environment(system, python))
