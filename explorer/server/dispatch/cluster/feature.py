"""Cluster: the handler hands its work to a Dask scheduler, a worker does it, perhaps on another machine."""

import importlib.util
import sys
from typing import Any

from explorer.catalog import Feature
from explorer.cluster.access import FILES, Access
from explorer.demand import Places
from explorer.options import Knobs, knob
from explorer.records.states import State

SERVICE = "cluster"


class ClusterKnobs(Knobs):
    """Which cluster, how large the embedded one is, and how both sides of another prove who they are."""

    workers: int = knob(
        2, ge=1, le=32, title="Workers", unit="processes",
        description="How many workers the embedded cluster has; each is a process of this machine.",
    )  # fmt: skip
    threads: int = knob(
        2, ge=1, le=64, title="Threads per worker", unit="threads",
        description="How many requests' work a worker of the embedded cluster does at a time.",
    )  # fmt: skip
    address: str = knob(
        "", title="Scheduler", advanced=True,
        description="Where your Dask scheduler is, such as tls://10.0.0.7:8786; empty is a cluster of the run's own.",
    )  # fmt: skip
    ca: str = knob(
        "", title="CA file", advanced=True,
        description="File with the certificate of the authority that all certificates of your cluster come from.",
    )  # fmt: skip
    cert: str = knob(
        "", title="Certificate", advanced=True,
        description="File with the certificate by which this program proves itself to your scheduler.",
    )  # fmt: skip
    key: str = knob(
        "", title="Key file", advanced=True,
        description="File with the private key of that certificate; with all three files both sides use TLS.",
    )  # fmt: skip


def available() -> str | None:
    """It needs Dask."""
    if importlib.util.find_spec("distributed") is not None:
        return None
    return (
        "Dask, which makes a cluster of processes and machines, is missing; install it with: "
        f"{sys.executable} -m pip install distributed"
    )


def service_name(knobs: ClusterKnobs) -> str:
    """The cluster's service: one for all parts of a scenario that use the same cluster."""
    access = Access.of(knobs, "dispatch")
    return f"{SERVICE}:{access.address or f'{knobs.workers}x{knobs.threads}'}"


def services(knobs: ClusterKnobs) -> dict[str, dict[str, Any]]:
    """The cluster itself, or who looks after it."""
    access = Access.of(knobs, "dispatch")
    values = {name: getattr(access, name) for name in ("address", *FILES)}
    size = {"workers": knobs.workers, "threads": knobs.threads}
    return {service_name(knobs): values | (size if access.embedded else {})}


def reach(knobs: ClusterKnobs) -> None:
    """Look at what can be told before anything starts: the address's form, the files of TLS."""
    Access.of(knobs, "dispatch").look("dispatch")


def leaves(knobs: ClusterKnobs) -> bool:
    """Whether the work may be done on another machine."""
    return bool(knobs.address.strip())


def places(knobs: ClusterKnobs) -> Places | None:
    """Those of the embedded cluster, which all server processes share; how large another one is nobody can say."""
    if leaves(knobs):
        return None
    count = knobs.workers * knobs.threads
    return Places(count, "server", gils=knobs.workers, name="threads of workers", symbol="W")


feature = Feature(
    id="cluster",
    title="Cluster",
    short="Work on a Dask cluster.",
    summary="The work goes to a worker of a Dask cluster, a process on this machine or on another.",
    group="Beside the event loop",
    order=60,
    # The loop hands over, the scheduler (below it) passes on; workers of two machines run, one request waits.
    picture=(
        (0, 0.03, 0.03, State.RUNNING),
        (0, 0.10, 0.03, State.RUNNING),
        (0, 0.78, 0.03, State.RUNNING),
        (0, 0.86, 0.03, State.RUNNING),
        (1, 0.08, 0.03, State.RUNNING),
        (1, 0.15, 0.03, State.RUNNING),
        (1, 0.73, 0.03, State.RUNNING),
        (2, 0.14, 0.55, State.RUNNING),
        (3, 0.21, 0.55, State.RUNNING),
        (4, 0.10, 0.63, State.QUEUED),
        (4, 0.73, 0.24, State.AWAITING),
    ),
    entry="explorer.server.dispatch.cluster.handler:job",
    knobs=ClusterKnobs,
    available=available,
    form="blocking",
    services=services,
    needs=("distributed",),
    reach=reach,
    leaves=leaves,
    refuses={
        "model.window_loop": "Dask's client cannot live on the event loop of a window; choose another model, or "
        "another dispatch.",
    },
    places=places,
)
