"""Where transfers are measured on a user's server: in a database of the lab's own, as everything else of the lab."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from explorer.labs.isolation.cost.measure import Progress, measure
from explorer.labs.isolation.cost.plan import CostPlan
from explorer.labs.isolation.cost.result import Cost
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.target import SERVERS, parse
from explorer.server.databases import dialect_of

SCHEMA: Final = "schema "


async def measure_apart(plan: CostPlan, told: Callable[[Progress], None], finished: Callable[[Cost], None]) -> Cost:
    """`measure`, on a user's server in a database (or schema) that is made for it, and removed even if this process is
    killed. Raises `OptionError`.
    """
    if plan.embedded or dialect_of(plan.url) not in SERVERS:
        return await measure(plan, told, finished)
    async with own_place(plan.url) as url:
        return await measure(CostPlan(plan.catalog, url, plan.levels, plan.knobs), told, finished)


@asynccontextmanager
async def own_place(url: str) -> AsyncIterator[str]:
    """The URL of a new database or schema on the server of `url`. Raises `OptionError` when none can be made."""
    lab = IsolationLab(parse(url))
    facts = await lab.start()
    try:
        yield within(url, facts.place)
    finally:
        await lab.stop()
        lab.discard()


def within(url: str, place: str) -> str:
    """The URL of what `Facts.place` names, "database NAME" or "schema NAME in database OTHER"."""
    name = place.split()[1]
    scheme, server, path, query, _ = urlsplit(url)
    if not place.startswith(SCHEMA):
        return urlunsplit((scheme, server, f"/{name}", query, ""))
    path = f"/{place.split()[-1]}"
    return urlunsplit((scheme, server, path, "&".join(filter(None, (query, f"options=-csearch_path%3D{name}"))), ""))
