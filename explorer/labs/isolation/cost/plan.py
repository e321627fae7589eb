"""What is measured: which database, which levels, how a transfer is written, how many at once; and its scenarios."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from explorer.catalog import Catalog
from explorer.labs.isolation.target import SQLITE
from explorer.option_error import OptionError
from explorer.options import Knobs, knob, suggest
from explorer.scenario import Scenario, parse
from explorer.server.workloads.bank_transfer.feature import EMBEDDED, engine_of
from explorer.server.workloads.bank_transfer.levels import AUTOCOMMIT, LEVELS, STYLES, check_style, level_of

SECTION: Final = "cost"
DISPATCH: Final = {"blocking": "thread_pool", "awaiting": "coroutine"}


class CostKnobs(Knobs):
    """The load and the transfers, equal at all levels."""

    style: Literal["read_write", "atomic", "for_update", "version"] = knob(
        "read_write", title="Style", effect="start", labels=dict(STYLES),
        description="How a transfer is written.",
    )  # fmt: skip
    transfers: int = knob(
        10_000, ge=10, le=10_000_000, title="Transfers", unit="a level", effect="start",
        description="How many must be committed at each level.",
    )  # fmt: skip
    users: int = knob(
        8, ge=1, le=200, title="Users", unit="users", effect="start",
        description="How many users make transfers, each waiting for its answer.",
    )  # fmt: skip
    accounts: int = knob(
        10, ge=2, le=100_000, title="Accounts", effect="start",
        description="How many accounts there are; the fewer, the more often two transfers meet in one.",
    )  # fmt: skip
    think: float = knob(
        0.002, ge=0, le=60, title="Think time", unit="s", effect="start",
        description="How long a transfer takes from reading to writing.",
    )  # fmt: skip
    retries: int = knob(
        10, ge=0, le=1000, title="Retries", effect="start",
        description="How often an aborted transfer is begun anew before it is given up.",
    )  # fmt: skip
    ordered: bool = knob(
        False, title="Lower account first", effect="start",
        description="Touch the account with the lower number first, so that no circle of waiting transfers can form.",
    )  # fmt: skip
    form: Literal["blocking", "awaiting"] = knob(
        "blocking", title="Form", effect="start", labels={"blocking": "Threads", "awaiting": "Coroutines"},
        description="Whether a transfer blocks a worker thread or is awaited.",
    )  # fmt: skip
    workers: int = knob(
        1, ge=1, le=16, title="Workers", unit="processes", effect="start",
        description="How many server processes make transfers; above 1 they are prefork's.",
    )  # fmt: skip
    pool_size: int = knob(
        10, ge=1, le=1000, title="Pool size", unit="connections", effect="start",
        description="How many connections each server process keeps open.",
    )  # fmt: skip
    journal: Literal["wal", "delete"] = knob(
        "wal", title="SQLite's journal", effect="start",
        labels={"wal": "Write-ahead log", "delete": "Rollback journal"},
        description="In which way a SQLite file can be rolled back.",
    )  # fmt: skip


class CostPlan:
    """What will be measured: `levels` of the engine behind `url`, with `knobs`. Raises `OptionError` if it cannot be.

    `url` as of the lab: "sqlite://" (a private file), "embedded", or a server's. No level named means all.
    """

    def __init__(self, catalog: Catalog, url: str, levels: Sequence[str], knobs: CostKnobs) -> None:
        self.catalog, self.knobs = catalog, knobs
        self.url = "" if url == SQLITE else url
        # Whatever is wrong with the address is said before anything is said about levels.
        self._scenario("default")
        self.engine = engine_of(self.url)
        check_style(self.engine, knobs.style)
        known = LEVELS[self.engine]
        wanted = [level.strip().upper() for level in levels] or list(known)
        for level in wanted:
            if level not in {name for names in LEVELS.values() for name in names}:
                raise OptionError(f"There is no level {level}. {suggest(level, known)}", f"{SECTION}.levels")
            level_of(self.engine, level)
        self.levels = tuple(dict.fromkeys(wanted))
        self.scenarios = {level: self._scenario(level) for level in self.levels}

    @property
    def embedded(self) -> bool:
        """Whether the database is a PostgreSQL of each run."""
        return self.url == EMBEDDED

    def _scenario(self, level: str) -> Scenario:
        knobs = self.knobs
        work: dict[str, Any] = {
            "id": "bank_transfer", "url": self.url, "level": level, "style": knobs.style, "accounts": knobs.accounts,
            "think": knobs.think, "retries": knobs.retries, "ordered": knobs.ordered, "pool_size": knobs.pool_size,
            "journal": knobs.journal,
        }  # fmt: skip
        dispatch: dict[str, Any] = {"id": DISPATCH[knobs.form]}
        if knobs.form == "blocking":
            dispatch["tokens"] = max(40, knobs.users)
        model = {"id": "prefork", "workers": knobs.workers} if knobs.workers > 1 else {"id": "event_loop"}
        load = {"mode": "users", "users": knobs.users}
        return parse(self.catalog, {"model": model, "dispatch": dispatch, "workload": work, "load": load})


def keeps_money(engine: str, level: str, style: str) -> bool:
    """Whether the engine promises that transfers of this style lose no money at this level.

    AUTOCOMMIT promises nothing: half of a transfer may stand alone. Nor does a version that may be read before it is
    committed: it may be taken back, and given out a second time for another balance. MariaDB's and MySQL's REPEATABLE
    READ overwrites what it did not see, unless `innodb_snapshot_isolation` is on, which is not looked at here.
    """
    if level == AUTOCOMMIT:
        return False
    if style != "read_write":
        return (level, style) != ("READ UNCOMMITTED", "version")
    if engine == "postgresql":
        return level in ("REPEATABLE READ", "SERIALIZABLE")
    return engine == "sqlite" or level == "SERIALIZABLE"
