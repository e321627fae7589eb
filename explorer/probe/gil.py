"""Where this process's GIL lies in memory, found by the process itself so that the sampler can read it from outside.

CPython keeps the thread that holds the GIL in one word (`last_holder`) and whether it is held in the next (`locked`),
both inside `_PyRuntime`, at places that differ from version to version. Instead of a table of versions: a thread that
runs Python code holds the GIL, so one of the words of `_PyRuntime` is the address of its own PyThreadState. Three
threads look in turn, and the place where each of them finds itself is the holder. Two more words look the same and
must be told from it: the head of the list of threads, which is the newest thread, so that a newer one sleeps
meanwhile; and, up to 3.11, the current thread state, which no word follows that is 1 while the GIL is held and 0 while
it is not. In the same way every thread finds its native id in its own PyThreadState: with that offset the sampler
knows the thread behind any holder, whether it has a ring or not.

It costs a copy of `_PyRuntime` (170 to 460 KB) and a search in it, some milliseconds on threads of its own: nothing
waits for it. Forked children have the same addresses and inherit them (`explorer.probe.outside`); other interpreters of
the process have a GIL of their own, which is not looked for.
"""

import ctypes
import json
import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

Finding = dict[str, Any]
"""What the sampler is told: `gil` whether it can be read; then `holder` (address), `native_id` (offset in a
PyThreadState), `runtime` and `runtime_size`; else `reason`, a sentence."""

NO_GIL: Final = "A free-threaded Python has no GIL."
OTHER_PYTHON: Final = "Only CPython tells where its GIL lies."
NOT_FOUND: Final = "This Python keeps its GIL in a way that is not known."
OTHER_SYSTEM: Final = "Another process's memory can be read on Linux only."
FAILED: Final = "Looking for its GIL failed; the process's log says why."

_WORD: Final = struct.Struct("=Q")
_LOOKERS: Final = 3
_STATE_SIZE: Final = 256
"""Of a PyThreadState so much is searched for the native id: in all versions it lies before that."""
_RTLD_DL_SYMENT: Final = 1
_TRIES: Final = 20
_PATIENCE_S: Final = 5.0
"""So long the threads may take that look. A process that is short of memory or processors goes on without."""


class _Symbol(ctypes.Structure):
    """Elf64_Sym."""

    _fields_ = (
        ("name", ctypes.c_uint32),
        ("info", ctypes.c_ubyte),
        ("other", ctypes.c_ubyte),
        ("section", ctypes.c_uint16),
        ("value", ctypes.c_uint64),
        ("size", ctypes.c_uint64),
    )


class _Look:
    """What one thread sees while it holds the GIL: places in `_PyRuntime` and in its PyThreadState."""

    def __init__(self, base: int, size: int, among: set[int] | None) -> None:
        state = int(_thread_state())
        mine = _WORD.pack(state)
        if among is None:
            among = _places(ctypes.string_at(base, size), mine)
        else:
            among = {place for place in among if ctypes.string_at(base + place, 8) == mine}
        self.state = state
        self.holders = among
        self.native_ids = _places(ctypes.string_at(state, _STATE_SIZE), _WORD.pack(threading.get_native_id()))


def find() -> Finding:
    """Look for the GIL of the running interpreter. Starts four threads, which end before it returns.

    Raises what a thread that looks has raised, or RuntimeError when one cannot be started or takes too long.
    """
    if sys.platform != "linux":
        return {"gil": False, "reason": OTHER_SYSTEM}
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return {"gil": False, "reason": NO_GIL}
    if sys.implementation.name != "cpython":
        return {"gil": False, "reason": OTHER_PYTHON}
    try:
        base = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
        size = _size_at(base)
    except (ValueError, AttributeError, OSError):
        return {"gil": False, "reason": NOT_FOUND}
    looks = _looks(base, size)
    holders = {place for place in set.intersection(*(look.holders for look in looks)) if _is_flag(base + place + 8)}
    native_ids = set.intersection(*(look.native_ids for look in looks))
    if len(holders) != 1 or len(native_ids) != 1 or len({look.state for look in looks}) != len(looks):
        return {"gil": False, "reason": NOT_FOUND}
    return {
        "gil": True,
        "holder": base + holders.pop(),
        "native_id": native_ids.pop(),
        "runtime": base,
        "runtime_size": size,
    }


def write(finding: Finding, path: Path) -> None:
    """Leave it where the sampler looks; the file appears under its name only when it is complete. Raises OSError."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(finding), encoding="utf-8")
    temporary.replace(path)


def _looks(base: int, size: int) -> list[_Look]:
    """Let several threads look, one after the other, while a newer one waits. Raises as `find` does."""
    looks: list[_Look] = []
    failures: list[BaseException] = []
    turns = [threading.Lock() for _ in range(_LOOKERS + 1)]
    newer_waits = threading.Lock()
    for lock in (*turns, newer_waits):
        lock.acquire()

    def look(number: int) -> None:
        turns[number].acquire()
        try:
            if not failures:
                looks.append(_Look(base, size, looks[-1].holders if looks else None))
        except BaseException as error:
            failures.append(error)
        finally:
            turns[number + 1].release()

    lookers = [threading.Thread(target=look, args=(number,), daemon=True) for number in range(_LOOKERS)]
    newer = threading.Thread(target=newer_waits.acquire, daemon=True)
    started = []
    try:
        for thread in (*lookers, newer):
            thread.start()
            started.append(thread)
    except BaseException as error:  # those that did start have nothing to look for, and end
        failures.append(error)
    turns[0].release()
    _end(started, newer_waits, turns[min(len(started), _LOOKERS)])
    if failures:
        raise failures[0]
    if len(looks) != _LOOKERS or any(thread.is_alive() for thread in started):
        failures.append(TimeoutError())  # whoever comes late need not look any more
        raise RuntimeError(f"not all threads have looked within {_PATIENCE_S:g} s")
    return looks


def _end(started: list[threading.Thread], newer_waits: threading.Lock, last: threading.Lock) -> None:
    """Wait for the threads until a time that is set; the newer one goes when the last has looked."""
    until = time.monotonic() + _PATIENCE_S
    last.acquire(timeout=_PATIENCE_S)
    newer_waits.release()
    for thread in started:
        thread.join(max(0.0, until - time.monotonic()))


def _is_flag(address: int) -> bool:
    """Whether the word at `address` is 1 while the GIL is held and 0 while it is not."""
    if ctypes.string_at(address, 4) != b"\1\0\0\0":
        return False
    # A foreign function runs without the GIL. Another thread may take it at once, so that one try is not enough.
    copy = ctypes.CDLL(None, handle=ctypes.pythonapi._handle).memcpy
    seen = ctypes.create_string_buffer(4)
    for _ in range(_TRIES):
        copy(seen, ctypes.c_void_p(address), ctypes.c_size_t(4))
        if seen.raw == b"\0\0\0\0":
            return True
    return False


def _places(memory: bytes, word: bytes) -> set[int]:
    """Offsets of an aligned word in a piece of memory."""
    found = set()
    place = memory.find(word)
    while place >= 0:
        if place % 8 == 0:
            found.add(place)
        place = memory.find(word, place + 1)
    return found


def _size_at(base: int) -> int:
    """The size of the object at `base`, from the symbol table it was linked with. Raises OSError."""
    # With the GIL held: who forked meanwhile would inherit the locked lock of the dynamic linker.
    locate = ctypes.pythonapi.dladdr1
    info, symbol = (ctypes.c_void_p * 4)(), ctypes.POINTER(_Symbol)()
    if not locate(ctypes.c_void_p(base), info, ctypes.byref(symbol), _RTLD_DL_SYMENT):
        raise OSError("no symbol")
    try:
        size = int(symbol.contents.size)
    except ValueError:  # a null pointer
        size = 0
    if not size:
        raise OSError("a symbol without a size")
    return size


def _find_thread_state() -> Callable[[], Any]:
    try:
        function = ctypes.pythonapi.PyThreadState_Get
    except AttributeError:  # another implementation of Python
        return lambda: 0
    function.restype = ctypes.c_void_p
    function.argtypes = ()
    return function


_thread_state: Final = _find_thread_state()


def allow(tracer_pid: int) -> None:
    """Let the process `tracer_pid` and its descendants read this one, where the system asks for that (Yama).

    Without Yama, and where it is not needed, the call does nothing.
    """
    if sys.platform == "linux" and tracer_pid and os.path.exists("/proc/sys/kernel/yama/ptrace_scope"):
        ctypes.pythonapi.prctl(ctypes.c_int(0x59616D61), ctypes.c_ulong(tracer_pid), 0, 0, 0)
