"""Once a second: what the status bar says of processes, records and the cost of observing them."""

import time

from explorer.collect.source import Tally
from explorer.desktop.control import Control
from explorer.desktop.panels.status_bar import StatusBar
from explorer.desktop.panels.words import ROLE_ORDER
from explorer.records.clock import now_ns
from explorer.session.run_file import cores


class Observer:
    """Turns totals into rates by remembering the last ones."""

    def __init__(self, control: Control, status: StatusBar) -> None:
        self._control = control
        self._status = status
        self._cores = cores()
        self._time = now_ns()
        self._cpu = time.process_time()
        self._tally = Tally()

    def begin(self) -> None:
        """A new run: begin to count anew."""
        self._tally = Tally()
        self._time, self._cpu = now_ns(), time.process_time()

    def refresh(self) -> None:
        """Compute the rates since the last call and show them."""
        control = self._control
        now, cpu, tally = now_ns(), time.process_time(), control.store.tally
        seconds = (now - self._time) / 1e9
        if seconds <= 0:
            return
        per_second = max(0, tally.written - self._tally.written) / seconds
        window = (cpu - self._cpu) / seconds / self._cores
        self._time, self._cpu, self._tally = now, cpu, tally
        living = [(one.role, one.pid) for one in control.store.processes.values() if one.ended_ns is None]
        living.sort(key=lambda one: (ROLE_ORDER.index(one[0]), one[1]))
        self._status.show_processes(living if control.state in ("starting", "running", "stopping") else [])
        self._status.show_records(per_second if control.state == "running" else 0.0, tally)
        self._status.show_cost(self._observing(), window if control.state == "running" else None)

    def _observing(self) -> float | None:
        if self._control.state != "running":
            return None
        return self._control.statistics.observing_share()
