"""What a phone may ask for, all of it below the token: the page's parts, `hello`, `live`, `send`, `vote`.

Whatever else somebody asks for does not exist: 404, without a word. None of it names a path of the server: what is sent
there is the scenario's own request, and the page says no more than "now".
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from explorer.lessons.audience.gateway.http import NOTHING, Request, Response
from explorer.lessons.audience.gateway.limits import Limiter
from explorer.lessons.audience.gateway.live import Live
from explorer.lessons.audience.gateway.page import HEADERS, Page
from explorer.lessons.audience.gateway.room import SENT, Phone, Room
from explorer.lessons.audience.token import is_token

DONE: Final = Response(204, HEADERS)
REFUSED: Final = Response(409, HEADERS)
TOO_FAST: Final = Response(429, HEADERS)
FULL: Final = Response(503, HEADERS)
ANY_RATE: Final = 100.0
"""Requests of any kind that one address may send in a second: thirty phones behind one are no reason to refuse."""
ANY_BURST: Final = 600.0

Send = Callable[[Phone], bool]
"""Whether there was somewhere to send it to."""


class Routes:
    """Answers whole requests; `send` sends a phone's request to the server."""

    def __init__(self, token: str, page: Page, room: Room, live: Live, send: Send, any_: Limiter) -> None:
        self._token = token
        self._page = page
        self._room = room
        self._live = live
        self._send_on = send
        self._any = any_
        self._posts: Mapping[str, Callable[[Request, Mapping[str, Any]], Response]] = {
            "hello": self._hello,
            "send": self._send,
            "vote": self._vote,
        }

    def __call__(self, request: Request) -> Response:
        """The answer."""
        if self._any.take(request.address):
            return NOTHING
        claimed, _, name = request.path.removeprefix("/").partition("/")
        if not is_token(self._token, claimed):
            return NOTHING
        if request.method == "GET" and name == "live":
            return self._listen(request)
        if request.method == "GET" and not request.query:
            return self._page.part(name, self._token) or NOTHING
        if request.method == "POST" and name in self._posts:
            said = _read(request.body)
            return NOTHING if said is None else self._posts[name](request, said)
        return NOTHING

    def _hello(self, request: Request, said: Mapping[str, Any]) -> Response:
        entered = self._room.enter(_text(said, "phone"), request.address)
        if entered is None:
            return FULL
        identity, phone = entered
        body = json.dumps({"phone": identity, "number": phone.number}).encode()
        return Response(200, HEADERS | {"content-type": "application/json"}, body)

    def _listen(self, request: Request) -> Response:
        phone = self._room.find(parse_qs(request.query).get("phone", [""])[0], request.address)
        if phone is None:
            return REFUSED
        if phone.streams > 1:  # one, and one that is not known to be gone yet
            return TOO_FAST
        headers = HEADERS | {"content-type": "text/event-stream"}
        return Response(200, headers, stream=lambda stream: self._live.add(phone, stream))

    def _send(self, request: Request, said: Mapping[str, Any]) -> Response:
        phone = self._room.find(_text(said, "phone"), request.address)
        if phone is None or not self._room.title or phone.state == SENT:
            return REFUSED
        if not self._room.may(phone):
            return TOO_FAST
        return DONE if self._send_on(phone) else REFUSED

    def _vote(self, request: Request, said: Mapping[str, Any]) -> Response:
        phone = self._room.find(_text(said, "phone"), request.address)
        if phone is None:
            return REFUSED
        if not self._room.may(phone):
            return TOO_FAST
        return DONE if self._room.vote(phone, said.get("answer")) else REFUSED


def _read(body: bytes) -> Mapping[str, Any] | None:
    """What a page says; None if it is nothing that it could say."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key, "")
    return value if isinstance(value, str) else ""
