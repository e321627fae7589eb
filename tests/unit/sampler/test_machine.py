"""The machine's load from made-up processor times."""

from collections import namedtuple
from typing import Any

import psutil
import pytest

from explorer.sampler.machine import Machine

Linux = namedtuple("Linux", "user nice system idle iowait steal guest")
Mac = namedtuple("Mac", "user nice system idle")


def machine(monkeypatch: pytest.MonkeyPatch, *readings: Any) -> Machine:
    left = list(readings)
    monkeypatch.setattr(psutil, "cpu_times", lambda: left.pop(0))
    return Machine()


def test_busy_and_stolen_shares_of_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = Linux(10, 0, 5, 100, 5, 1, 3), Linux(14, 0, 6, 103, 6, 2, 7)
    load = machine(monkeypatch, before, after).read()
    assert load is not None
    assert load.cpu == pytest.approx(50.0)  # 5 of 10; what guests used is within `user`
    assert load.steal == pytest.approx(10.0)


def test_without_steal_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    load = machine(monkeypatch, Mac(1, 0, 0, 1), Mac(2, 0, 0, 1)).read()
    assert load is not None
    assert (load.cpu, load.steal) == (100.0, None)


def test_no_time_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine(monkeypatch, Mac(1, 0, 0, 1), Mac(1, 0, 0, 1)).read() is None
