"""Where a phone's request goes while a run serves: the scenario's own first request, and no other."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from explorer.catalog import Catalog
from explorer.load.routes import PLAIN, Asked
from explorer.scenario import Scenario
from explorer.session.load_words import paths
from explorer.session.session import Session

NO_HTTP: Final = "This run speaks WebSocket, which a button cannot. Watch the screen."
NOT_PHONES: Final = "This app is asked for with headers that phones are not given. Watch the screen."


@dataclass(frozen=True, slots=True)
class Reach:
    """The run's folder, the server's address on loopback, what is asked for. Without a `title` nothing is: `why` says
    why not.
    """

    run: Path
    host: str
    port: int
    path: str
    speaks: str
    title: str
    why: str = ""
    asked: dict[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """As a message."""
        return asdict(self) | {"run": str(self.run)}


def reach(catalog: Catalog, session: Session) -> Reach | None:
    """Where phones' requests go in this run; None while it serves nothing."""
    if session.scenario is None or not session.url:
        return None
    return reach_of(catalog, session.scenario, session.url, session.run)


def reach_of(catalog: Catalog, scenario: Scenario, url: str, run: Path) -> Reach:
    """The same of a scenario that is served at `url`."""
    path, _, speaks, *more = paths(catalog, scenario, {})[0]
    address = urlsplit(url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    # What an app of the user's own is given beside its path may be a key: whoever holds a phone may not use it.
    secret = bool(more and (more[0]["headers"] or more[0]["body"]))
    why = NO_HTTP if speaks == "websocket" else NOT_PHONES if secret else ""
    asked = Asked.of(more[0]) if more else PLAIN
    title = "" if why else asked.name_of(path, speaks)
    return Reach(run, host, port, path, speaks, title, why, dict(more[0]) if more and not secret else None)
