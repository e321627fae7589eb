"""The garbage collector works on the window's thread, and only there."""

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from explorer.desktop.garbage import GarbageCollector


class Knot:
    """Garbage that only the cyclic collector can take away; says on which thread that was."""

    def __init__(self, ended_on: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: ended_on.append(threading.get_ident()))


def test_a_cycle_is_collected_here_while_another_thread_allocates(qtbot: QtBot) -> None:
    ended_on: list[int] = []
    collector = GarbageCollector()
    try:
        assert not gc.isenabled()
        for _ in range(2000):
            Knot(ended_on)

        def allocate() -> None:
            for _ in range(5):
                _ = [[] for _ in range(20_000)]

        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
        assert ended_on == []
        qtbot.waitUntil(lambda: bool(ended_on), timeout=20_000)
        assert set(ended_on) == {threading.get_ident()}
    finally:
        collector.close()
    assert gc.isenabled()
    assert len(ended_on) == 2000
