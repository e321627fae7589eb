"""What stands around the user's app: the probe, whether it has a lifespan or not, and what is told of its failures."""

from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, RouteKnobs
from explorer.server import tracing
from explorer.server.own.shell import Shell
from explorer.server.own.veil import Veil

KNOBS = AppKnobs(target="main:app", operations=False)


class Probe:
    """Counts what `tracing.watch` would do."""

    def __init__(self) -> None:
        self.attached = self.undone = 0

    def watch(self, *_: object) -> Any:
        """Attach."""
        self.attached += 1
        return self._undo

    def _undo(self) -> None:
        self.undone += 1


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    """The probe, as far as it is asked."""
    probe = Probe()
    monkeypatch.setattr(tracing, "watch", probe.watch)
    return probe


async def nothing(message: Any = None) -> Any:
    """Receives or sends nothing."""


def shell_of(app: Any, told: list[OptionError] | None = None, *routes: RouteKnobs) -> Shell:
    """The app as uvicorn gets it."""
    return Shell(app, KNOBS, None, (told if told is not None else []).append, Veil(KNOBS, routes))


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    """As much middleware is written: it knows no lifespan."""
    assert scope["type"] in ("http", "websocket")


async def ignores(scope: Any, receive: Any, send: Any) -> None:
    """Neither does this, but says nothing."""


async def begins(scope: Any, receive: Any, send: Any) -> None:
    """Has a lifespan."""
    await send({"type": "lifespan.startup.complete"})


async def test_an_app_that_knows_no_lifespan_is_observed_and_its_error_is_uvicorns_to_judge(probe: Probe) -> None:
    shell = shell_of(refuses)
    with pytest.raises(AssertionError):
        await shell({"type": "lifespan"}, nothing, nothing)
    assert (probe.attached, probe.undone) == (1, 0)


@pytest.mark.parametrize("app", [ignores, begins])
async def test_the_probe_is_attached_once_and_undone_when_the_server_has_ended(probe: Probe, app: Any) -> None:
    shell = shell_of(app)
    await shell({"type": "lifespan"}, nothing, nothing)
    shell.attach()
    assert (probe.attached, probe.undone) == (1, 0)
    shell.detach()
    shell.detach()
    shell.attach()
    assert (probe.attached, probe.undone) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "answers", "said"),
    [
        ("http", [{"type": "http.response.start", "status": 404}], True),
        ("http", [{"type": "http.response.start", "status": 405}], True),
        ("http", [{"type": "http.response.start", "status": 200}], False),
        ("http", [{"type": "http.response.start", "status": 503}], False),
        ("websocket", [{"type": "websocket.close"}], True),
        ("websocket", [{"type": "websocket.accept"}, {"type": "websocket.close"}], False),
    ],
)
async def test_what_seems_not_to_be_there_is_said_when_the_app_says_so(
    kind: str, answers: list[Any], said: bool
) -> None:
    told: list[OptionError] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in answers:
            await send(message)

    async def send(message: Any) -> None:
        sent.append(message)

    shell = shell_of(app, told)
    shell.doubts.have({("GET", "/x"): "Not there.", ("WebSocket", "/x"): "Not there."})
    for _ in range(2):
        await shell({"type": kind, "method": "GET", "path": "/x"}, nothing, send)
    await shell({"type": kind, "method": "GET", "path": "/y"}, nothing, send)
    assert [str(one) for one in told] == ["Not there."] * said
    assert sent == answers * 3


async def test_a_websocket_that_ends_with_its_client_is_no_failure() -> None:
    told: list[OptionError] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise WebSocketDisconnect(1000) if scope["path"] == "/ws" else KeyError("its own")

    shell = shell_of(app, told)
    for path, error in (("/ws", WebSocketDisconnect), ("/other", KeyError)):
        with pytest.raises(error):
            await shell({"type": "websocket", "path": path}, nothing, nothing)
    (one,) = told
    assert str(one).startswith("WEBSOCKET /other: your app raised KeyError: 'its own'")
