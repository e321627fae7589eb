"""Which requests are answered, without a network."""

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.lessons.audience.gateway.http import Request, Response
from explorer.lessons.audience.gateway.limits import Limiter
from explorer.lessons.audience.gateway.page import FILES, HEADERS, Page
from explorer.lessons.audience.gateway.room import Phone, Room
from explorer.lessons.audience.gateway.routes import Routes
from explorer.lessons.audience.token import new_token
from explorer.paths import resources
from tests.unit.lessons.audience.test_limits import Time


class NoLive:
    def add(self, phone: Phone, stream: object) -> None:
        raise AssertionError("nothing streams here")


class Desk:
    """Routes with a room, and the phones whose requests were sent on."""

    def __init__(self) -> None:
        self.token = new_token()
        self.room = Room(Time())
        self.sent: list[Phone] = []
        self.way = True
        page = Page.read(resources() / "audience")
        any_ = Limiter(1.0, 400.0, Time())
        live: Any = NoLive()
        self.routes = Routes(self.token, page, self.room, live, self._send, any_)

    def _send(self, phone: Phone) -> bool:
        if self.way:
            self.sent.append(phone)
        return self.way

    def ask(self, method: str, path: str, body: bytes = b"", address: str = "10.0.0.1") -> Response:
        path, _, query = path.partition("?")
        return self.routes(Request(method, path, query, body, address))

    def post(self, what: str, said: object, address: str = "10.0.0.1") -> Response:
        return self.ask("POST", f"/{self.token}/{what}", json.dumps(said).encode(), address)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_page_is_small_and_asks_for_nothing_from_elsewhere(desk: Desk) -> None:
    parts = [desk.ask("GET", f"/{desk.token}"), *(desk.ask("GET", f"/{desk.token}/{name}") for name in FILES)]
    assert all(part.status == 200 and part.headers["content-security-policy"] for part in parts)
    assert sum(len(part.body) for part in parts) < 60_000
    text = parts[0].body.decode()
    assert f"/{desk.token}/page.js" in text
    assert "{{" not in text
    for inline in ("<style", "style=", "onclick", "javascript:", "<script>"):
        assert inline not in text
    assert "'unsafe" not in HEADERS["content-security-policy"]


def test_everything_without_the_token_is_nothing(desk: Desk) -> None:
    for path in ("", "/", "/docs", f"/x/{desk.token}", f"/{desk.token[:-1]}", f"//{desk.token}", f"/?{desk.token}"):
        answer = desk.ask("GET", path)
        assert (answer.status, answer.headers, answer.body) == (404, {}, b"")


def test_with_the_token_there_is_no_more_than_the_page_needs(desk: Desk) -> None:
    for method, name in (
        ("GET", "docs"), ("GET", "../run.json"), ("GET", "index.html"), ("GET", "page.js/x"), ("GET", "send"),
        ("POST", ""), ("POST", "live"), ("POST", "page.js"), ("POST", "attach"), ("PUT", "send"), ("HEAD", ""),
        ("GET", "?x=1"),
    ):  # fmt: skip
        assert desk.ask(method, f"/{desk.token}/{name}", b"{}").status == 404, (method, name)


def test_only_a_phone_of_the_room_sends_and_only_while_something_runs(desk: Desk) -> None:
    told = json.loads(desk.post("hello", {}).body)
    me = {"phone": told["phone"]}
    assert desk.post("send", me).status == 409
    desk.room.serve("GET /job")
    assert desk.post("send", {"phone": "somebody"}).status == 409
    assert desk.post("send", me, "10.0.0.2").status == 409
    assert desk.post("send", me | {"path": "/secret"}).status == 204
    assert [phone.number for phone in desk.sent] == [told["number"]]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"{", b"\xff\xfe", b"[" * 1_000, b'{"phone":[]}', b'{"phone":"\\ud800"}']
)
def test_bodies_that_no_page_sends(desk: Desk, body: bytes) -> None:
    for what in ("send", "vote"):
        assert desk.ask("POST", f"/{desk.token}/{what}", body).status in (404, 409)


def test_whoever_asks_without_end_gets_nothing_more(desk: Desk) -> None:
    said = [desk.ask("GET", f"/{desk.token}").status for _ in range(500)]
    assert said.count(200) == 400
    assert desk.ask("GET", f"/{desk.token}", address="10.0.0.2").status == 200


def test_every_part_of_the_page_is_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"index\.html"):
        Page.read(tmp_path)


def test_what_follows_the_token_is_not_the_token_and_is_not_given_back(desk: Desk) -> None:
    tail = "-" * 36 + '"><meta http-equiv=refresh content=0>'
    assert desk.ask("GET", f"/{desk.token}{tail}").status == 404
    typed = desk.ask("GET", "/" + desk.token.lower())
    assert typed.status == 200
    assert f"/{desk.token}/page.js" in typed.body.decode(), "the page's parts lie below the token as it is"
    assert desk.token.lower() not in typed.body.decode()


def test_a_request_that_leads_nowhere_is_refused(desk: Desk) -> None:
    phone = json.loads(desk.post("hello", {}).body)["phone"]
    desk.room.serve("GET /job")
    desk.way = False
    assert desk.post("send", {"phone": phone}).status == 409
    desk.way = True
    assert desk.post("send", {"phone": phone}).status == 204
