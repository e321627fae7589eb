"""Knobs that change while the server serves: what a `set` on the control channel does."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Any, Final

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, ServerKnobs, parse
from explorer.server.parts import Part

PART_SECTIONS: Final = ("dispatch", "workload")
LIVE_SERVER_KNOBS: Final = ("switch_interval", "gc")


def apply_server_knobs(knobs: ServerKnobs) -> None:
    """Make the interpreter's own settings what these knobs say."""
    sys.setswitchinterval(knobs.switch_interval)
    if knobs.gc:
        gc.enable()
    else:
        gc.disable()


def changed(catalog: Catalog, scenario: Scenario, knob: str, value: Any) -> Scenario:
    """The scenario with a knob changed that may change live. Raises `OptionError` if it may not, or not to that value.

    `knob` is "dispatch.tokens", "workload.seconds", "server.gc", or "also.1.workload.seconds".
    """
    number, section, key = _path(knob, len(scenario.also))
    data = scenario.to_dict()
    table = data["also"][number - 1] if number else data
    table[section][key] = value
    try:
        return parse(catalog, data)
    except OptionError as error:
        raise OptionError(str(error), knob) from None


class Live:
    """Changes knobs of a running app, which lists its parts as `state.parts`; one of the user's own has none.

    `set` is called from the control channel's thread.
    """

    def __init__(self, app: Any, catalog: Catalog, scenario: Scenario) -> None:
        self._parts: list[Part] = app.state.parts
        self._catalog = catalog
        self._scenario = scenario
        self._loop: asyncio.AbstractEventLoop | None = None

    def started(self, loop: asyncio.AbstractEventLoop) -> None:
        """The app serves on `loop` from now on."""
        self._loop = loop

    def set(self, knob: str, value: Any, done: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Change `knob` and call `done` when the change counts, or `failed` with a sentence when it could not be made.

        Raises `OptionError`; see `changed`.
        """
        self._scenario = changed(self._catalog, self._scenario, knob, value)
        number, section, key = _path(knob, len(self._parts) - 1)
        if section == "server":
            apply_server_knobs(self._scenario.server)
            done()
            return
        part = self._parts[number]
        apply = part.change(section, key, self._knobs(number, section))

        def take_effect() -> None:
            try:
                apply()
            except Exception as error:  # whoever changed the knob waits for an answer
                failed(f"{knob} could not be changed ({type(error).__name__}: {error}); the server's log says more.")
                raise
            done()

        if self._loop is None:
            take_effect()
        else:
            self._loop.call_soon_threadsafe(take_effect)

    def _knobs(self, number: int, section: str) -> Any:
        owner = self._scenario.also[number - 1] if number else self._scenario
        return getattr(owner, section).knobs


def _path(knob: str, also: int) -> tuple[int, str, str]:
    """Part (0: the main one), section and key of a knob."""
    words = knob.split(".")
    number = 0
    if words[0] == "also" and len(words) == 4 and words[1].isdigit() and 1 <= int(words[1]) <= also:
        number, words = int(words[1]), words[2:]
    if len(words) == 2 and (words[0] in PART_SECTIONS or (words[0] == "server" and words[1] in LIVE_SERVER_KNOBS)):
        return number, words[0], words[1]
    raise OptionError(f"'{knob}' cannot change while the server runs; restart it.", knob)
