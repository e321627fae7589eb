"""What a session does otherwise when it serves the user's own app."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import responses
from typing import Any, Final

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, RouteKnobs, body_of, check, check_secrets, folder_of, place_of, venv_python
from explorer.scenario import Scenario
from explorer.server.own.veil import Veil
from explorer.session import events
from explorer.session.limits import OWN_END_S
from explorer.session.member import Member

NEWS: Final = ("app", "routes", "lifespan_ends", "refused")
"""Events by which a server tells of the app."""
VEILED: Final = ("sentence", "details")
"""What of a message may quote what the app was given."""
CUT_OFF: Final = "Your app's lifespan did not end within {:g} s and was cut off."
MOST_OF_A_BODY: Final = 200
"""Characters of an answer that are told."""
NOT_ENDED: Final = "Your app's server did not end within {:g} s and was cut off; what it had begun did not end."
CHOSEN: Final = "Your app runs under {}, the virtual environment in its folder."


class News:
    """What servers tell, mostly of the app: sentences, each once although every process that serves may tell it. Keeps
    the `templates` of the paths that are asked for, by path without its query.

    A server hides the secrets that it started with; here, those of every scenario of the run are hidden.
    """

    def __init__(self, emit: Callable[[events.Event], None]) -> None:
        self.templates: dict[str, str] = {}
        self.lifespan_ends = False
        """Whether the end of the app's lifespan has begun and is not over."""
        self._emit = emit
        self._told: set[str] = set()
        self._veil = Veil()
        self._own = False

    def serves(self, scenario: Scenario) -> None:
        """Hide the secrets of this scenario from now on."""
        self._own = scenario.own
        if scenario.own:
            self._veil.learn(scenario.app, scenario.routes)

    def veiled(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The message without secrets in its sentence and its details."""
        return {key: self._veil(str(text)) if key in VEILED else text for key, text in message.items()}

    async def ready(self, server: Member, limit_s: float) -> Mapping[str, Any]:
        """As the server's `ready`, without secrets in the error: it may quote what the app printed last."""
        try:
            return await server.ready(limit_s)
        except OptionError as error:
            raise self._veil.error(error) from None

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take in an event that is one of `NEWS`."""
        if message.get("event") == "routes":
            self.templates.update(recorded(message)["templates"])
            return
        if message.get("event") == "lifespan_ends":
            self.lifespan_ends = not message.get("over")
            return
        if message.get("event") == "refused":
            self._hear_refused(int(message.get("status", 0)), str(message.get("details", "")))
            return
        self.say(*(str(message.get(key, "")) for key in ("sentence", "where", "details")))

    def _hear_refused(self, status: int, body: str) -> None:
        """Why the first request failed, in the app's own words; a body without any says no more than the status."""
        text = " ".join("".join(each if each.isprintable() else " " for each in body).split())
        phrase = responses.get(status, "")
        if self._own and text not in ("", phrase, f'{{"detail":"{phrase}"}}'):
            text = text if len(text) <= MOST_OF_A_BODY else f"{text[:MOST_OF_A_BODY]}…"
            self.say(f"The first request that failed was answered with {status}: {text}", "app.route")

    def say(self, sentence: str, where: str = "", details: str = "") -> None:
        """Emit a sentence unless it has been said."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._emit(events.Warned(sentence, where, details))


def recorded(message: Mapping[str, Any]) -> dict[str, Any]:
    """What is written down of an event: nothing of its details, no query of a path."""
    found = {key: message[key] for key in message if key != "details"}
    if message.get("event") == "routes":
        found["templates"] = {place_of(path): name for path, name in message.get("templates", {}).items()}
    return found


def settled(scenario: Scenario) -> tuple[Scenario, str]:
    """The scenario with the Python of the app's own virtual environment where no other was chosen, and the sentence
    that says so (empty if there is nothing to say). Raises `OptionError` for an app that cannot be served.
    """
    if not scenario.own:
        return scenario, ""
    check(scenario.app)
    check_secrets(scenario.app, scenario.routes)
    for route in scenario.routes:
        body_of(scenario.app, route)
    python = "" if scenario.server.interpreter else venv_python(folder_of(scenario.app))
    if not python:
        return scenario, ""
    server = scenario.server.model_copy(update={"interpreter": python})
    return replace(scenario, server=server), CHOSEN.format(python)


def settle(scenario: Scenario, emit: Callable[[events.Event], None]) -> Scenario:
    """As `settled`, with the sentence emitted."""
    found, sentence = settled(scenario)
    if sentence:
        emit(events.Warned(sentence, "server.interpreter"))
    return found


async def end(server: Member, news: News) -> None:
    """Stop a server of the app; what its lifespan does at the end may take its time. Says if it took too long."""
    lived, news.lifespan_ends = server.alive, False
    await server.stop(OWN_END_S)
    if lived and not server.finished and not server.killed:
        news.say((CUT_OFF if news.lifespan_ends else NOT_ENDED).format(OWN_END_S), "app.target")


def first_path(scenario: Scenario | None) -> str:
    """What single requests ask for."""
    return scenario.routes[0].path if scenario is not None and scenario.own else "/job"


def asked(app: AppKnobs, route: RouteKnobs, templates: Mapping[str, str]) -> dict[str, Any]:
    """What makes a request for a route of the app besides its path, for the load; `templates` are names by path
    without its query.
    """
    return {
        "method": route.method,
        "name": templates.get(route.place, ""),
        "headers": _headers(route.content, route.headers),
        "body": base64.b64encode(body_of(app, route)).decode(),
    }


def _headers(content: str, headers: Mapping[str, str]) -> dict[str, str]:
    given = {name.lower() for name in headers}
    return ({"content-type": content} if content and "content-type" not in given else {}) | dict(headers)
