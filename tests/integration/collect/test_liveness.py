"""Both ways to notice the end of a process, with real ones."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from explorer.collect.liveness import Liveness, PidfdLiveness, PsutilLiveness, liveness

Wait = Callable[..., None]
KINDS = [PsutilLiveness] + ([PidfdLiveness] if sys.platform == "linux" else [])


@pytest.fixture(params=KINDS)
def watcher(request: pytest.FixtureRequest) -> Iterator[Liveness]:
    made: Liveness = request.param()
    yield made
    made.close()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_an_end_is_told_once_even_if_nobody_has_waited_for_the_process(
    watcher: Liveness, sleeper: subprocess.Popen[bytes], wait_until: Wait
) -> None:
    watcher.watch(5, sleeper.pid)
    assert watcher.ended() == []
    sleeper.kill()  # and it stays a zombie
    told: list[int] = []

    def ended() -> bool:
        told.extend(watcher.ended())
        return bool(told)

    wait_until(ended)
    assert told == [5]
    assert watcher.ended() == []


def test_a_process_that_is_gone_already_has_ended(watcher: Liveness, sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    watcher.watch(5, sleeper.pid)
    assert watcher.ended() == [5]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has pidfds")
def test_without_file_descriptors_a_process_is_watched_nevertheless(
    sleeper: subprocess.Popen[bytes], wait_until: Wait
) -> None:
    import resource

    watcher = PidfdLiveness()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        watcher.watch(5, sleeper.pid)
        assert watcher.ended() == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert watcher.ended() == []
    sleeper.kill()
    wait_until(lambda: watcher.ended() == [5])
    watcher.close()


def test_the_choice_of_this_system_works() -> None:
    chosen = liveness()
    assert chosen.ended() == []
    chosen.close()
