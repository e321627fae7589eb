"""The child's half of the channel over a transport in memory."""

import json
import queue
from collections.abc import Callable
from typing import Any

import pytest

from explorer.child.channel import Channel


class Memory:
    """A transport: `put` is what the parent sends, `sent` what the child has sent."""

    def __init__(self) -> None:
        self._incoming: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.sent: list[dict[str, Any]] = []
        self.broken = False

    def put(self, message: object) -> None:
        self._incoming.put(message if isinstance(message, bytes) else json.dumps(message).encode())

    def receive(self) -> bytes | None:
        return self._incoming.get()

    def send(self, data: bytes) -> None:
        if self.broken:
            raise BrokenPipeError
        self.sent.append(json.loads(data))


class Ended(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def memory() -> Memory:
    """A transport in memory."""
    return Memory()


def listen(channel: Channel, memory: Memory, *messages: object) -> None:
    """Let the channel take these messages, then the end of the stream, on this thread."""
    for message in messages:
        memory.put(message)
    memory._incoming.put(None)
    with pytest.raises(Ended):
        channel._listen()


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Exit statuses with which the process would have ended."""
    statuses: list[int] = []

    def exit_process(status: int) -> None:
        statuses.append(status)
        raise Ended

    monkeypatch.setattr("os._exit", exit_process)
    return statuses


def test_messages_have_their_type_and_fields(memory: Memory) -> None:
    channel = Channel(memory)
    channel.ready(pids=[1])
    channel.event("died", pid=2)
    channel.error("It broke.", "server.port")
    channel.stopped()
    channel.step("Imported", 0.123456)

    assert memory.sent == [
        {"type": "ready", "pids": [1]},
        {"type": "event", "event": "died", "pid": 2},
        {"type": "error", "sentence": "It broke.", "where": "server.port"},
        {"type": "stopped"},
        {"type": "event", "event": "step", "name": "Imported", "seconds": 0.1235},
    ]


def test_applied_carries_the_time_and_the_pids(memory: Memory) -> None:
    Channel(memory).applied("dispatch.tokens", [3, 4])

    (message,) = memory.sent
    assert message["knob"] == "dispatch.tokens"
    assert message["pids"] == [3, 4]
    assert message["time"] > 0


def test_a_parent_that_has_gone_is_no_error(memory: Memory) -> None:
    memory.broken = True

    Channel(memory).ready()

    assert memory.sent == []


def test_the_end_of_the_stream_ends_the_process(memory: Memory, ends: list[int]) -> None:
    listen(Channel(memory), memory)

    assert ends == [0]


def test_handlers_get_what_came_before_them(memory: Memory) -> None:
    channel = Channel(memory)
    listen(channel, memory, {"type": "set", "knob": "a"}, {"type": "other"}, {"type": "set", "knob": "b"})
    seen: list[str] = []

    channel.on("set", lambda message: seen.append(message["knob"]))

    assert seen == ["a", "b"]


def test_the_configuration_is_waited_for(memory: Memory) -> None:
    channel = Channel(memory)
    listen(channel, memory, {"type": "config", "epoch": 3})

    assert channel.config()["epoch"] == 3


def test_what_is_no_message_is_reported_and_skipped(memory: Memory) -> None:
    channel = Channel(memory)
    seen: list[str] = []
    channel.on("set", lambda message: seen.append("set"))

    listen(channel, memory, b"not json", b'{"no": "type"}', {"type": "set"})

    assert [message["type"] for message in memory.sent] == ["error", "error"]
    assert seen == ["set"]


def test_stop_without_a_handler_ends_the_process_at_once(memory: Memory, ends: list[int]) -> None:
    channel = Channel(memory)
    listen(channel, memory, {"type": "stop", "within": 60})

    assert ends == [0]
    assert memory.sent == [{"type": "stopped"}]


def test_stop_ends_the_process_when_its_time_is_over(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., None]
) -> None:
    ended: list[int] = []
    asked: list[float] = []
    channel = Channel(memory)
    channel.on("stop", lambda message: asked.append(message["within"]))
    memory.put({"type": "stop", "within": 0.2})
    memory._incoming.put(None)
    monkeypatch.setattr("os._exit", ended.append)
    monkeypatch.setattr(channel, "_transport", Once(memory))

    with pytest.raises(Ended):
        channel._listen()

    wait_until(lambda: ended)
    assert asked == [0.2]
    assert ended == [0]


class Once:
    """A transport that ends the listening instead of the process."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def receive(self) -> bytes | None:
        data = self._memory.receive()
        if data is None:
            raise Ended
        return data

    def send(self, data: bytes) -> None:
        self._memory.send(data)


def test_a_refusal_says_which_question_it_answers(memory: Memory) -> None:
    channel = Channel(memory)

    def refuse(message: dict[str, Any]) -> None:
        raise ValueError("No.")

    channel.on("set", refuse)
    listen(channel, memory, {"type": "set", "serial": 7}, {"type": "set"})

    assert [(one["sentence"], one.get("serial")) for one in memory.sent] == [("No.", 7), ("No.", None)]
