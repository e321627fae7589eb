"""A session's children together: started here, ended here, with the listener that outlives its servers."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.scenario import ANY_PYTHON, OldestPython, Scenario, ServerKnobs
from explorer.supervise import cores
from explorer.supervise.channel import Child
from explorer.supervise.checks import NOTHING, Checks
from explorer.supervise.interpreters.find import Interpreters
from explorer.supervise.listener import Listener, Resolved, bind, resolve
from explorer.supervise.spawn import spawn

TOO_FEW_CORES: Final = (
    f"Server, load and window cannot be kept apart: that takes {cores.FEWEST_TO_KEEP_APART} cores, and here are {{}}."
)
GONE_S: Final = 3.0
CLOSED: Final = "The run has ended: nothing more is started for it."


class Adopts(Protocol):
    """What ends its members with the session, where the system has such a thing."""

    def adopt(self, pid: int) -> None:
        """Make process `pid` a member."""
        ...


class Supervisor:
    """Owns all children of a session. Its methods are for the main thread, except `check`."""

    def __init__(self, run: Path | None = None, interpreters: Interpreters | None = None) -> None:
        """Children join `run`; without one they wait for the configuration that names it.

        `interpreters` may know already what interpreters have said.
        """
        self._run = run
        self._children: list[Child] = []
        self._listener: Listener | None = None
        self._checks = Checks(interpreters)
        self._cores: dict[Role, tuple[int, ...]] = {}
        self._note = ""
        self._job = _job()
        self._machine = cores.available()
        self._pinned = False
        self._closed = False

    @property
    def children(self) -> list[Child]:
        """Those that live."""
        return [child for child in self._children if child.returncode is None]

    def check(
        self, scenario: Scenario, packages: Mapping[str, str] = NOTHING, oldest: OldestPython = ANY_PYTHON
    ) -> Resolved:
        """Raise `OptionError` if the server could not start. Changes nothing, and may be called from any thread.

        `packages` and `oldest` as in `Checks.server`. Returns what `listen` needs to know of the scenario's host and
        port: to ask for it may take its time, so that it is no question for the main thread.
        """
        self._checks.server(scenario.server, packages, oldest, own=scenario.own)
        cores.parse(scenario.server.affinity, self._machine)
        return resolve(scenario.server.host, scenario.server.port)

    def check_interpreter(self, server: ServerKnobs) -> None:
        """Raise `OptionError` if the interpreter cannot run a server at all; may be called from any thread."""
        self._checks.server(server, own=True)

    def settle(self, scenario: Scenario) -> None:
        """Settle on the cores of all processes, after `check` and on the main thread: this process is bound at once."""
        here = self._machine
        chosen = cores.parse(scenario.server.affinity, here)
        division = cores.apart(here) if scenario.server.isolate else None
        few = TOO_FEW_CORES.format(len(here)) if scenario.server.isolate and division is None else ""
        self._note = " ".join(filter(None, (few, self._checks.remark(scenario.server.interpreter))))
        self._cores = dict(division or {})
        if chosen:
            self._cores[Role.SERVER] = chosen
        if division is not None or self._pinned:
            cores.pin_self(self._cores.get(Role.WINDOW, here))
            self._pinned = division is not None
        for child in self.children:
            child.defaults = self._defaults(child.role)

    def listen(self, host: str, port: int, backlog: int = 2048, resolved: Resolved | None = None) -> Listener:
        """The listener on `host` and `port`: the present one if it serves them, else a new one.

        `resolved` is what `check` returned; without it the host is looked up here. Raises `OptionError`; then the
        present one stays. After `close` nothing is opened any more: that is an `OptionError` too.
        """
        if self._closed:
            raise OptionError(CLOSED)
        old = self._listener
        if old is not None and old.serves(host, port, resolved):
            return old
        self._listener = bind(host, port, backlog, beside=old, resolved=resolved)
        if old is not None:
            old.close()
        return self._listener

    @property
    def address(self) -> tuple[str, int]:
        """Where the listener is reached from this machine; only after `listen`."""
        if self._listener is None:
            raise RuntimeError("there is no listener yet")
        return self._listener.host, self._listener.port

    @property
    def url(self) -> str:
        """The listener's address for people; only after `listen`."""
        if self._listener is None:
            raise RuntimeError("there is no listener yet")
        return self._listener.url

    @property
    def exposed(self) -> str:
        """The address at which other machines may reach the server; empty if only this one can."""
        return self._listener.exposed if self._listener is not None else ""

    def listener_for(self, child: Child) -> Listener:
        """The listener to `configure` a server with."""
        if self._listener is None:
            raise RuntimeError(f"there is no listener yet for process {child.pid}")
        return self._listener

    def spawn(self, module: str, *, role: Role, interpreter: str = "", run: Path | None = None) -> Child:
        """A child that waits for its configuration. `interpreter` is the knob's text, after `check`.

        Raises `OptionError` if the interpreter cannot be started, and after `close`: nobody would end that child.
        """
        if self._closed:
            raise OptionError(CLOSED)
        child = self._start(module, role, self._checks.path(interpreter), run or self._run)
        child.defaults = self._defaults(role)
        return child

    def close(self, within: float = 1.0) -> None:
        """End all children that live and give the address up. Nobody is left when this returns, and nobody comes."""
        self._closed = True
        self.stop_all(within)
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._pinned:
            cores.pin_self(self._machine)
            self._pinned = False

    def stop_all(self, within: float = 1.0) -> None:
        """Ask all children to end, wait, kill those that have not."""
        living = self.children
        for child in living:
            child.stop(within)
        deadline = time.monotonic() + within + GONE_S
        for child in living:
            if child.wait(max(0.0, deadline - time.monotonic())) is None:
                child.kill()
                child.wait(GONE_S)
        self._children = self.children

    def _start(self, module: str, role: Role, interpreter: str, run: Path | None) -> Child:
        try:
            child = spawn(module, role=role, run=run, interpreter=interpreter)
        except OSError as error:
            raise OptionError(
                f"The {role} cannot be started with '{interpreter}' ({error.strerror}); choose another interpreter.",
                "server.interpreter",
            ) from None
        self._children = [*self.children, child]
        if self._job is not None:
            self._job.adopt(child.pid)
        return child

    def _defaults(self, role: Role) -> dict[str, object]:
        # A child inherits this process's own cores, so that each must be told when that one is bound.
        wanted = self._cores.get(role, self._machine if self._pinned else ())
        defaults: dict[str, object] = {"cores": list(wanted)} if wanted else {}
        if self._note and role is Role.SERVER:
            defaults["note"] = self._note
        return defaults


def _job() -> Adopts | None:
    if sys.platform == "win32":
        from explorer.supervise.job import Job

        return Job()
    return None
