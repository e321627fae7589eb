"""The user's own app: what is known of it before anybody imports it.

A FastAPI app that its owner did not change is served in place of a workload. Nothing here imports it or looks into its
modules; that is the server's affair, in a process of its own. Values of its environment, of request headers and of
queries are secrets: `mask` and `mask_route` leave their names.
"""

import os
import re
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import field_validator

from explorer.option_error import OptionError
from explorer.options import MASK, Knobs, build, knob, mask

OWN_NAME: Final = "explorer"
RESERVED: Final = "EXPLORER_"
NOT_WITH_AN_APP: Final = ("workload", "dispatch", "also")
"""Parts of a scenario that an app answers by itself."""
MOST_BODY: Final = 16 * 1024 * 1024
VENVS: Final = (".venv", "venv")
FORMAT: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""How an app can be asked."""
OURS: Final = ("content-length", "transfer-encoding", "connection", "x-explorer-request")
"""Headers that say how a request is sent, which the load decides."""
TYPES: Final = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv",
    ".html": "text/html",
    ".form": "application/x-www-form-urlencoded",
}
"""Content types of bodies, by the extension of their file."""


class AppKnobs(Knobs):
    """Which app, and what surrounds it. Without a `target` the scenario serves a workload."""

    target: str = knob(
        "", title="Your app",
        description="A FastAPI app to serve in place of a workload, as package.module:app; empty means the workload.",
    )  # fmt: skip
    factory: bool = knob(
        False, title="Factory", advanced=True,
        description="Whether the target is a function without arguments that makes the app.",
    )  # fmt: skip
    folder: str = knob(
        "", title="Folder",
        description="The app's working directory, searched first for its modules; empty means the present one. "
        "A relative one in a scenario's file starts at that file.",
    )  # fmt: skip
    environment: dict[str, str] = knob(
        {}, title="Environment", secret=True,
        description="Variables that the app finds besides those of the explorer; recordings keep their names only.",
    )  # fmt: skip
    operations: bool = knob(
        True, title="Operations",
        description="Shows dependencies, endpoint, serialization and background tasks of each request, "
        "at about 13 µs of processor time each.",
    )  # fmt: skip
    limit: float = knob(
        30.0, gt=0, le=3600, title="Start limit", unit="s", effect="start", advanced=True,
        description="How long the app may take to be imported and to begin.",
    )  # fmt: skip

    @field_validator("target")
    @classmethod
    def _names_an_app(cls, target: str) -> str:
        if target and not FORMAT.fullmatch(target):
            raise ValueError("Write it as package.module:app, such as main:app")
        return target

    @field_validator("environment")
    @classmethod
    def _are_names(cls, environment: dict[str, str]) -> dict[str, str]:
        for name, value in environment.items():
            if not name or "=" in name or "\0" in name + value:
                raise ValueError(f"'{name}' is not the name of a variable with a value")
            if name.startswith(RESERVED):
                raise ValueError(
                    f"Names that begin with {RESERVED} are the explorer's own; choose another for '{name}'"
                )
        return environment


class RouteKnobs(Knobs):
    """One `[[app.route]]`: what the load asks the app for."""

    path: str = knob(
        "/", title="Path", effect="live",
        description="What is asked for, with its query, of which recordings keep the names only.",
    )  # fmt: skip
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = knob(
        "GET", title="Method", effect="live", description="How it is asked for."
    )
    weight: float = knob(
        1.0, gt=0, le=1000, title="Weight", effect="live", description="Its share of the requests, beside the others'."
    )
    body: str = knob(
        "", title="Body", effect="live",
        description="A file with the body of the request, seen from the app's folder (in --body from the present "
        "folder); empty means none.",
    )  # fmt: skip
    content_type: str = knob(
        "", title="Content type", effect="live",
        description="What the body is; empty means by the extension of its file.",
    )  # fmt: skip
    headers: dict[str, str] = knob(
        {}, title="Headers", effect="live", secret=True,
        description="Headers of the request besides, such as Authorization; recordings keep their names only.",
    )  # fmt: skip
    speaks: Literal["http", "websocket", "sse"] = knob(
        "http", title="Speaks", effect="live",
        description="What is spoken there; a WebSocket must send back each message that it is sent.",
    )  # fmt: skip

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        if not re.fullmatch(r"/[!-~]*", path) or "#" in path:
            raise ValueError("It must begin with / and be written as in a URL, without spaces")
        return path

    @field_validator("method", mode="before")
    @classmethod
    def _in_capitals(cls, method: object) -> object:
        return method.upper() if isinstance(method, str) else method

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not re.fullmatch(r"[\t -~\x80-\xff]*", value):
                raise ValueError(f"'{name}' is not a header that can be sent")
            if name.lower() in OURS:
                raise ValueError(f"'{name}' is set by the load itself; leave it out")
        return headers

    @property
    def place(self) -> str:
        """The path without its query."""
        return place_of(self.path)

    @property
    def content(self) -> str:
        """The content type of the body; empty without a body."""
        if not self.body:
            return ""
        return self.content_type or TYPES.get(Path(self.body).suffix.lower(), "application/octet-stream")


def app_of(
    table: dict[str, Any], routes: list[dict[str, Any]], parts: Container[str]
) -> tuple[AppKnobs, tuple[RouteKnobs, ...]]:
    """The app of a scenario, and what is asked of it: at least one route if there is an app. Raises `OptionError`.

    `table` is its [app] without the routes, `parts` are the names of all its parts.
    """
    asked = tuple(build("app.route", RouteKnobs, one) for one in routes)
    app = build("app", AppKnobs, table)
    if app.target:
        for part in NOT_WITH_AN_APP:
            if part in parts:
                raise OptionError(f"With an app of your own the {part} does not apply; remove '{part}'.", part)
        return app, asked or (RouteKnobs(),)
    if asked:
        raise OptionError("[[app.route]] needs app.target, such as main:app, which says whose routes they are.", "app")
    return app, ()


def with_app(data: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The plain data of a scenario with one knob of its app changed."""
    app = {**data.get("app", {}), key: value}
    if app.get("target"):
        data = {part: data[part] for part in data if part not in NOT_WITH_AN_APP}
    else:
        app.pop("route", None)
    return data | {"app": app}


def beside(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The data of a scenario file in `folder`, whose relative paths of the app and of its Python start there.

    A name without a slash is no path of a Python: it is a version, or looked for where programs are.
    """
    found = dict(data)
    for part, key in (("app", "folder"), ("server", "interpreter")):
        table = data.get(part)
        given = table.get(key) if isinstance(table, dict) else None
        if not isinstance(given, str) or not given or (key == "interpreter" and Path(given).name == given):
            continue
        # Not resolved: the python of a virtual environment is a link to another.
        found[part] = {**table, key: os.path.normpath(folder / os.path.expanduser(given))}  # type: ignore[dict-item]
    return found


def folder_of(app: AppKnobs) -> Path:
    """The app's folder. Raises `OptionError` if there is none."""
    folder = Path(os.path.expanduser(app.folder) if app.folder else os.curdir).resolve()
    if not folder.is_dir():
        raise OptionError(f"There is no folder {folder}; give the folder in which your app is started.", "app.folder")
    return folder


def venv_python(folder: Path) -> str:
    """The Python of the virtual environment in `folder`; empty if there is none."""
    for name in VENVS:
        for python in (folder / name / "bin" / "python", folder / name / "Scripts" / "python.exe"):
            if python.is_file() and os.access(python, os.X_OK):
                return str(python)
    return ""


def check(app: AppKnobs) -> None:
    """Raise `OptionError` for what can be told of the app without importing it."""
    folder = folder_of(app)
    if app.target.partition(":")[0].partition(".")[0] == OWN_NAME or _holds(folder, OWN_NAME):
        raise OptionError(
            f"Your app's folder holds a module called '{OWN_NAME}', which is this program's own name: rename the "
            "module, or choose another folder.",
            "app.folder",
        )


def place_of(path: str) -> str:
    """A path without its query, which may hold a secret."""
    return path.partition("?")[0]


def mask_route(route: RouteKnobs) -> dict[str, Any]:
    """As `mask`, and `***` for each value of the query; a part of it without a name may be a value itself."""
    place, mark, query = route.path.partition("?")
    parts = (part.partition("=") for part in query.split("&"))
    shown = "&".join(name + equals + MASK if equals else MASK if name else "" for name, equals, _ in parts)
    return mask(route) | {"path": place + mark + shown}


def check_secrets(app: AppKnobs, routes: Sequence[RouteKnobs]) -> None:
    """Raise `OptionError` for a secret of which only the name is known, as in what was saved to be passed on."""
    tables = [("app.environment", app.environment), *(("app.route.headers", route.headers) for route in routes)]
    for where, table in tables:
        for name, value in table.items():
            if value == MASK:
                raise OptionError(
                    f"{where} does not hold the value of {name}, which is never saved; give it anew.", where
                )
    for route in routes:
        for part in route.path.partition("?")[2].split("&"):
            if part.rpartition("=")[2] == MASK:
                raise OptionError(
                    f"The query of {route.path} does not hold its values, which are never saved; give them anew.",
                    "app.route.path",
                )


def body_of(app: AppKnobs, route: RouteKnobs) -> bytes:
    """The body of a route's requests. Raises `OptionError` if its file cannot be read."""
    if not route.body:
        return b""
    path = folder_of(app) / os.path.expanduser(route.body)
    try:
        if path.stat().st_size > MOST_BODY:
            raise OptionError(
                f"{path} is too large for the body of a request; at most {MOST_BODY:,} bytes.", "app.route"
            )
        return path.read_bytes()
    except OSError as error:
        raise OptionError(
            f"The body {path} cannot be read ({error.strerror}); choose another file.", "app.route"
        ) from None


def _holds(folder: Path, name: str) -> bool:
    """Whether a folder holds a module or a package of this name; the checkout of this program is no such folder."""
    return (folder / f"{name}.py").is_file() or (
        (folder / name / "__init__.py").is_file() and (folder / name).resolve() != Path(__file__).resolve().parent
    )
