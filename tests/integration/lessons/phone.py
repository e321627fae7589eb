"""A phone without a browser: speaks to the gateway as the page does, and looks at the raw answers."""

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit


class Phone:
    """One device. `states` are what the gateway told it, in order; `close` when done with it."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host, self._port, self._base = address.hostname or "", address.port or 80, address.path
        self.states: list[dict[str, Any]] = []
        self.identity = ""
        self._listening: threading.Thread | None = None
        self._live: http.client.HTTPConnection | None = None
        self._answer: http.client.HTTPResponse | None = None

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of a request for any path."""
        status, data, _ = self.whole(method, path, body, headers)
        return status, data

    def whole(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """The same with the headers."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=20)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def post(self, what: str, **said: Any) -> int:
        """The status of `hello`, `send`, `vote`."""
        body = json.dumps({"phone": self.identity, **said}).encode()
        status, data = self.ask("POST", f"{self._base}/{what}", body)
        if what == "hello" and status == 200:
            self.identity = json.loads(data)["phone"]
        return status

    def get(self, what: str = "") -> tuple[int, bytes, dict[str, str]]:
        """A part of the page."""
        return self.whole("GET", f"{self._base}/{what}" if what else self._base)

    def enter(self) -> None:
        """Open the page: say hello, and listen."""
        assert self.post("hello") == 200
        self._live = http.client.HTTPConnection(self._host, self._port, timeout=20)
        self._live.request("GET", f"{self._base}/live?phone={self.identity}")
        self._answer = self._live.getresponse()
        assert self._answer.status == 200
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def me(self) -> dict[str, Any]:
        """What it was told last of itself."""
        told = [state["me"] for state in self.states if "me" in state]
        return told[-1] if told else {}

    @property
    def room(self) -> dict[str, Any]:
        """What it was told last of the room."""
        told = [state["room"] for state in self.states if "room" in state]
        return told[-1] if told else {}

    @property
    def dismissed(self) -> bool:
        """Whether it was told that the lesson is over."""
        return bool(self.states) and self.states[-1].get("closed") is True

    def close(self) -> None:
        """Leave the room."""
        if self._live is not None and self._live.sock is not None:
            self._live.sock.shutdown(2)
        if self._listening is not None:
            self._listening.join(20)
        if self._answer is not None:
            self._answer.close()
        if self._live is not None:
            self._live.close()

    def _listen(self) -> None:
        assert self._answer is not None
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    self.states.append(json.loads(line[6:]))
        except (OSError, http.client.HTTPException, ValueError):
            return
