"""The server child: imports the web framework while it waits, then serves one scenario until it is told to stop."""

import importlib
import socket
from pathlib import Path
from typing import Any

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.scenario import Scenario, parse
from explorer.server import tracing
from explorer.server.context import ServerContext
from explorer.server.live import apply_server_knobs
from explorer.server.own.begin import within_reach
from explorer.server.own.surround import surround

FRAMEWORK = (
    "fastapi.openapi.docs",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.supervisors",
    "explorer.server.one_loop",
)
# What an interpreter may lack, as long as nobody asks for it. A free-threaded one imports it only when somebody does:
# an extension may switch the GIL on.
OPTIONAL = ("uvicorn.protocols.http.httptools_impl", "explorer.server.websocket_protocol")


def prepare() -> str:
    """Import what every server needs; this is most of a start."""
    for name in FRAMEWORK:
        importlib.import_module(name)
    for name in () if tracing.free_threaded() else OPTIONAL:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    return "FastAPI imported"


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Serve `config["scenario"]` on the listening socket `config["listener"]` as epoch `config["epoch"]`."""
    tracing.log_everything(config.get("scenario", {}))
    if "listener" not in config:
        raise OptionError("The server was given no listener; start it through a session.")
    catalog = Catalog()
    scenario = parse(catalog, config["scenario"])
    late: list[str] = []
    if scenario.own:
        late = surround(scenario.app, Path(config["run"]) if "run" in config else None)
        scenario = within_reach(scenario, channel)
    apply_server_knobs(scenario.server)
    model = catalog.get("model", scenario.model.id)
    tracer = tracing.join(Role.SERVER, tracing.label(model.loop or scenario.server.loop, _workers(scenario)))
    tracing.tell_if_unobserved(tracer, channel)
    tracing.locks(tracer, scenario, channel)
    listener = socket.socket(fileno=config["listener"])
    try:
        serve = _entry(model.entry)
        epoch, services = int(config.get("epoch", 0)), config.get("services", {})
        serve(ServerContext(channel, scenario, catalog, listener, tracer, epoch, services, late))
    finally:
        listener.close()
        if tracer is not None:
            tracer.close()


def _workers(scenario: Scenario) -> int:
    """How many processes the model serves with besides this one."""
    return int(getattr(scenario.knobs("model"), "workers", 0))


def _entry(entry: str) -> Any:
    module, _, name = entry.partition(":")
    return getattr(importlib.import_module(module), name)
