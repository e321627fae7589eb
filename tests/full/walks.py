"""One run per model goes, under the product's own load, through combinations that hold every pair of features."""

import asyncio

from explorer.catalog import Catalog
from tests.combinations import Triple, covering, pairs, possible
from tests.full.outcome import Failed
from tests.integration.session.stage import Stage
from tests.walk import walk


def run() -> str:
    """Walk through all of them; name what failed."""
    chosen = covering(possible(Catalog()), pairs)
    models = sorted({model for model, _, _ in chosen})
    failed = []
    for model in models:
        try:
            asyncio.run(_walk([triple for triple in chosen if triple[0] == model]))
        except AssertionError as error:
            failed.append(f"{model}: {error}")
    if failed:
        raise Failed("; ".join(failed))
    return f"{len(chosen)} combinations in {len(models)} runs, no request failed, no record lost"


async def _walk(turns: list[Triple]) -> None:
    stage = Stage()
    try:
        await walk(stage, turns)
    finally:
        await stage.close()
