"""Whose lock it is, and what it is called."""

import ast
import dataclasses
import queue
import sys
import threading
from pathlib import Path
from typing import Any, Self

import pytest

from explorer.probe.locks.install import LockTracing
from explorer.probe.locks.places import Places
from explorer.probe.locks.thread_locks import TracedLock
from explorer.probe.tracer import Tracer

LOCK = type(threading.Lock())


def name_of(lock: Any) -> str:
    assert isinstance(lock, TracedLock)
    return lock.book.name


@pytest.mark.usefixtures("tracing")
def test_each_lock_is_called_what_it_is_assigned_to() -> None:
    left, right = threading.Lock(), threading.Lock()
    shelf: Any = {"a": threading.Lock()}
    tables = [
        threading.Lock(),
        threading.Lock(),
    ]
    typed: Any = dict(only=threading.Lock())  # noqa: C408

    @dataclasses.dataclass
    class Account:
        lock: Any = dataclasses.field(default_factory=threading.Lock)

    assert [name_of(each) for each in (left, right, *tables)] == ["left", "right", "tables 1", "tables 2"]
    assert (name_of(shelf["a"]), name_of(typed["only"])) == ("shelf 1", "only")
    account = Account()
    assert name_of(account.lock) == "account"
    assert name_of([threading.Lock()][0]) == "Lock", "there is nothing that it is assigned to"


@pytest.mark.usefixtures("tracing")
def test_the_library_s_locks_and_those_of_installed_packages_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for folder in ("site-packages", "mine"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder.partition('-')[0]}_module.py").write_text(
            "import threading\nmade = threading.Lock()\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path / folder))
    import mine_module  # type: ignore[import-not-found]
    import site_module  # type: ignore[import-not-found]

    try:
        assert name_of(mine_module.made) == "made"
        assert mine_module.made.book.site.place == "mine/mine_module.py:2"
        assert type(site_module.made) is LOCK
        owned = Places(own=["site_module"])
        assert owned._of_app(site_module.__file__, _Frame("site_module"))  # type: ignore[arg-type]
    finally:
        del sys.modules["mine_module"], sys.modules["site_module"]


class _Frame:
    """As much of a frame as is looked at."""

    def __init__(self, module: str) -> None:
        self.f_globals = {"__name__": module}


@pytest.mark.expects_log("A lock of the app is not shown")
def test_whatever_goes_wrong_the_app_has_its_lock(tracing: LockTracing, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("source that is too deep")

    monkeypatch.setattr(tracing.probe.places, "site", fail)
    assert type(threading.Lock()) is LOCK
    assert type(threading.Event()) is threading.Event


@pytest.mark.parametrize("over", [False, True])
def test_other_bases_of_a_subclass_make_their_part_of_it(tracer: Tracer, over: bool) -> None:
    made: list[object] = []

    class Base:
        def __new__(cls, *args: object, **kwargs: object) -> Self:
            made.append((args, kwargs))
            return super().__new__(cls)

    class Orders(queue.Queue[int], Base):
        pass

    tracing = LockTracing(tracer)
    if over:
        tracing.undo()
    try:
        assert Orders(3).maxsize == 3
        assert Orders(maxsize=4).maxsize == 4
    finally:
        tracing.undo()
    assert made == [((3,), {}), ((), {"maxsize": 4})]


def test_source_that_python_fails_to_parse_costs_a_lock_its_name_only(
    tracing: LockTracing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise SystemError("AST constructor recursion depth mismatch (before=141, after=195)")

    monkeypatch.setattr(ast, "parse", fail)
    till = threading.Lock()
    monkeypatch.undo()
    assert isinstance(till, TracedLock)
    assert till.book.name == "Lock"


def test_what_lies_sealed_in_a_frozen_program_is_not_the_apps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There the library and packages are told by a path without a folder to begin from."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    places = Places()
    assert not places._of_app("concurrent/futures/process.py", _Frame("concurrent.futures.process"))  # type: ignore[arg-type]
    assert places._of_app(str(tmp_path / "app.py"), _Frame("app"))  # type: ignore[arg-type]
