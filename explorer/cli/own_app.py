"""The options of `run` that speak of an app of the user's own, and what they make of a scenario."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.option_error import OptionError
from explorer.own_app import NOT_WITH_AN_APP
from explorer.scenario import Scenario


@dataclass(frozen=True, slots=True)
class OwnAppWords:
    """What was given on the command line; nothing is None or empty. `target` is None without `--app`."""

    target: str | None
    factory: bool
    folder: str | None
    environment: tuple[str, ...]
    paths: tuple[str, ...]
    method: str | None
    body: str | None
    headers: tuple[str, ...]

    def apply(self, data: dict[str, Any]) -> dict[str, Any]:
        """The plain data of a scenario with these words in it. Raises `OptionError`."""
        if self.target is None and not data.get("app", {}).get("target"):
            for option, given in self._given().items():
                if given:
                    raise OptionError(f"{option} needs --app, such as --app main:app.")
            return data
        app = dict(data.get("app", {}))
        if self.target is not None:
            app["target"] = self.target
            data = {part: data[part] for part in data if part not in NOT_WITH_AN_APP}
        if self.factory:
            app["factory"] = True
        if self.folder is not None:
            app["folder"] = str(Path(os.path.expanduser(self.folder)).resolve())
        if self.environment:
            app["environment"] = app.get("environment", {}) | dict(
                _pair(word, "=", "--env") for word in self.environment
            )
        if self.paths:
            app["route"] = [{"path": path} for path in self.paths]
        app["route"] = [self._asked(route) for route in app.get("route") or [{}]]
        return data | {"app": app}

    def _given(self) -> dict[str, object]:
        return {
            "--factory": self.factory,
            "--folder": self.folder,
            "--env": self.environment,
            "--path": self.paths,
            "--method": self.method,
            "--body": self.body,
            "--header": self.headers,
        }

    def _asked(self, route: dict[str, Any]) -> dict[str, Any]:
        found = dict(route)
        if self.method is not None:
            found["method"] = self.method
        if self.body is not None:
            found["body"] = str(Path(os.path.expanduser(self.body)).resolve())
            found.setdefault("method", "POST")
        if self.headers:
            found["headers"] = dict(_pair(word, ":", "--header") for word in self.headers)
        return found


def plain(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, in which a route has a method only if it was given one."""
    data = scenario.to_dict()
    for route, table in zip(scenario.routes, data.get("app", {}).get("route", []), strict=False):
        if "method" not in route.model_fields_set:
            del table["method"]
    return data


def _pair(word: str, mark: str, option: str) -> tuple[str, str]:
    name, found, value = word.partition(mark)
    if not found or not name.strip():
        raise OptionError(f"'{name}' is not of the form NAME{mark}VALUE, which {option} takes.")
    return name.strip(), value.strip() if mark == ":" else value
