"""Tracing of locks can be switched off, and releasing somebody is answered with 503."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.probe.tracer import Tracer
from explorer.records.states import Flag, Kind, Role
from explorer.scenario import parse
from explorer.server import tracing
from explorer.server.locks import LockReleased
from explorer.server.readers_writer import ReadersWriterLock
from tests.observed import Observed
from tests.run_reading import make_run
from tests.waiting import wait_until


class Wire:
    """A channel's other end: what was said, and nothing to hear."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.send = self.said.append

    def receive(self) -> bytes | None:
        return None


@pytest.fixture
def tracer(run_folder: Path) -> Any:
    """This process as a server in a run."""
    make_run(run_folder)
    joined = Tracer.join(Role.SERVER, environ={"EXPLORER_RUN": str(run_folder)})
    assert joined is not None
    yield joined
    joined.close()


@pytest.fixture
def observed(run_folder: Path, tracer: Tracer) -> Any:
    """What it wrote."""
    reader = Observed(run_folder)
    yield reader
    reader.close()


def test_it_can_be_switched_off(tracer: Tracer) -> None:
    plain, channel = threading.Lock, Channel(Wire())
    tracing.locks(tracer, parse(Catalog(), {"server": {"locks": False}}), channel)
    assert threading.Lock is plain
    tracing.locks(None, parse(Catalog(), {}), channel)
    assert threading.Lock is plain
    tracing.locks(tracer, parse(Catalog(), {}), channel)
    assert threading.Lock is not plain
    tracer.close()
    assert threading.Lock is plain, "who leaves the run traces no more"


def test_who_is_released_is_an_answer_of_its_own(tracer: Tracer, observed: Observed) -> None:
    wire = Wire()
    channel = Channel(wire)
    tracing.locks(tracer, parse(Catalog(), {}), channel)
    lock, heard = threading.Lock(), []

    def wait() -> None:
        try:
            lock.acquire()
        except HTTPException as error:
            heard.append((error.status_code, error.detail))

    with lock:
        thread = threading.Thread(target=wait)
        thread.start()
        wait_until(lambda: observed.of(Kind.LOCK_WAIT, Flag.BEGIN), what="the wait")
        message = {"type": "release", "pid": os.getpid(), "tid": thread.native_id, "task": 0, "sentence": "Go home."}
        channel._handle("release", message | {"pid": 1})
        assert wire.said == []
        channel._handle("release", message)
        thread.join()
    assert heard == [(503, "Go home.")]
    assert b'"event":"released"' in wire.said[0]
    assert str(LockReleased("Go home.")) == "503: Go home."


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("prefer", ["readers", "writers"])
def test_readers_share_and_who_goes_first_is_a_choice(
    tracer: Tracer, observed: Observed, prefer: Any, traced: bool
) -> None:
    if traced:
        tracing.locks(tracer, parse(Catalog(), {}), Channel(Wire()))
    book = ReadersWriterLock(prefer)
    came: list[str] = []

    def write() -> None:
        with book.write():
            came.append("writer")

    with book.read(), book.read():
        assert not book.acquire_write(0.001)
        with pytest.raises(TimeoutError, match="writer"), book.write(0.001):
            pass
        writer = threading.Thread(target=write, name="writer")
        writer.start()
        wait_until(lambda: book._writers_waiting, what="a writer that waits")
        assert book.acquire_read(0.001) == (prefer == "readers")
        if prefer == "readers":
            book.release_read()
        assert came == []
    writer.join()
    assert came == ["writer"]
    with pytest.raises(RuntimeError, match="Nobody reads"):
        book.release_read()
    with pytest.raises(RuntimeError, match="Nobody writes"):
        book.release_write()
    holds = observed.of(Kind.LOCK_HELD)
    assert ("writer" in [hold.name for hold in holds]) == traced
    assert {hold.track for hold in holds} == ({"lock book"} if traced else set())


def test_a_preference_that_is_none_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="prefer must be"):
        ReadersWriterLock("nobody")  # type: ignore[arg-type]
