"""Builds an app into a folder, with a virtual environment of its own that holds a module which nobody else has."""

import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tomli_w

ONLY_HERE: Final = "only_here.py"
GREETING: Final = 'GREETING = "from the environment of this app"\n'


@dataclass(frozen=True)
class Asked:
    """A path to ask for, and what must be seen of each request to it.

    `dependencies` and `background` by their names, `serialized` whether the answer is made of what the endpoint gives.
    """

    path: str
    dependencies: tuple[str, ...]
    endpoint: str
    template: str = ""
    method: str = "GET"
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    background: str = ""
    serialized: bool = True
    speaks: str = "http"

    @property
    def name(self) -> str:
        """What its requests are called."""
        method = "WEBSOCKET" if self.speaks == "websocket" else self.method
        return f"{method} {self.template or self.path}"


@dataclass(frozen=True)
class App:
    """An app: its files by their place, how it is named, what it needs, what it is asked."""

    name: str
    target: str
    files: dict[str, str]
    requires: tuple[str, ...]
    routes: tuple[Asked, ...]
    factory: bool = False
    folder: str = "."
    environment: dict[str, str] = field(default_factory=dict)

    def scenario(self, place: Path, **load: Any) -> str:
        """A scenario that serves the app built in `place` and asks for all its routes, as TOML."""
        routes = []
        for number, asked in enumerate(self.routes):
            route: dict[str, Any] = {"path": asked.path, "method": asked.method, "speaks": asked.speaks}
            if asked.body:
                body = place / f"body-{number}.json"
                body.write_text(asked.body, encoding="utf-8")
                route["body"] = str(body)
            routes.append(route | {"headers": asked.headers})
        app = {"target": self.target, "factory": self.factory, "folder": str(place / self.folder)}
        data = {"app": {**app, "environment": self.environment, "route": routes}, "load": load}
        return tomli_w.dumps(data)


def write(app: App, place: Path) -> Path:
    """Write the app's files below `place`."""
    for name, text in app.files.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), encoding="utf-8")
    return place


def borrow(app: App, place: Path) -> Path:
    """A virtual environment in the app's folder that sees the packages of this one; returns its Python. Quick."""
    environment = place / app.folder / ".venv"
    venv.create(environment, with_pip=False, symlinks=True)
    site = _site_of(environment)
    (site / ONLY_HERE).write_text(GREETING, encoding="utf-8")
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return environment / "bin" / "python"


def install(app: App, place: Path, interpreter: str = sys.executable, extra: tuple[str, ...] = ()) -> Path:
    """A virtual environment with what the app requires from the package registry; returns its Python. Slow."""
    environment = place / app.folder / ".venv"
    subprocess.run([interpreter, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *app.requires, *extra], check=True)
    (_site_of(environment) / ONLY_HERE).write_text(GREETING, encoding="utf-8")
    return python


def _site_of(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))
