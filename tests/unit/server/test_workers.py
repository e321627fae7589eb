"""What the supervisor of workers tells those that join, with workers played by hand."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Client
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.scenario import assign, default
from explorer.server.context import ServerContext
from explorer.server.team import Plan
from explorer.server.workers import Workers


class Nowhere:
    """A transport to nobody."""

    def receive(self) -> bytes | None:
        return None

    def send(self, data: bytes) -> None:
        pass


@pytest.fixture
def workers(wait_until: Callable[..., None]) -> Iterator[Workers]:
    """A supervisor that has started nobody."""
    catalog = Catalog()
    scenario = assign(catalog, default(catalog), ["model.id=prefork"])
    with socket.socket() as listener:
        workers = Workers(ServerContext(Channel(Nowhere()), scenario, catalog, listener, None, 1), 2)
        yield workers
        workers.close()
    wait_until(lambda: not any(thread.name.startswith("relay") for thread in threading.enumerate()))


Told = Callable[[Plan], list[Any]]


@pytest.fixture
def told(workers: Workers, wait_until: Callable[..., None]) -> Told:
    """What a worker with a plan hears when it joins."""
    return lambda plan: _told(workers, plan, wait_until)


def _told(workers: Workers, plan: Plan, wait_until: Callable[..., None]) -> list[Any]:
    found = []
    with Client(plan.relay.name, authkey=plan.relay.key) as connection:
        connection.send_bytes(json.dumps({"type": "hello", "pid": 5, "seen": plan.changes}).encode())
        wait_until(lambda: workers.team.relay.pids == [5])
        while connection.poll():
            message = json.loads(connection.recv_bytes())
            found.append((message["knob"], message["value"]))
    wait_until(lambda: workers.team.relay.pids == [])
    return found


def test_a_worker_that_joins_is_told_what_changed_since_its_plan(workers: Workers, told: Told) -> None:
    before = workers.team.plan

    workers.team.change({"type": "set", "knob": "dispatch.tokens", "value": 7})
    middle = workers.team.plan
    workers.team.change({"type": "set", "knob": "workload.seconds", "value": 0.5})
    workers.team.change({"type": "set", "knob": "dispatch.tokens", "value": 8})

    assert before.scenario["dispatch"]["tokens"] != 7
    assert told(before) == [("workload.seconds", 0.5), ("dispatch.tokens", 8)]
    assert told(middle) == [("workload.seconds", 0.5), ("dispatch.tokens", 8)]
    assert workers.team.plan.scenario["dispatch"]["tokens"] == 8
    assert told(workers.team.plan) == []
