"""Database events: the request changes a row and waits until the database reports that change by itself."""

from typing import Annotated, Any

from pydantic import AfterValidator

from explorer.catalog import Feature, installed
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.databases import DatabaseUrl, check_reports, dialect_of, drivers, reach


class DbEventsKnobs(Knobs):
    """Which database."""

    url: Annotated[DatabaseUrl, AfterValidator(check_reports)] = knob(
        "", title="URL", secret=True,
        description="SQLAlchemy URL of a PostgreSQL or SQLite database, which gets a table explorer_account; empty "
        "means a PostgreSQL of this run, or SQLite where none can be started.",
    )  # fmt: skip


NEEDS = ("sqlalchemy", "greenlet")


def needed_drivers(knobs: Any, form: str) -> dict[str, str]:
    """What speaks with the database; SQLite's own module has no update hook."""
    if not knobs.url:
        return {"psycopg": "workload", "apsw": "workload"}
    found = drivers(knobs.url, form)
    return {"apsw": "workload.url"} if dialect_of(knobs.url) == "sqlite" else found | {"psycopg": "workload.url"}


def services(knobs: Any) -> tuple[str, ...]:
    """Without a database of the user's own, the run's."""
    return () if knobs.url else ("postgres",)


feature = Feature(
    id="db_events",
    title="Database events",
    short="The database calls.",
    summary="Waits for the database to report a change.",
    group="Data",
    order=125,
    # The loop above: two requests write, then the database's reports come in, one after the other.
    picture=(
        (0, 0.04, 0.05, State.RUNNING),
        (0, 0.12, 0.05, State.RUNNING),
        (0, 0.62, 0.04, State.RUNNING),
        (0, 0.72, 0.04, State.RUNNING),
        (1, 0.09, 0.14, State.BLOCKED),
        (1, 0.23, 0.39, State.AWAITING),
        (2, 0.17, 0.14, State.BLOCKED),
        (2, 0.31, 0.41, State.AWAITING),
    ),
    entry="explorer.server.workloads.db_events.body:blocking",
    knobs=DbEventsKnobs,
    available=installed(*NEEDS),
    forms=("awaiting", "blocking"),
    services=services,
    needs=NEEDS,
    drivers=needed_drivers,
    reach=lambda knobs: reach(knobs.url),
    probes=("explorer.probe.database:watch", "explorer.server.workloads.db_events.watch:watch"),
    bound="The database of this workload is on this machine, or its drivers are.",
)
