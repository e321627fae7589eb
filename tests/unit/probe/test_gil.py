"""This very interpreter finds its GIL; what it finds is checked by reading its own memory while threads run."""

import ctypes
import json
import sys
import threading
import time
from pathlib import Path

import pytest

from explorer.probe import gil

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the GIL is looked for on Linux only")
has_gil = pytest.mark.skipif(
    not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL to be found"
)


def word(address: int) -> int:
    return int.from_bytes(ctypes.string_at(address, 8), sys.byteorder)


@has_gil
def test_whoever_looks_finds_itself_as_the_holder() -> None:
    finding = gil.find()
    assert finding["gil"], finding
    seen: dict[int, int] = {}

    def look() -> None:
        state = word(finding["holder"])
        seen[threading.get_native_id()] = word(state + finding["native_id"])
        assert word(finding["holder"] + 8) & 0xFFFF_FFFF == 1

    threads = [threading.Thread(target=look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look()
    assert len(seen) == 6 or len(seen) >= 2  # a native id may be used again at once
    assert all(tid == found for tid, found in seen.items())


@has_gil
def test_the_holder_lies_in_the_runtime() -> None:
    finding = gil.find()
    base, size = finding["runtime"], finding["runtime_size"]
    assert base == ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    assert base <= finding["holder"] < base + size


@has_gil
def test_it_is_found_while_other_threads_compete_and_leaves_no_thread_behind() -> None:
    over = threading.Event()

    def spin() -> None:
        while not over.is_set():
            sum(range(100))

    spinners = [threading.Thread(target=spin) for _ in range(3)]
    for thread in spinners:
        thread.start()
    before = set(threading.enumerate())
    try:
        found = [gil.find() for _ in range(3)]
        assert set(threading.enumerate()) <= before
    finally:
        over.set()
        for thread in spinners:
            thread.join()
    assert found[0]["gil"]
    assert found[0] == found[1] == found[2]


def no_memory(memory: bytes, word: bytes) -> set[int]:
    """Stands in for a search in 460 KB where memory is short."""
    raise MemoryError


@has_gil
def test_a_look_that_fails_is_said_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gil, "_places", no_memory)
    before = set(threading.enumerate())
    with pytest.raises(MemoryError):
        gil.find()
    assert set(threading.enumerate()) <= before


@has_gil
@pytest.mark.parametrize("possible", range(4))
def test_without_enough_threads_none_is_left_behind(monkeypatch: pytest.MonkeyPatch, possible: int) -> None:
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def limited(thread: threading.Thread) -> None:
        if len(started) == possible:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    with pytest.raises(RuntimeError, match="can't start"):
        gil.find()
    assert len(started) == possible
    assert not any(thread.is_alive() for thread in started)


@has_gil
def test_a_look_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    places = gil._places

    def slow(memory: bytes, word: bytes) -> set[int]:
        free.wait()
        return places(memory, word)

    monkeypatch.setattr(gil, "_places", slow)
    monkeypatch.setattr(gil, "_PATIENCE_S", 0.1)
    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match=r"within 0\.1 s"):
        gil.find()
    late = [thread for thread in threading.enumerate() if thread not in before]
    assert late
    free.set()
    for thread in late:
        thread.join(20)
        assert not thread.is_alive()


def test_a_free_threaded_python_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert gil.find() == {"gil": False, "reason": "A free-threaded Python has no GIL."}


def test_where_nothing_fits_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gil, "_is_flag", lambda address: False)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
    finding = gil.find()
    assert not finding["gil"]
    assert "not known" in finding["reason"]


def test_what_is_written_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "gil-3.json"
    gil.write({"gil": False, "reason": "why"}, path)
    assert json.loads(path.read_text()) == {"gil": False, "reason": "why"}
    assert list(tmp_path.iterdir()) == [path]


@has_gil
def test_a_sleeping_thread_does_not_hold_it() -> None:
    finding = gil.find()
    # sleep by a foreign function that releases the GIL: the memory is read by a second one that keeps it released
    read = ctypes.CDLL(None, handle=ctypes.pythonapi._handle).memcpy
    seen = ctypes.create_string_buffer(4)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        read(seen, ctypes.c_void_p(finding["holder"] + 8), ctypes.c_size_t(4))
        if seen.raw == bytes(4):
            return
    pytest.fail("the word behind the holder never said that nobody holds the GIL")
