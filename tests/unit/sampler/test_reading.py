"""Reading real processes: this one, and one that ends. The reader of this system is compared with psutil."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from explorer.sampler.portable import PortableSubject
from explorer.sampler.reading import Gone, Subject, subject

Opener = Callable[[int], Subject]


@pytest.fixture(params=[subject, PortableSubject], ids=["system", "portable"])
def opener(request: pytest.FixtureRequest) -> Opener:
    chosen: Opener = request.param
    return chosen


def test_own_figures_agree_with_the_system(opener: Opener) -> None:
    me = opener(os.getpid())
    before = sum(psutil.Process().cpu_times()[:2])
    reading = me.read()
    after = sum(psutil.Process().cpu_times()[:2])
    me.close()
    assert before - 0.02 <= reading.cpu_s <= after + 0.02
    assert reading.rss == pytest.approx(psutil.Process().memory_info().rss, rel=0.1)
    assert reading.threads == psutil.Process().num_threads()


def test_the_busy_thread_is_the_one_that_gains(opener: Opener) -> None:
    me = opener(os.getpid())
    tid = threading.get_native_id()
    before = me.thread_times()[tid].cpu_s
    burnt = time.thread_time() + 0.05
    while time.thread_time() < burnt:
        pass
    gained = me.thread_times()[tid].cpu_s - before
    me.close()
    assert gained >= 0.03  # a tick of the coarse clock may be missing


def test_one_that_has_ended_is_gone_also_before_its_parent_collects_it(opener: Opener) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    seen = opener(child.pid)
    assert seen.read().threads == 1
    child.stdin.close()
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.005)
    with pytest.raises(Gone):
        seen.read()
    child.wait()
    with pytest.raises(Gone):
        seen.read()
    with pytest.raises(Gone):
        seen.thread_times()
    seen.close()
    with pytest.raises(Gone):
        opener(child.pid)
