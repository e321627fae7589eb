"""The catalogue: finds the one-file features by walking their packages, so that adding one is adding one file.

A feature module (or the `feature.py` of a feature folder) holds a module-level `feature`, an instance of `Feature`.
Nothing else registers anything. Two features with one id are an error at start, not a surprise later.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.demand import Demand, Places, Serving, unknown_demand, unknown_places, unknown_serving
from explorer.option_error import OptionError
from explorer.options import Knobs, suggest
from explorer.records.states import State

Bar = tuple[int, float, float, State]
"""One bar of a feature's picture: row (from 0 at the top), start and length (0 … 1 of the width), state."""

SECTIONS = ("model", "dispatch", "workload")
PACKAGES: Mapping[str, str] = {
    "model": "explorer.server.models",
    "dispatch": "explorer.server.dispatch",
    "workload": "explorer.server.workloads",
}


class NoKnobs(Knobs):
    """For features that have nothing to set."""


def always() -> str | None:
    """`available` of features that run everywhere."""
    return None


PIP: Mapping[str, str] = {
    "psycopg": '"psycopg[binary]"',
    "sqlalchemy": '"sqlalchemy[asyncio]"',
    "greenlet": '"sqlalchemy[asyncio]"',
    "MySQLdb": "mysqlclient",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "multipart": "python-multipart",
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "yaml": "pyyaml",
}
"""What pip calls a package whose own name is another."""


def missing(packages: Iterable[str], interpreter: str = sys.executable, *, command: str = "", instead: str = "") -> str:
    """The sentence about packages that an interpreter lacks, with the command that helps.

    `command` is given where pip alone would not do; `instead` is what else would help, such as "choose h11".
    """
    names = list(packages)
    what = f"packages {', '.join(names)} are" if len(names) > 1 else f"package {names[0]} is"
    command = command or f"{interpreter} -m pip install {' '.join(pip_names(names))}"
    return f"The {what} missing; {f'{instead}, or ' if instead else ''}install with: {command}"


def pip_names(packages: Iterable[str]) -> list[str]:
    """What pip calls these packages, each once, quoted for a command line where that is needed."""
    return list(dict.fromkeys(PIP.get(name, name) for name in packages))


def installed(*packages: str) -> Callable[[], str | None]:
    """`available` of features that need these packages."""

    def available() -> str | None:
        absent = [name for name in packages if importlib.util.find_spec(name) is None]
        return missing(absent) if absent else None

    return available


def nothing_to_reach(knobs: Any) -> None:
    """`reach` of features that need nothing outside of this program."""


def no_drivers(knobs: Any, form: str) -> dict[str, str]:
    """`drivers` of workloads whose knobs ask for no package."""
    return {}


def stays(knobs: Any) -> bool:
    """`leaves` of dispatches whose work is done on this machine."""
    return False


Services = Callable[[Any], tuple[str, ...] | Mapping[str, Mapping[str, Any]]]
"""Names of services for given knobs, or the services' settings by their names."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What the program knows of a model, a dispatch or a workload before it runs it.

    `available()` gives None, or one sentence that says why it cannot run here and what would help. `entry` is the
    import string `module:function` of what runs it, loaded only in the server. `forms` (workloads) are the forms its
    body has, out of "awaiting" and "blocking"; `form` (dispatch) is the one it calls; `no_form` (workloads) says why
    a form is missing. `calls` (workloads) are library functions that the body calls by their module attribute and
    that show as spans of their own, with the state they stand for. `probes` (workloads) are import strings
    `module:function` of what observes more than that: each is called with the tracer in every process that runs the
    body, and returns what undoes it.

    `speaks` (workloads) is what a client must speak at the workload's path: "http", "websocket" or "sse" (a GET whose
    answer is a stream of events). `services` (workloads, dispatch) names what must run beside the server, always or
    with given knobs; see `explorer.session.services`. `needs` (all) are packages that the server's Python must have
    besides the framework; `drivers(knobs, form)` those that a workload's knobs ask for, each with the knob at fault.
    `reach(knobs)` tries what a feature's knobs name outside of this program and raises `OptionError` when it does not
    answer; it may take seconds. `refuses` says for features of other sections, by "section.id", why this one cannot be
    combined with them. `loop` (models) names the event loop that the model brings along; `server.loop` then has no
    effect. `python` is the oldest Python that can run the feature; whose Python counts is the server's, so that
    `available` does not speak of it, `unavailable` does. `leaves(knobs)` (dispatch) says whether work may be done on
    another machine, `bound` (workloads) what ties theirs to this one.

    What predictions are made of: `demand(knobs, form)` (workloads) is what a request asks for, `idle` the knobs with
    which it asks for next to nothing, so that what is left is what serving costs; `places(knobs)` (dispatch) is where
    work is done, `serving(knobs)` (models) with how many loops and processes. Nothing is predicted where one is None.
    """

    id: str
    title: str
    short: str
    summary: str
    group: str
    order: int
    picture: tuple[Bar, ...]
    entry: str
    knobs: type[Knobs] = NoKnobs
    available: Callable[[], str | None] = always
    forms: tuple[str, ...] = ()
    form: str = ""
    no_form: Mapping[str, str] = field(default_factory=dict)
    calls: Mapping[str, State] = field(default_factory=dict)
    speaks: Literal["http", "websocket", "sse"] = "http"
    services: tuple[str, ...] | Services = ()
    needs: tuple[str, ...] = ()
    drivers: Callable[[Any, str], dict[str, str]] = no_drivers
    probes: tuple[str, ...] = ()
    reach: Callable[[Any], None] = nothing_to_reach
    refuses: Mapping[str, str] = field(default_factory=dict)
    loop: str = ""
    leaves: Callable[[Any], bool] = stays
    bound: str = ""
    demand: Callable[[Any, str], Demand | None] = unknown_demand
    idle: Mapping[str, Any] = field(default_factory=dict)
    places: Callable[[Any], Places | None] = unknown_places
    serving: Callable[[Any], Serving | None] = unknown_serving
    python: tuple[int, int] = (3, 11)

    def unavailable(self, python: tuple[int, ...] = sys.version_info[:2]) -> str:
        """Why it cannot run on this machine with a server under this Python, in one sentence; empty when it can."""
        reason = self.available() or ""
        if not reason and python[:2] < self.python:
            reason = (
                f"It needs Python {self.python[0]}.{self.python[1]} or newer for the server, and this is "
                f"{python[0]}.{python[1]}; choose another at Interpreter (server.interpreter)."
            )
        return reason


class Catalog:
    """All features of the given packages, by section and id, in their order."""

    def __init__(self, packages: Mapping[str, str] = PACKAGES) -> None:
        self._features: dict[str, dict[str, Feature]] = {section: _find(name) for section, name in packages.items()}

    def all(self, section: str) -> list[Feature]:
        """The features of "model", "dispatch" or "workload", in the order in which they are shown."""
        return sorted(self._features[section].values(), key=lambda feature: (feature.order, feature.id))

    def get(self, section: str, identity: str) -> Feature:
        """The feature, or an `OptionError` that offers the nearest name."""
        found = self._features[section].get(identity)
        if found is None:
            raise OptionError(
                f"There is no {section} '{identity}'. {suggest(identity, self._features[section])}", section
            )
        return found

    def refusal(self, model: Feature, dispatch: Feature, workload: Feature) -> str | None:
        """Why the three cannot be combined, in one sentence, or None if they can."""
        if dispatch.form not in workload.forms:
            missing = f"{workload.title} has no form that {dispatch.title} can call."
            return workload.no_form.get(dispatch.form) or missing
        chosen = {"model": model, "dispatch": dispatch, "workload": workload}
        for section, other in chosen.items():
            for one in chosen.values():
                if reason := one.refuses.get(f"{section}.{other.id}"):
                    return reason
        return None


def describe(feature: Feature) -> dict[str, Any]:
    """The feature as `list --json` prints it: id, title, summary, available, reason, knobs (JSON schema)."""
    reason = feature.unavailable()
    return {
        "id": feature.id,
        "title": feature.title,
        "summary": feature.summary,
        "available": not reason,
        "reason": reason or None,
        "knobs": feature.knobs.model_json_schema(),
    }


def _find(package: str) -> dict[str, Feature]:
    found: dict[str, Feature] = {}
    for name in _modules(package):
        feature = getattr(importlib.import_module(name), "feature", None)
        if not isinstance(feature, Feature):
            raise TypeError(f"{name} holds no 'feature'")
        if feature.id in found:
            raise ValueError(f"two features of {package} are called '{feature.id}'")
        found[feature.id] = feature
    return found


def _modules(package: str) -> Iterator[str]:
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__, package + "."):
        yield module.name + ".feature" if module.ispkg else module.name
