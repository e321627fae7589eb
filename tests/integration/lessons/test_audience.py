"""Audience mode with a real gateway: what phones see, what the run records of them, and that nothing else answers."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.lessons.audience.addresses import Address
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Closed, Event
from explorer.lessons.audience.gateway.http import MOST_HEAD
from explorer.lessons.audience.gateway.page import FILES, HEADERS
from explorer.lessons.audience.reach import reach
from explorer.option_error import OptionError
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import Kind, Role, TrackKind
from tests.integration.lessons.phone import Phone
from tests.integration.session.stage import Stage

HERE = Address("127.0.0.1", "lo")


class Hall:
    """An audience with what it says, and its phones."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.audience = Audience(self.heard.append)
        self.phones: list[Phone] = []
        self.stage: Stage | None = None

    async def open(self) -> str:
        return (await self.audience.open(HERE, 0)).url

    async def phone(self) -> Phone:
        assert self.audience.opened is not None
        phone = Phone(self.audience.opened.url)
        self.phones.append(phone)
        await asyncio.to_thread(phone.enter)
        await self.until(lambda: phone.me, "the first state")
        return phone

    async def run(self, *settings: str, **parts: Any) -> Stage:
        stage = self.stage = Stage(self.audience.feed)
        await stage.start(*settings, **parts)
        found = reach(stage.catalog, stage.session)
        assert found is not None
        self.audience.attach(found)
        return stage

    async def until(self, condition: Callable[[], object], what: str) -> None:
        async with asyncio.timeout(40):
            while not condition():
                await asyncio.sleep(0.02)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    hall = Hall()
    yield hall
    await hall.audience.close()
    for phone in hall.phones:
        await asyncio.to_thread(phone.close)
    if hall.stage is not None:
        await hall.stage.close()


async def test_a_phones_request_travels_on_the_lane_with_its_number(hall: Hall) -> None:
    await hall.open()
    first, second = await hall.phone(), await hall.phone()
    assert (first.me["number"], second.me["number"]) == (1, 2)
    assert not first.room["title"]
    assert await asyncio.to_thread(first.post, "send") == 409  # nothing runs

    stage = await hall.run("load.users=0", workload={"id": "sleep", "seconds": 1.0})
    await hall.until(lambda: second.room["title"] == "GET /job", "the run")
    assert await asyncio.to_thread(second.post, "send") == 204
    assert await asyncio.to_thread(second.post, "send") == 409  # one after the other
    await hall.until(lambda: hall.audience.flying, "that it is on its way")

    def told() -> bool:
        hall.audience.tell({"rate": [1.0], "p50_ms": [None], "every_s": 0.5})
        return any(state["me"]["doing"] == "blocked" for state in second.states)

    await hall.until(told, "what it is at")
    await hall.until(lambda: second.me["state"] == "back" and second.me["parts"], "the answer and its parts")
    assert second.me["ok"]
    assert second.me["total"] >= 1.0
    assert sum(second.me["parts"].values()) == pytest.approx(second.me["total"], rel=0.05)
    assert second.me["parts"]["blocked"] >= 0.9  # it slept in a thread
    assert first.me["state"] == "ready"
    trip = hall.audience.trips[-1]
    assert trip.number == 2
    assert trip.parts

    await stage.session.stop()
    gateway = next(one for batch in stage.batches for one in batch.processes if one.role is Role.GATEWAY)
    assert trip.request >> PROCESS_SHIFT == gateway.number
    lanes = {one.number: one for batch in stage.batches for one in batch.tracks if one.kind is TrackKind.LANE}
    pieces = [batch.spans[batch.spans["request"] == trip.request] for batch in stage.batches]
    on = {int(track) for rows in pieces for track in rows["track"][rows["kind"] == Kind.PIECE]}
    assert [lanes[track].name for track in on] == ["2"]
    served = [rows for rows in pieces if (rows["kind"] == Kind.REQUEST).any()]
    assert served, "the server knew the request by its number"


async def test_the_room_votes_until_the_run_starts(hall: Hall) -> None:
    await hall.open()
    phones = [await hall.phone() for _ in range(3)]
    hall.audience.ask(Ballot("When is the last answer back?", ("1 s", "3 s", "100 s"), ("", "in waves", "")))
    await hall.until(lambda: all(phone.room["ballot"] for phone in phones), "the question")
    for phone, answer in zip(phones, (0, 1, 1), strict=True):
        assert await asyncio.to_thread(phone.post, "vote", answer=answer) == 204
    await hall.until(lambda: hall.audience.votes.counts == (1, 2, 0), "three votes")
    assert await asyncio.to_thread(phones[0].post, "vote", answer=1) == 204
    await hall.until(lambda: hall.audience.votes.counts == (0, 3, 0), "another mind")
    assert await asyncio.to_thread(phones[0].post, "vote", answer=3) == 409
    hall.audience.lock()
    await hall.until(lambda: not phones[0].room["ballot"]["open"], "the end of the vote")
    assert await asyncio.to_thread(phones[0].post, "vote", answer=0) == 409
    hall.audience.ask(Ballot("How long?", unit="s", low=0, high=10))
    await hall.until(lambda: phones[0].room["ballot"]["unit"] == "s", "the next question")
    assert await asyncio.to_thread(phones[0].post, "vote", answer=2.5) == 204
    assert await asyncio.to_thread(phones[1].post, "vote", answer=11) == 409
    await hall.until(lambda: hall.audience.votes.numbers == (2.5,), "a number")


async def test_whoever_is_too_fast_waits(hall: Hall) -> None:
    await hall.open()
    phone = await hall.phone()
    hall.audience.ask(Ballot("Which?", ("a", "b")))
    await hall.until(lambda: phone.room["ballot"], "the question")
    said = [await asyncio.to_thread(phone.post, "vote", answer=at % 2) for at in range(40)]
    assert 429 in said
    await hall.until(lambda: any(state["me"]["wait"] > 0 for state in phone.states), "that it is to wait")
    other = await hall.phone()
    assert await asyncio.to_thread(other.post, "vote", answer=1) == 204


async def test_without_the_token_there_is_nothing(hall: Hall) -> None:
    url = await hall.open()
    await hall.run("load.users=1")
    token = url.rpartition("/")[2]
    phone = Phone(url)
    for method in ("GET", "POST", "HEAD", "PUT", "OPTIONS"):
        for path in (
            "/",
            "/docs",
            "/openapi.json",
            "/job",
            f"/{token[:-1]}",
            "/index.html",
            "/favicon.ico",
            "//",
            "/%00",
        ):
            status, body, headers = await asyncio.to_thread(phone.whole, method, path)
            assert (status, body) == (404, b""), (method, path)
            assert set(headers) <= {"content-length", "connection"}
    for path in (
        "job",
        "docs",
        "../job",
        "http://127.0.0.1/job",
        "page.py",
        "README.md",
        "..%2findex.html",
        "hello",
        "send",
    ):
        assert (await asyncio.to_thread(phone.get, path))[:2] == (404, b""), path
    for body in (b"", b"[]", b"{", b'{"phone":7}x', b"\xff" * 50):
        assert (await asyncio.to_thread(phone.ask, "POST", f"/{token}/send", body))[0] in (404, 409)


async def test_the_page_and_its_fence(hall: Hall) -> None:
    url = await hall.open()
    phone = Phone(url)
    whole = 0
    for name in ("", *FILES):
        status, body, headers = await asyncio.to_thread(phone.get, name)
        assert status == 200
        assert HEADERS.items() <= headers.items()
        assert "server" not in headers
        whole += len(body)
        assert b"http://" not in body.replace(b"http://www.w3.org", b"")
        assert b"https://" not in body
    assert whole < 60_000
    grouped = "-".join(url.rpartition("/")[2][at : at + 4] for at in range(0, 28, 4)).lower()
    assert (await asyncio.to_thread(phone.ask, "GET", f"/{grouped}"))[0] == 200


def _talk(port: int, data: bytes, patience: float = 20.0) -> bytes:
    """What comes back for these bytes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), patience) as there:
        said = b""
        try:
            there.sendall(data)
            while more := there.recv(65_536):
                said += more
        except ConnectionError:
            return said
        return said


@pytest.mark.long
async def test_what_is_too_long_or_too_slow_is_cut_off(hall: Hall) -> None:
    url = await hall.open()
    port, token = int(url.split(":")[2].split("/")[0]), url.rpartition("/")[2]
    head = f"POST /{token}/hello HTTP/1.1\r\nhost: x\r\n"
    assert await asyncio.to_thread(_talk, port, f"{head}x: {'y' * MOST_HEAD}".encode()) == b""
    assert await asyncio.to_thread(_talk, port, f"{head}content-length: 5000\r\n\r\n{'y' * 5000}".encode()) == b""
    assert await asyncio.to_thread(_talk, port, b"\x16\x03\x01 this is no HTTP\r\n\r\n") == b""
    assert await asyncio.to_thread(_talk, port, b"") == b""  # connected, and silent: cut off by the gateway
    assert await asyncio.to_thread(_talk, port, b"GET / HTTP/1.1\r\nhost: x\r\nslow") == b""


async def test_closing_dismisses_everybody(hall: Hall) -> None:
    await hall.open()
    phone = await hall.phone()
    await hall.until(lambda: hall.audience.phones.here == 1, "a phone")
    await hall.audience.close()
    await hall.until(lambda: phone.dismissed, "good-bye")
    assert hall.audience.opened is None
    assert hall.audience.phones.here == 0
    assert isinstance(hall.heard[-1], Closed)
    await hall.open()  # and once more, with another token


async def test_closing_during_a_run_is_no_death(hall: Hall) -> None:
    await hall.open()
    stage = await hall.run("load.users=1")
    phone = await hall.phone()
    await hall.until(lambda: phone.room["title"], "the run")
    assert await asyncio.to_thread(phone.post, "send") == 204
    await hall.until(lambda: phone.me["state"] == "back", "the answer")
    await hall.audience.close()
    await stage.session.stop()
    told = [one for batch in stage.batches for one in batch.processes if one.role is Role.GATEWAY]
    assert told[-1].ended_ns is not None
    assert not told[-1].died


async def test_the_gateway_has_neither_numpy_nor_qt_in_it(hall: Hall) -> None:
    await hall.open()
    await hall.run("load.users=1")
    phone = await hall.phone()
    await hall.until(lambda: phone.room["title"], "the run")
    assert await asyncio.to_thread(phone.post, "send") == 204
    await hall.until(lambda: phone.me["state"] == "back", "the answer")
    gateway = hall.audience._gateway
    assert gateway is not None
    maps = Path(f"/proc/{gateway.pid}/maps").read_text()
    assert "httptools" in maps
    for other in ("numpy", "PySide6"):
        assert other not in maps, other


async def test_an_address_that_is_not_ours_is_said_so(hall: Hall) -> None:
    with pytest.raises(OptionError, match="cannot be opened"):
        await hall.audience.open(Address("192.0.2.7", "eth9"), 0)
    await hall.open()


async def test_an_opening_that_was_given_up_takes_nothing_of_the_next_along(hall: Hall) -> None:
    first = asyncio.ensure_future(hall.open())
    await asyncio.sleep(0)  # it has begun
    assert hall.audience._supervisor is not None
    await hall.audience.close()
    assert hall.audience.opened is None
    await hall.open()
    with pytest.raises(OptionError):
        await first
    assert hall.audience.opened is not None
    assert (await hall.phone()).me["number"] == 1


async def test_another_port_is_taken_only_where_somebody_listens(hall: Hall) -> None:
    with socket.create_server((HERE.host, 0)) as other:
        port = other.getsockname()[1]
        opened = await hall.audience.open(HERE, port)
        assert f":{port}/" not in opened.url
    started = hall.audience._start
    tries: list[int] = []

    async def start(supervisor: Any, address: Address, port: int, token: str) -> int:
        tries.append(port)
        return await started(supervisor, address, port, token)

    await hall.audience.close()
    hall.audience._start = start  # type: ignore[method-assign]
    with pytest.raises(OptionError, match="cannot be opened"):
        await hall.audience.open(Address("192.0.2.7", "eth9"), port)
    assert tries == [port], "another port would do no better there"


async def test_a_gateway_that_dies_is_told_of(hall: Hall) -> None:
    await hall.open()
    member = hall.audience._gateway
    assert member is not None
    os.kill(member.pid, signal.SIGKILL)
    await hall.until(lambda: hall.audience.opened is None, "its end")
    assert isinstance(hall.heard[-1], Closed)
    assert "was cut off" in hall.heard[-1].sentence


KILLED = """
import asyncio, sys
from explorer.lessons.audience.addresses import Address
from explorer.lessons.audience.audience import Audience

async def life():
    audience = Audience()
    opened = await audience.open(Address("127.0.0.1", "lo"), 0)
    print(opened.url, audience._gateway.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(life())
"""


@pytest.fixture
def doomed() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def test_a_killed_explorer_leaves_no_gateway(hall: Hall, doomed: "subprocess.Popen[str]") -> None:
    assert doomed.stdout is not None
    url, pid = (await asyncio.to_thread(doomed.stdout.readline)).split()
    assert (await asyncio.to_thread(Phone(url).get))[0] == 200
    doomed.kill()
    await hall.until(lambda: not _lives(int(pid)), "the gateway's end")


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
