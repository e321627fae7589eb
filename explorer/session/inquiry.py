"""Asks an app of the user's own what it answers, in a child that imports it and ends: for the window's list."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, check, check_secrets, folder_of, venv_python
from explorer.records.states import Role
from explorer.scenario import ServerKnobs
from explorer.supervise.supervisor import Supervisor

MODULE: Final = "explorer.server.own.inquiry"
START_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """A route that an app has. `path` has example values for its parameters, `template` their names; `needs` are query
    parameters and headers that must be given, `body` says whether it takes one.
    """

    method: str
    path: str
    template: str
    summary: str = ""
    speaks: str = "http"
    needs: tuple[str, ...] = ()
    body: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be asked for as it is."""
        return not self.needs and not self.body and self.speaks != "websocket"


async def ask_routes(app: AppKnobs, interpreter: str = "") -> list[FoundRoute]:
    """The routes of an app. Raises `OptionError`, also when nothing is heard within `app.limit`.

    To be called on the main thread's loop; cancelled it leaves no process behind.
    """
    check(app)
    check_secrets(app, ())
    python = interpreter or venv_python(folder_of(app))
    supervisor = Supervisor()
    try:
        server = ServerKnobs(interpreter=python)
        await asyncio.to_thread(supervisor.check_interpreter, server)
        child = supervisor.spawn(MODULE, role=Role.SERVER, interpreter=python)
        child.configure(app=app.model_dump())
        message = await asyncio.to_thread(child.wait_for, "routes", app.limit + START_S)
        return [_route(one) for one in message["routes"]]
    finally:
        supervisor.close(0.2)


def _route(plain: Mapping[str, Any]) -> FoundRoute:
    try:
        return FoundRoute(**{**plain, "needs": tuple(plain["needs"])})
    except (TypeError, KeyError):
        raise OptionError("The list of the app's routes could not be read.", "app.target") from None
