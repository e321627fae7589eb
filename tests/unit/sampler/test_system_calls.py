"""The rules by which a thread's state is told from the system call that it is in."""

import pytest

from explorer.records.states import State
from explorer.sampler.system_calls import ARCHITECTURES, Inside, state_in_call

RUNTIME = (0x7F00_0000, 0x7F00_1000)
GIL = "0x7f000170 0x189 0x0 0x0 0x0 0x0 0x7ffd 0x7f16"
ELSEWHERE = "0x7e000170 0x189 0x0 0x0 0x0 0x0 0x7ffd 0x7f16"
FUTEX = {"x86_64": "202", "aarch64": "98"}
EPOLL = {"x86_64": "232", "aarch64": "22"}
NANOSLEEP = {"x86_64": "230", "aarch64": "115"}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("number", "arguments", "inside", "state"),
    [
        (FUTEX, GIL, Inside.NOTHING, State.WAITING_GIL),
        (FUTEX, GIL, Inside.SPAN, State.WAITING_GIL),
        (FUTEX, ELSEWHERE, Inside.LOCK, State.WAITING_LOCK),
        (FUTEX, ELSEWHERE, Inside.NOTHING, State.IDLE),
        (FUTEX, ELSEWHERE, Inside.SPAN, State.UNKNOWN),
        (EPOLL, ELSEWHERE, Inside.NOTHING, State.IDLE),
        (EPOLL, ELSEWHERE, Inside.SPAN, State.BLOCKED),
        (NANOSLEEP, GIL, Inside.NOTHING, State.BLOCKED),
        (NANOSLEEP, GIL, Inside.LOCK, State.BLOCKED),
    ],
)
def test_a_call_tells_the_state(
    machine: str, number: dict[str, str], arguments: str, inside: Inside, state: State
) -> None:
    call = f"{number[machine]} {arguments}".encode()
    assert state_in_call(call, ARCHITECTURES[machine], RUNTIME, inside) is state


def test_without_an_address_of_the_gil_nobody_waits_for_it() -> None:
    known = ARCHITECTURES["x86_64"]
    assert state_in_call(b"202 0x0 0x189 0x0", known, (0, 0), Inside.NOTHING) is State.IDLE


def test_until_the_address_is_known_a_futex_may_be_anything() -> None:
    known = ARCHITECTURES["x86_64"]
    assert state_in_call(b"202 0x7f000170 0x189", known, None, Inside.NOTHING) is State.UNKNOWN
    assert state_in_call(b"232 0x3 0x189", known, None, Inside.NOTHING) is State.IDLE


def test_the_end_of_the_runtime_is_not_in_it() -> None:
    known = ARCHITECTURES["x86_64"]
    assert state_in_call(b"202 0x7f001000 0x189", known, RUNTIME, Inside.NOTHING) is State.IDLE
    assert state_in_call(b"202 0x7f000fff 0x189", known, RUNTIME, Inside.NOTHING) is State.WAITING_GIL


def test_a_thread_that_waits_for_a_page_is_blocked() -> None:
    assert state_in_call(b"-1 0x7ffd 0x7f16", ARCHITECTURES["x86_64"], RUNTIME, Inside.NOTHING) is State.BLOCKED
