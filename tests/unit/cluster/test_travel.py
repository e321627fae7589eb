"""What travels to a cluster: this package as an archive, work as a pickle, rosters and versions as plain data."""

import pickle
import pickletools
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from explorer.cluster import boarding
from explorer.cluster.boarding import archive
from explorer.cluster.carrying import Call, hand_in
from explorer.cluster.clocks import Offset
from explorer.cluster.roster import SAME, Roster
from explorer.cluster.versions import _versions, difference
from explorer.option_error import OptionError
from explorer.server.workloads.sleep.body import blocking


def test_equal_files_give_an_equal_archive() -> None:
    assert archive() == archive()


def test_the_archive_holds_what_a_worker_needs_and_no_window() -> None:
    name, data = archive()

    held = zipfile.ZipFile(BytesIO(data)).namelist()
    assert name.startswith("explorer-")
    assert {"explorer/__init__.py", "explorer/cluster/aboard.py", "explorer/server/workloads/sleep/body.py"} <= set(
        held
    )
    assert not [path for path in held if "/desktop/" in path]


def test_a_python_with_nothing_else_runs_bodies_from_the_archive(tmp_path: Path) -> None:
    name, data = archive()
    (tmp_path / name).write_bytes(data)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / name)!r}); "
        "import explorer.cluster.aboard as a; from explorer.server.workloads.sleep.body import blocking; "
        "a.perform('t', 'n', 1, blocking, (0.0,)); print(a.__file__)"
    )

    told = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)

    assert name in told.stdout


def test_a_program_without_its_own_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boarding, "ROOT", tmp_path)

    with pytest.raises(OptionError, match="embedded cluster"):
        archive()


def test_loading_a_call_makes_it() -> None:
    assert pickle.loads(pickle.dumps(Call(max, (3, 8)))) == 8


class Submits:
    """A client that only notes what it is given."""

    def submit(self, function: Any, *args: Any, **more: Any) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """Give it back."""
        return function, args, more


def test_what_the_scheduler_unpickles_names_nothing_of_ours() -> None:
    function, args, more = hand_in(Submits(), blocking, 0.5, workers=["tcp://a:1"])

    outside = pickle.dumps((function, args))
    # To who loads it, the work is a string of bytes.
    names = [value for code, value, _ in pickletools.genops(outside) if "UNICODE" in code.name]
    assert names == ["_pickle", "loads"]
    assert more["workers"] == ["tcp://a:1"]
    assert not more["allow_other_workers"]
    assert more["key"].startswith("blocking-")


def test_without_workers_any_will_do() -> None:
    _, _, more = hand_in(Submits(), blocking, 0.5)

    assert "workers" not in more


def test_a_roster_travels_as_plain_data() -> None:
    roster = Roster({"tcp://a:1": Offset(3_500_000_000, 90_000)})

    assert Roster.from_event(roster.to_event()) == roster
    assert roster.offset("tcp://a:1").ahead_ns == 3_500_000_000
    assert roster.offset("tcp://b:1") == SAME


def told(python: str, dask: str) -> dict[str, Any]:
    return {"host": {}, "packages": {"python": python, "dask": dask, "distributed": dask, "numpy": "2.4.6"}}


def test_versions_are_compared_as_far_as_pickles_care() -> None:
    here = _versions(told("3.11.7.final.0", "2026.8.0"))

    assert _versions(told("3.11.9.final.0", "2026.8.0")) == here
    assert _versions({}) != here


def test_what_differs_is_told_for_both_sides() -> None:
    here = _versions(told("3.11.7.final.0", "2026.8.0"))
    there = _versions(told("3.12.1.final.0", "2026.7.1"))

    assert difference(there, here) == (
        "Python 3.12 and dask 2026.7.1 and distributed 2026.7.1",
        "Python 3.11 and dask 2026.8.0 and distributed 2026.8.0",
    )
