"""Stands for a session: starts servers with workers and pools, says so, and waits to be killed.

Run as a program with a run folder; prints a line of JSON when everything runs.
"""

import json
import sys
import time
from pathlib import Path

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import assign, default
from explorer.supervise.supervisor import Supervisor

SERVERS = (
    ("model.id=prefork", "model.workers=2", "dispatch.id=process_pool", "dispatch.processes=2"),
    ("dispatch.id=blocking_coroutine", "workload.seconds=30"),
)


def main() -> None:
    """Start the servers, one after the other, each with a listener of its own."""
    catalog = Catalog()
    run = Path(sys.argv[1])
    supervisors = []
    for settings in SERVERS:
        scenario = assign(catalog, default(catalog), settings)
        supervisor = Supervisor(run)
        supervisor.listen(scenario.server.host, scenario.server.port)
        child = supervisor.spawn("explorer.server.process", role=Role.SERVER)
        child.configure(scenario=scenario.to_dict(), run=str(run), epoch=1, listener=supervisor.listener_for(child))
        child.wait_for("ready", 40)
        supervisors.append(supervisor)
    print(json.dumps([supervisor.address for supervisor in supervisors]), flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
