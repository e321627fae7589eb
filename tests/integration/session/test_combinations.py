"""Combinations of model, dispatch and workload under the product's own load: served, observed, without a failure.

One run per model goes over from one combination to the next under the load, also from HTTP to WebSockets and streams.
Together they meet every feature once; every pair of features is `python -m tests.full walks`.
"""

import pytest

from explorer.catalog import Catalog
from tests.combinations import covering, features, usual
from tests.integration.session.stage import Stage
from tests.walk import walk

pytestmark = pytest.mark.long

CHOSEN = covering(usual(Catalog()), features)
MODELS = sorted({model for model, _, _ in CHOSEN})


@pytest.mark.timeout(120)
@pytest.mark.parametrize("model", MODELS)
async def test_a_run_goes_through_combinations_of_a_model(stage: Stage, model: str) -> None:
    await walk(stage, [triple for triple in CHOSEN if triple[0] == model])
