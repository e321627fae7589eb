"""Database: the request reads, waits and writes in one transaction, on a connection from a pool that can run dry."""

from typing import Any

from explorer.catalog import Feature, installed
from explorer.demand import Demand, Guard, Per
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.databases import DatabaseUrl, drivers, reach


class DatabaseKnobs(Knobs):
    """Which database, how large the pool is, how long a request keeps a connection."""

    url: DatabaseUrl = knob(
        "", title="URL", secret=True,
        description="SQLAlchemy URL of the database, which gets a table explorer_account; empty means a SQLite file "
        "of this run.",
    )  # fmt: skip
    pool_size: int = knob(
        5, ge=1, le=1000, title="Pool size", unit="connections",
        description="How many connections each process (and each event loop, where the driver awaits) keeps open.",
    )  # fmt: skip
    overflow: int = knob(
        0, ge=0, le=1000, title="Overflow", unit="connections",
        description="How many more it opens while all of those are lent out; they are closed when they come back.",
    )  # fmt: skip
    pool_timeout: float = knob(
        30.0, gt=0, le=3600, title="Pool time-out", unit="s",
        description="A request that has waited this long for a connection is answered with 503.",
    )  # fmt: skip
    seconds: float = knob(
        0.1, ge=0, le=60, title="Transaction", unit="s", effect="live",
        description="How long each request keeps its connection between reading and writing (pg_sleep on PostgreSQL).",
    )  # fmt: skip


NEEDS = ("sqlalchemy", "greenlet")


def needed_drivers(knobs: Any, form: str) -> dict[str, str]:
    """The driver for the chosen database."""
    return drivers(knobs.url, form)


def demand(knobs: DatabaseKnobs, form: str) -> Demand:
    """Every engine has a pool: one for each loop where the driver awaits, one for each process where it does not."""
    places = knobs.pool_size + knobs.overflow
    per: Per = "loop" if form == "awaiting" else "process"
    pool = Guard("connections of the pool", places, knobs.seconds, per, patience_s=knobs.pool_timeout)
    return Demand(waits_s=knobs.seconds, guard=pool)


feature = Feature(
    id="database",
    title="Database",
    short="Queries through a pool.",
    summary="Queries through a pool of connections that can run dry.",
    group="Data",
    order=90,
    # Two connections, both lent out; the third request waits until one comes back.
    picture=(
        (0, 0.04, 0.04, State.RUNNING),
        (0, 0.08, 0.40, State.BLOCKED),
        (0, 0.48, 0.03, State.RUNNING),
        (1, 0.12, 0.04, State.RUNNING),
        (1, 0.16, 0.40, State.BLOCKED),
        (1, 0.56, 0.03, State.RUNNING),
        (2, 0.20, 0.31, State.QUEUED),
        (2, 0.51, 0.40, State.BLOCKED),
        (2, 0.91, 0.03, State.RUNNING),
    ),
    entry="explorer.server.workloads.database.body:blocking",
    knobs=DatabaseKnobs,
    available=installed(*NEEDS),
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    needs=NEEDS,
    drivers=needed_drivers,
    reach=lambda knobs: reach(knobs.url),
    probes=("explorer.probe.database:watch",),
    bound="The database of this workload is on this machine, or its drivers are.",
    demand=demand,
    idle={"seconds": 0.0, "url": ""},
)
