"""What stands around the user's app: the probe, whether it has a lifespan or not, and what is told of its failures."""

from typing import Any

import pytest

from explorer.options import OptionError
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
