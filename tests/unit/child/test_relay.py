"""The relay between a server's process and its workers, both ends in this process."""

import errno
import json
import threading
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from typing import Any

import pytest

from explorer.child import relay
from explorer.child.channel import Message
from explorer.child.relay import Address, ConnectionTransport, Relay


class Hearer:
    """The server's side of the test: what was delivered, and the relay itself."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, Message]] = []
        self.relay = Relay(None, lambda pid, message: self.heard.append((pid, message)))


class FakeWorker:
    """A worker that answers by hand."""

    def __init__(self, address: Address, pid: int, seen: int = 0) -> None:
        self.connection: Connection[Any, Any] = Client(address.name, authkey=address.key)
        self.transport = ConnectionTransport(self.connection)
        self.say({"type": "hello", "pid": pid, "seen": seen})

    def say(self, message: Message) -> None:
        self.transport.send(json.dumps(message).encode())

    def hear(self) -> Message:
        data = self.transport.receive()
        assert data is not None
        message: Message = json.loads(data)
        return message


@pytest.fixture
def hearer(wait_until: Callable[..., None]) -> Iterator[Hearer]:
    """A relay; its threads have ended after the test."""
    hearer = Hearer()
    yield hearer
    hearer.relay.close()
    wait_until(lambda: not any(thread.name.startswith("relay") for thread in threading.enumerate()))


def test_messages_of_workers_come_with_their_pid(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    worker = FakeWorker(hearer.relay.address, 11)
    worker.say({"type": "ready", "pids": [11]})

    wait_until(lambda: hearer.heard)

    assert hearer.heard == [(11, {"type": "ready", "pids": [11]})]
    worker.connection.close()


def test_a_set_reaches_all_and_is_answered_once_for_all(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    workers = [FakeWorker(hearer.relay.address, pid) for pid in (21, 22)]
    wait_until(lambda: hearer.relay.pids == [21, 22])
    answers: list[list[int]] = []

    hearer.relay.ask({"type": "set", "knob": "k", "value": 1}, answers.append)
    for worker in workers:
        message = worker.hear()
        assert (message["knob"], message["value"]) == ("k", 1)
        assert answers == []
        worker.say({"type": "applied", "serial": message["serial"]})

    wait_until(lambda: answers)
    assert answers == [[21, 22]]
    for worker in workers:
        worker.connection.close()


def test_a_worker_that_refuses_is_not_waited_for(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    refusing, willing = (FakeWorker(hearer.relay.address, pid) for pid in (51, 52))
    wait_until(lambda: hearer.relay.pids == [51, 52])
    answers: list[list[int]] = []
    hearer.relay.ask({"type": "set"}, answers.append)
    willing.say({"type": "applied", "serial": willing.hear()["serial"]})

    refusing.say({"type": "error", "sentence": "No.", "where": "", "serial": refusing.hear()["serial"]})

    wait_until(lambda: answers)
    assert answers == [[52]]
    wait_until(lambda: hearer.heard)
    assert hearer.heard[0][1]["sentence"] == "No."
    for worker in (refusing, willing):
        worker.connection.close()


def test_what_all_refuse_is_not_done(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    worker = FakeWorker(hearer.relay.address, 61)
    wait_until(lambda: hearer.relay.pids == [61])
    answers: list[list[int]] = []
    hearer.relay.ask({"type": "set"}, lambda pids: answers.append(pids))

    worker.say({"type": "error", "sentence": "No.", "where": "", "serial": worker.hear()["serial"]})

    wait_until(lambda: hearer.heard)
    assert answers == []
    assert hearer.relay._questions == {}
    worker.connection.close()


def test_a_worker_that_dies_is_not_waited_for(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    dying, living = (FakeWorker(hearer.relay.address, pid) for pid in (31, 32))
    wait_until(lambda: hearer.relay.pids == [31, 32])
    answers: list[list[int]] = []
    hearer.relay.ask({"type": "set"}, answers.append)
    living.say({"type": "applied", "serial": living.hear()["serial"]})

    dying.connection.close()

    wait_until(lambda: answers)
    assert answers == [[32]]
    assert hearer.relay.pids == [32]
    living.connection.close()


def test_without_workers_a_question_is_answered_at_once(hearer: Hearer) -> None:
    answers: list[list[int]] = []

    hearer.relay.ask({"type": "set"}, answers.append)

    assert answers == [[]]


def test_who_does_not_know_the_key_is_turned_away(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    with pytest.raises(AuthenticationError):
        Client(hearer.relay.address.name, authkey=b"guessed")

    worker = FakeWorker(hearer.relay.address, 41)
    wait_until(lambda: hearer.relay.pids == [41])
    worker.connection.close()


def test_a_silent_caller_keeps_nobody_waiting_and_is_turned_away(
    hearer: Hearer, wait_until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PROOF_WITHIN_S", 0.2)
    silent: Connection[Any, Any] = Client(hearer.relay.address.name)

    worker = FakeWorker(hearer.relay.address, 71)

    wait_until(lambda: hearer.relay.pids == [71])
    wait_until(lambda: sum(thread.name == "relay to a worker" for thread in threading.enumerate()) == 1)
    silent.close()
    worker.connection.close()


@pytest.mark.expects_log("Worker processes cannot be heard just now")
def test_when_files_run_out_callers_wait_and_are_heard_later(
    hearer: Hearer,
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listener, failed = hearer.relay._listener, threading.Event()
    accept = listener.accept

    def without_files() -> Any:
        if not failed.is_set():
            failed.set()
            raise OSError(errno.EMFILE, "Too many open files")
        return accept()

    monkeypatch.setattr(listener, "accept", without_files)
    first = FakeWorker(hearer.relay.address, 81)  # the relay waits in the real one until somebody calls
    wait_until(failed.is_set)

    second = FakeWorker(hearer.relay.address, 82)

    wait_until(lambda: hearer.relay.pids == [81, 82])
    for worker in (first, second):
        worker.connection.close()


def test_a_worker_is_reached_whose_pid_an_earlier_one_had(hearer: Hearer, wait_until: Callable[..., None]) -> None:
    earlier, later = (FakeWorker(hearer.relay.address, pid) for pid in (91, 92))
    wait_until(lambda: hearer.relay.pids == [91, 92])
    later.say({"type": "hello", "pid": 91, "seen": 0})
    later.say({"type": "ready"})
    wait_until(lambda: hearer.heard)

    earlier.connection.close()

    wait_until(lambda: sum(thread.name == "relay to a worker" for thread in threading.enumerate()) == 1)
    assert 91 in hearer.relay.pids
    later.connection.close()
