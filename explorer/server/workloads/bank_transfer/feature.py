"""Bank transfers: requests move money between accounts in transactions; how much arrives is up to level and style."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from explorer.catalog import Feature, installed
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.databases import check_url, dialect_of, drivers, reach
from explorer.server.workloads.bank_transfer.levels import LEVELS, STYLES, check_style, level_of

EMBEDDED = "embedded"


def _place(url: str) -> str:
    if url == EMBEDDED:
        return url
    if url and dialect_of(check_url(url)) not in LEVELS:
        raise PydanticCustomError("url", "the bank knows SQLite, PostgreSQL, MariaDB and MySQL; name one of those")
    return url


class BankKnobs(Knobs):
    """Which database, how a transfer is written, how many may be in one another's way."""

    url: Annotated[str, AfterValidator(_place)] = knob(
        "", title="URL", secret=True,
        description="SQLAlchemy URL of the database, which gets tables explorer_bank_… for one run at a time; "
        "embedded means a PostgreSQL of this run, empty a SQLite file of this run.",
    )  # fmt: skip
    level: Literal[
        "default", "AUTOCOMMIT", "DEFERRED", "IMMEDIATE",
        "READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE",
    ] = knob(
        "default", title="Level", labels={"default": "The engine's default"},
        description="The level of isolation by the engine's own name; DEFERRED and IMMEDIATE are SQLite's, and "
        "AUTOCOMMIT makes every statement a transaction of its own.",
    )  # fmt: skip
    style: Literal["read_write", "atomic", "for_update", "version"] = knob(
        "read_write", title="Style", labels=dict(STYLES),
        description="How a transfer is written: reading a balance and writing back what was computed may lose what "
        "others wrote in between.",
    )  # fmt: skip
    retries: int = knob(
        10, ge=0, le=1000, title="Retries", effect="live",
        description="How often a transfer that the database has aborted (not serializable, deadlock, busy) is begun "
        "anew before it is given up and answered with 503.",
    )  # fmt: skip
    backoff: float = knob(
        0.005, ge=0, le=10, title="Back-off", unit="s", effect="live",
        description="Before the first retry a transfer waits up to so long, by chance; before each further one up to "
        "twice as long, at most 1 s.",
    )  # fmt: skip
    accounts: int = knob(
        10, ge=2, le=100_000, title="Accounts",
        description="How many accounts there are; the fewer, the more often two transfers meet in one.",
    )  # fmt: skip
    ordered: bool = knob(
        False, title="Lower account first", effect="live",
        description="Touch the account with the lower number first, so that no circle of waiting transfers can form.",
    )  # fmt: skip
    think: float = knob(
        0.002, ge=0, le=60, title="Think time", unit="s", effect="live",
        description="How long a transfer takes from reading to writing, while its transaction is open.",
    )  # fmt: skip
    long_every: int = knob(
        0, ge=0, le=100_000, title="Long one in", unit="transfers", effect="live",
        description="One transfer in so many, by chance, keeps its transaction open for long; 0 means none.",
    )  # fmt: skip
    long_seconds: float = knob(
        1.0, ge=0, le=60, title="Long transaction", unit="s", effect="live",
        description="How long those take from reading to writing.",
    )  # fmt: skip
    pool_size: int = knob(
        10, ge=1, le=1000, title="Pool size", unit="connections",
        description="How many connections each process (and each event loop, where the driver awaits) keeps open.",
    )  # fmt: skip
    pool_timeout: float = knob(
        30.0, gt=0, le=3600, title="Pool time-out", unit="s",
        description="A request that has waited this long for a connection is answered with 503.",
    )  # fmt: skip
    journal: Literal["wal", "delete"] = knob(
        "wal", title="SQLite's journal", labels={"wal": "Write-ahead log", "delete": "Rollback journal"}, advanced=True,
        description="In which way the run's SQLite file can be rolled back; with a write-ahead log readers and the "
        "writer do not wait for one another.",
    )  # fmt: skip


NEEDS = ("sqlalchemy", "greenlet")


def engine_of(url: str) -> str:
    """The kind of database that a URL of this workload means."""
    return "postgresql" if url == EMBEDDED else dialect_of(url) if url else "sqlite"


def needed_drivers(knobs: Any, form: str) -> dict[str, str]:
    """The driver for the chosen database. Here it is said, before anything starts, that it lacks a level or a style."""
    level_of(engine_of(knobs.url), knobs.level)
    check_style(engine_of(knobs.url), knobs.style)
    return {"psycopg": "workload.url"} if knobs.url == EMBEDDED else drivers(knobs.url, form)


def services(knobs: Any) -> dict[str, dict[str, Any]]:
    """A PostgreSQL of the run, if that was asked for."""
    return {"postgres": {"required": True}} if knobs.url == EMBEDDED else {}


def reach_database(knobs: Any) -> None:
    """Knock at the user's database."""
    if knobs.url != EMBEDDED:
        reach(knobs.url)


feature = Feature(
    id="bank_transfer",
    title="Bank transfers",
    short="Money, in transactions.",
    summary="Moves money between accounts in transactions; some of it may get lost.",
    group="Data",
    order=95,
    # Three transfers: the second waits for the first one's row, the third is aborted and begins anew.
    picture=(
        (0, 0.04, 0.06, State.RUNNING),
        (0, 0.10, 0.34, State.BLOCKED),
        (0, 0.44, 0.04, State.RUNNING),
        (1, 0.10, 0.06, State.RUNNING),
        (1, 0.16, 0.28, State.WAITING_LOCK),
        (1, 0.44, 0.34, State.BLOCKED),
        (1, 0.78, 0.04, State.RUNNING),
        (2, 0.14, 0.06, State.RUNNING),
        (2, 0.20, 0.24, State.BLOCKED),
        (2, 0.44, 0.10, State.QUEUED),
        (2, 0.54, 0.34, State.BLOCKED),
        (2, 0.88, 0.04, State.RUNNING),
    ),
    entry="explorer.server.workloads.bank_transfer.body:blocking",
    knobs=BankKnobs,
    available=installed(*NEEDS),
    forms=("awaiting", "blocking"),
    calls={"time.sleep": State.BLOCKED},
    services=services,
    needs=NEEDS,
    drivers=needed_drivers,
    reach=reach_database,
    probes=("explorer.probe.database:watch",),
    bound="The database of this workload is on this machine, or its drivers are.",
)
