"""Whom the keeper of a cluster takes on, and how it goes on asking clocks, without any cluster."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from explorer.child.channel import Channel
from explorer.cluster.keeper import Keeper
from explorer.option_error import OptionError

FAR = "tcp://192.0.2.7:40000"


class Said:
    """A channel that keeps what is said."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, name: str, /, **fields: Any) -> None:
        """Keep it."""
        self.events.append((name, fields))


class Scheduler:
    """Knows these workers."""

    def __init__(self, *workers: str) -> None:
        self._workers = workers

    async def identity(self, n_workers: int) -> dict[str, Any]:
        """Tell of them."""
        return {"workers": {worker: {} for worker in self._workers}}


class Client:
    """A client of that scheduler; whoever uses it for more asks a worker, which no test here may."""

    def __init__(self, *workers: str) -> None:
        self.scheduler = Scheduler(*workers)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder."""
    (tmp_path / "run.json").write_text(json.dumps({"token": "c0ffee"}))
    return tmp_path


async def test_a_scheduler_with_a_worker_elsewhere_and_without_tls_is_not_used(run: Path) -> None:
    keeper = Keeper(Client("tcp://127.0.0.1:1", FAR), cast(Channel, Said()), run, "key")

    with pytest.raises(OptionError, match=f"its worker {FAR} is only used with TLS") as caught:
        await keeper.begin("dispatch.address")

    assert caught.value.where == "dispatch.address"


async def test_a_newcomer_elsewhere_and_without_tls_gets_no_work_and_is_asked_nothing(run: Path) -> None:
    said = Said()
    keeper = Keeper(Client(), cast(Channel, said), run, "key")

    await keeper._newcomer(FAR)

    ((kind, fields),) = said.events
    assert kind == "warning"
    assert f"its worker {FAR} is only used with TLS" in fields["sentence"]
