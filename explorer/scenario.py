"""A scenario: everything that decides a run, as one immutable value that reads from and writes to TOML.

Scenario = server + model + dispatch + workload + load. `model`, `dispatch` and `workload` are features of the
catalogue; each table's knobs are checked against that feature's own `Knobs` before anything starts. With an app of the
user's own (`app.target`) dispatch and workload do not apply: they are not written, and may not be given.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.options import Knobs, build, extra, knob, mask, parse_value, suggest, table_of, tables_of
from explorer.own_app import NOT_WITH_AN_APP, AppKnobs, RouteKnobs, app_of, beside, mask_route, with_app

SECTIONS = ("server", "model", "dispatch", "workload", "app", "load")
DEFAULT = {"model": "event_loop", "dispatch": "thread_pool", "workload": "sleep"}


class ServerKnobs(Knobs):
    """What every model of serving shares."""

    host: str = knob(
        "127.0.0.1",
        title="Host",
        description="The address to listen on; 127.0.0.1 is this machine alone.",
        advanced=True,
    )
    port: int = knob(
        0, ge=0, le=65_535, title="Port", description="The port to listen on; 0 takes a free one.", advanced=True
    )
    loop: Literal["asyncio", "uvloop"] = knob(
        "asyncio",
        title="Event loop",
        description="Python's own loop shows every callback; uvloop is faster, but shows only task steps.",
        advanced=True,
    )
    http: Literal["httptools", "h11"] = knob(
        "httptools", title="HTTP parser", description="httptools parses in C, h11 in Python.", advanced=True
    )
    backlog: int = knob(
        2048, ge=1, le=65_535, title="Backlog", unit="connections", advanced=True,
        description="How many connections the system keeps waiting until they are accepted.",
    )  # fmt: skip
    keep_alive: float = knob(
        5.0, ge=0, le=3600, title="Keep-alive", unit="s", advanced=True,
        description="How long an idle connection stays open.",
    )  # fmt: skip
    limit_concurrency: int = knob(
        0, ge=0, le=100_000, title="Connection limit", unit="connections", advanced=True,
        description="Beyond this number the server answers 503; 0 means no limit.",
    )  # fmt: skip
    switch_interval: float = knob(
        0.005, ge=0.00001, le=10, title="Switch interval", unit="s", effect="live", advanced=True,
        description="After this time a thread that holds the GIL is asked to give it up (sys.setswitchinterval).",
    )  # fmt: skip
    gc: bool = knob(
        True, title="Garbage collector", effect="live", advanced=True,
        description="Whether Python's cyclic garbage collector runs by itself.",
    )  # fmt: skip
    sampling: float = knob(
        5.0, ge=0, le=50, title="Sampling", unit="% of a core", effect="live", advanced=True,
        description="What watching thread states and the GIL from outside may take at most; 0 turns it off.",
    )  # fmt: skip
    affinity: str = knob(
        "", title="CPU affinity", advanced=True,
        description="Cores that the server may use, such as 0 or 0,2-3; empty means all.",
    )  # fmt: skip
    isolate: bool = knob(
        False, title="Keep apart", advanced=True,
        description="Pins server, load and window to cores of their own, where there are enough.",
    )  # fmt: skip
    interpreter: str = knob(
        "", title="Interpreter", advanced=True, empty="the explorer's own",
        description="The Python that runs the server: a path, or a version such as 3.13 or 3.13t (free-threaded); "
        "empty means the one that runs the explorer.",
    )  # fmt: skip
    operations: bool = knob(
        False, title="Operations", advanced=True,
        description="Shows what FastAPI does within each request of a workload, at about 13 µs each.",
    )  # fmt: skip
    locks: bool = knob(
        True, title="Locks", advanced=True,
        description="Shows who holds the locks and queues that the app makes and who waits for them, "
        "at about 2 µs each time one is taken.",
    )  # fmt: skip


class LoadKnobs(Knobs):
    """How requests are made, and from where. Which knobs count depends on `mode` and `where`."""

    mode: Literal["users", "rate", "poisson", "burst"] = knob(
        "users",
        title="Kind of load",
        effect="live",
        description="Users wait for their answer before they ask again; a rate does not wait for anybody.",
        labels={"users": "Users", "rate": "Rate", "poisson": "Poisson", "burst": "Burst"},
    )
    users: int = knob(
        10, ge=0, le=10_000, title="Users", unit="users", effect="live",
        description="How many users ask, each waiting for its answer; 0 leaves the server to your own client.",
    )  # fmt: skip
    think_time: float = knob(
        0.0, ge=0, le=3600, title="Think time", unit="s", effect="live",
        description="Mean pause of a user between an answer and the next request (exponential).",
    )  # fmt: skip
    rate: float = knob(
        100.0, gt=0, le=200_000, title="Rate", unit="requests/s", effect="live",
        description="How many requests a second are sent, whether the server keeps up or not.",
    )  # fmt: skip
    requests: int = knob(
        100, ge=1, le=1_000_000, title="Requests", unit="requests", effect="live",
        description="How many requests a burst sends at once.",
    )  # fmt: skip
    ramp: float = knob(
        0.0, ge=0, le=3600, title="Ramp", unit="s", effect="start", advanced=True,
        description="Time over which users or rate grow from 0 to their value at the start.",
    )  # fmt: skip
    connections: int = knob(
        2000, ge=1, le=20_000, title="Most connections", unit="connections", effect="live", advanced=True,
        description="How many connections a rate may open at once; beyond it requests wait in the client.",
    )  # fmt: skip
    keep_alive: bool = knob(
        True, title="Reuse connections", effect="live", advanced=True,
        description="Send the next request over the same connection; off opens a new one for each.",
    )  # fmt: skip
    message_bytes: int = knob(
        128, ge=64, le=1_048_576, title="Message size", unit="bytes", effect="live", advanced=True,
        description="How long a WebSocket message of the load is; it begins with the number of its request.",
    )  # fmt: skip
    timeout: float = knob(
        60.0, gt=0, le=3600, title="Time-out", unit="s", effect="live", advanced=True,
        description="A request without a complete answer after this time counts as timed out.",
    )  # fmt: skip
    duration: float = knob(
        0.0, ge=0, le=86_400, title="Duration", unit="s", effect="live", advanced=True,
        description="How long the load goes on; 0 means until you stop it.",
    )  # fmt: skip
    seed: int = knob(
        1,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        effect="start",
        advanced=True,
        description="Start of the random numbers, so that a run can be repeated.",
    )
    where: Literal["here", "cluster"] = knob(
        "here", title="Sent from", effect="start", advanced=True,
        labels={"here": "Here", "cluster": "Dask hosts"},
        description="A cluster sends from all its hosts at once, each its part of the users or of the rate.",
    )  # fmt: skip
    cluster: str = knob(
        "", title="Scheduler", effect="start", advanced=True,
        description="Address of the Dask scheduler whose hosts send, such as tls://cluster.example:8786; "
        "empty starts a cluster of one host, this machine.",
    )  # fmt: skip
    ca: str = knob(
        "", title="TLS authority", effect="start", advanced=True,
        description="File with the certificates (PEM) of the authority that the load's scheduler must prove itself by.",
    )  # fmt: skip
    cert: str = knob(
        "", title="TLS certificate", effect="start", advanced=True,
        description="File with the certificate (PEM) that this side shows to the load's scheduler.",
    )  # fmt: skip
    key: str = knob(
        "", title="TLS key", effect="start", advanced=True,
        description="File with the private key (PEM) of that certificate.",
    )  # fmt: skip


class Phase(Knobs):
    """One `[[load.phase]]`: from `at` on (s after the load began) these values hold, reached over `ramp` seconds."""

    at: float = knob(0.0, ge=0, le=86_400, title="Begins at", unit="s", description="Seconds after the load began.")
    users: int | None = knob(
        None, ge=0, le=10_000, title="Users", unit="users", description="Number of users from then on."
    )
    rate: float | None = knob(None, gt=0, le=200_000, title="Rate", unit="requests/s", description="Rate from then on.")
    ramp: float = knob(
        0.0, ge=0, le=3600, title="Ramp", unit="s", description="Time over which the new value is reached."
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A feature of the catalogue with its knobs: the table `[model]`, `[dispatch]` or `[workload]`."""

    id: str
    knobs: Knobs

    def plain(self, *, masked: bool = False) -> dict[str, Any]:
        """The table as plain data: `id` and every knob, passwords `masked` or as they are."""
        return {"id": self.id} | _plain(self.knobs) | (mask(self.knobs) if masked else {})


@dataclass(frozen=True, slots=True)
class Also:
    """One `[[also]]`: a second workload at `/also/N/job` (N from 1), which gets `share` of the requests (0 … 1)."""

    workload: Chosen
    dispatch: Chosen
    share: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario. Make one with `parse`, `read` or `default`; change it with `changed`."""

    name: str
    server: ServerKnobs
    model: Chosen
    dispatch: Chosen
    workload: Chosen
    load: LoadKnobs
    phases: tuple[Phase, ...] = ()
    also: tuple[Also, ...] = ()
    app: AppKnobs = field(default_factory=AppKnobs)
    routes: tuple[RouteKnobs, ...] = ()

    @property
    def own(self) -> bool:
        """Whether an app of the user's own is served; dispatch, workload and `also` do not apply then."""
        return bool(self.app.target)

    def knobs(self, section: str) -> Knobs:
        """The knobs of one of `SECTIONS`."""
        part = getattr(self, section)
        return part.knobs if isinstance(part, Chosen) else cast(Knobs, part)

    def to_dict(self, *, masked: bool = False) -> dict[str, Any]:
        """The scenario as plain data, every knob written out, in the shape of the TOML file.

        What leaves the run for a file, a report or a screen is `masked`: without the passwords of its URLs.
        """
        data: dict[str, Any] = {"name": self.name, "server": _plain(self.server)}
        for section in ("model",) if self.own else ("model", "dispatch", "workload"):
            data[section] = getattr(self, section).plain(masked=masked)
        if self.app != AppKnobs():
            data["app"] = _plain(self.app, masked)
        if self.routes:
            data["app"]["route"] = [_plain(route) | (mask_route(route) if masked else {}) for route in self.routes]
        data["load"] = _plain(self.load)
        if self.phases:
            data["load"]["phase"] = [_plain(phase) for phase in self.phases]
        if self.also and not self.own:
            data["also"] = [
                {
                    "share": one.share,
                    "workload": one.workload.plain(masked=masked),
                    "dispatch": one.dispatch.plain(masked=masked),
                }
                for one in self.also
            ]
        return data

    def to_toml(self, *, masked: bool = False) -> str:
        """The scenario as a TOML text that `parse` reads back to an equal one, but for passwords if `masked`."""
        import tomli_w  # here, because the interpreter of a server need not have it

        return tomli_w.dumps(self.to_dict(masked=masked))

    def changed(self, catalog: Catalog, section: str, key: str, value: Any) -> "Scenario":
        """A copy with one knob changed. With `key` "id" another feature is chosen, with its default knobs.

        With another feature it is no longer the scenario that its name speaks of: the copy has none.
        """
        data = self.to_dict()
        if section == "app":
            data = with_app(data, key, value)
        elif self.own and section in NOT_WITH_AN_APP:
            raise OptionError(f"With an app of your own the {section} does not apply.", section)
        elif key == "id":
            if value != data[section]["id"]:
                data["name"] = ""
            data[section] = {"id": value}
        else:
            data[section][key] = value
        return parse(catalog, data)

    def restarts(self, other: "Scenario") -> bool:
        """Whether going from this scenario to `other` needs a new server; if not, it changes live or counts later."""
        if (self.model.id, self.dispatch.id, self.workload.id) != (
            other.model.id,
            other.dispatch.id,
            other.workload.id,
        ):
            return True
        if [(a.workload.id, a.dispatch.id) for a in self.also] != [(b.workload.id, b.dispatch.id) for b in other.also]:
            return True
        return any(effect == "restart" for _, _, _, effect in self.differences(other))

    def differences(self, other: "Scenario") -> list[tuple[str, str, Any, str]]:
        """The knobs of features that both have in common and that differ: (section, key, new value, effect)."""
        found = []
        for section in SECTIONS:
            mine, new = self.knobs(section), other.knobs(section)
            if type(mine) is not type(new):
                continue
            for key, one in type(new).model_fields.items():
                if getattr(mine, key) != getattr(new, key):
                    found.append((section, key, getattr(new, key), str(extra(one, "effect"))))
        return found


def parse(catalog: Catalog, data: Mapping[str, Any]) -> Scenario:
    """Check plain data in the shape of the TOML file. Raises `OptionError` with one sentence.

    `model`, `dispatch` and `workload` may be tables with an `id`, or just the id.
    """
    try:
        return _parse(catalog, data)
    except RecursionError:
        raise OptionError("This scenario nests its values too deeply; no knob needs that.") from None


def _parse(catalog: Catalog, data: Mapping[str, Any]) -> Scenario:
    known = {"name", "also", *SECTIONS}
    for key in data:
        if key not in known:
            raise OptionError(f"A scenario has no part '{key}'. {suggest(key, known)}", key)
    table = table_of("app", data.get("app", {}))
    app, routes = app_of(table, tables_of("app.route", table.pop("route", [])), data)
    load = table_of("load", data.get("load", {}))
    phases = tables_of("load.phase", load.pop("phase", []))
    workload = _chosen(catalog, "workload", data.get("workload", DEFAULT["workload"]))
    dispatch = _chosen(catalog, "dispatch", data.get("dispatch", DEFAULT["dispatch"]))
    model = _chosen(catalog, "model", data.get("model", DEFAULT["model"]))
    _check_together(catalog, model, dispatch, workload)
    also = tuple(
        _numbered(number, catalog, one, model, dispatch.id)
        for number, one in enumerate(tables_of("also", data.get("also", [])), 1)
    )
    # Shares are decimals: ten times 0.1 is a hair more than 1, or less.
    if sum(one.share for one in also) > 1 + 1e-9:
        raise OptionError("The shares of all '[[also]]' together must not be above 1; lower one of them.", "also.share")
    return Scenario(
        name=_name(data.get("name", "")),
        server=build("server", ServerKnobs, table_of("server", data.get("server", {}))),
        model=model,
        dispatch=dispatch,
        workload=workload,
        load=build("load", LoadKnobs, load),
        phases=tuple(build("load.phase", Phase, one) for one in phases),
        also=also,
        app=app,
        routes=routes,
    )


def packages(catalog: Catalog, scenario: Scenario) -> dict[str, str]:
    """Packages that the server must have for this scenario besides the framework, each with what asks for it."""
    pairs = [(scenario.workload, scenario.dispatch), *((one.workload, one.dispatch) for one in scenario.also)]
    found = dict.fromkeys(catalog.get("model", scenario.model.id).needs, "model")
    for workload, dispatch in pairs:
        feature, how = catalog.get("workload", workload.id), catalog.get("dispatch", dispatch.id)
        needed = dict.fromkeys(how.needs, "dispatch") | dict.fromkeys(feature.needs, "workload")
        found = feature.drivers(workload.knobs, how.form) | needed | found
    return found


@dataclass(frozen=True, slots=True)
class OldestPython:
    """The oldest Python that a scenario's features can run under; `title` is the feature that asks for it."""

    version: tuple[int, int]
    title: str

    def sentence(self, here: str) -> str:
        """That the Python with version `here` is too old."""
        return (
            f"{self.title} needs Python {self.version[0]}.{self.version[1]} or newer for the server, and this one is "
            f"{here}; choose another at Interpreter (server.interpreter)."
        )


ANY_PYTHON = OldestPython((3, 11), "The server")


def oldest_python(catalog: Catalog, scenario: Scenario) -> OldestPython:
    """Of all the features that the scenario uses, the one that needs the newest Python."""
    chosen = [("model", scenario.model), ("dispatch", scenario.dispatch), ("workload", scenario.workload)]
    for also in scenario.also:
        chosen += [("dispatch", also.dispatch), ("workload", also.workload)]
    features = [catalog.get(section, one.id) for section, one in chosen]
    needs = [OldestPython(feature.python, feature.title) for feature in features]
    return max((ANY_PYTHON, *needs), key=lambda need: need.version)


def reach(catalog: Catalog, scenario: Scenario) -> None:
    """Try what the scenario needs outside of this program. Raises `OptionError`; may take seconds."""
    pairs = [(scenario.workload, scenario.dispatch), *((one.workload, one.dispatch) for one in scenario.also)]
    for workload, dispatch in pairs:
        catalog.get("workload", workload.id).reach(workload.knobs)
        catalog.get("dispatch", dispatch.id).reach(dispatch.knobs)


def read(catalog: Catalog, path: Path) -> Scenario:
    """Read a scenario file; paths in it are seen from its folder.

    Raises `OptionError` if it is missing, no TOML, or holds what cannot be used.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise OptionError(f"{path} is no text. Choose a scenario in TOML; a recording is opened with 'open'.") from None
    except OSError as error:
        raise OptionError(f"{path} cannot be read ({error}). Choose a scenario in TOML.") from None
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path} is not valid TOML: {error}. Correct that line.") from None
    except RecursionError:
        raise OptionError(f"{path} nests its values too deeply; no knob needs that.") from None
    scenario = parse(catalog, beside(data, path.resolve().parent))
    return scenario if scenario.name else replace(scenario, name=path.stem)


def default(catalog: Catalog) -> Scenario:
    """The scenario of a new window."""
    return parse(catalog, {})


def assign(catalog: Catalog, scenario: Scenario, settings: Iterable[str]) -> Scenario:
    """Apply `--set` words, each `section.key=value`, in their order."""
    for word in settings:
        path, equals, text = word.partition("=")
        section, dot, key = path.strip().partition(".")
        if not (equals and dot and key):
            raise OptionError(f"'{word}' is not of the form section.key=value, such as workload.seconds=0.2.")
        if section not in SECTIONS:
            raise OptionError(f"There is no section '{section}'. {suggest(section, SECTIONS)}")
        value = parse_value(text)
        if key != "id":
            known = type(scenario.knobs(section)).model_fields.get(key)
            if known is not None and known.annotation is str:
                value = text.strip()
        scenario = scenario.changed(catalog, section, key, value)
    return scenario


def _numbered(number: int, catalog: Catalog, data: dict[str, Any], model: Chosen, dispatch: str) -> Also:
    """One `[[also]]`; what is wrong in it is told with its number (from 1), since there may be several."""
    try:
        return _also(catalog, data, model, dispatch)
    except OptionError as error:
        raise OptionError(f"In [[also]] {number}: {error}", f"also.{number}.{error.where}") from None


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise OptionError("'name' must be words in quotes, such as name = \"Two pools\".", "name")
    return value


def _also(catalog: Catalog, data: dict[str, Any], model: Chosen, dispatch: str) -> Also:
    if "workload" not in data:
        raise OptionError(f'The workload is missing; give one, such as workload = "{DEFAULT["workload"]}".', "workload")
    workload = _chosen(catalog, "workload", data.pop("workload"))
    chosen = _chosen(catalog, "dispatch", data.pop("dispatch", dispatch))
    _check_together(catalog, model, chosen, workload)
    share = data.pop("share", 0.5)
    if data:
        key = next(iter(data))
        raise OptionError(f"There is no part '{key}'. {suggest(key, ('workload', 'dispatch', 'share'))}", key)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise OptionError("The share must be a number from 0 to 1.", "share")
    return Also(workload, chosen, float(share))


def _chosen(catalog: Catalog, section: str, data: object) -> Chosen:
    if not isinstance(data, (str, Mapping)):
        example = f'{section} = "{DEFAULT[section]}"'
        raise OptionError(f"'{section}' must be a word in quotes, such as {example}, or a table with an id.", section)
    table = {"id": data} if isinstance(data, str) else dict(data)
    identity = table.pop("id", DEFAULT[section])
    if not isinstance(identity, str):
        raise OptionError(f'{section}.id must be a word in quotes, such as id = "{DEFAULT[section]}".', section)
    feature = catalog.get(section, identity)
    reason = feature.available()
    if reason is not None:
        raise OptionError(reason, section)
    return Chosen(feature.id, build(section, feature.knobs, table))


def _check_together(catalog: Catalog, model: Chosen, dispatch: Chosen, workload: Chosen) -> None:
    chosen = {"model": model, "dispatch": dispatch, "workload": workload}
    reason = catalog.refusal(*(catalog.get(section, one.id) for section, one in chosen.items()))
    if reason is not None:
        raise OptionError(reason, "dispatch")
    bound = catalog.get("workload", workload.id).bound
    if bound and catalog.get("dispatch", dispatch.id).leaves(dispatch.knobs):
        raise OptionError(f"{bound} Leave dispatch.address empty, or choose another workload.", "dispatch.address")


def _plain(knobs: Knobs, masked: bool = False) -> dict[str, Any]:
    return knobs.model_dump(exclude_none=True) | (mask(knobs) if masked else {})
