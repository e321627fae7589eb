"""Combinations of model, dispatch and workload under the product's own load: served, observed, without a failure.

One run per model goes over from one combination to the next under the load, also from HTTP to WebSockets and streams.
"""

import pytest

from explorer.catalog import Catalog
from explorer.records.states import Kind, Role
from explorer.scenario import Scenario
from tests.combinations import Triple, covering, possible, settings
from tests.integration.session.stage import Stage, status

CATALOG = Catalog()
CHOSEN = covering(possible(CATALOG))
MODELS = sorted({model for model, _, _ in CHOSEN})


@pytest.mark.timeout(240)
@pytest.mark.parametrize("model", MODELS)
async def test_a_run_goes_through_all_that_a_model_can_serve(stage: Stage, model: str) -> None:
    turns = [triple for triple in CHOSEN if triple[0] == model]
    first, *others = [(triple, scenario(stage, triple)) for triple in turns]
    await stage.session.start(first[1])
    for place, (triple, chosen) in enumerate([first, *others], 1):
        if place > 1:
            await stage.session.change(chosen)
        before = stage.answered
        await stage.until(lambda before=before: stage.answered >= before + 6, what=f"answers of {triple}")  # type: ignore[misc]  # the default makes it the present value
        assert stage.session.epoch == place
        assert stage.failures == {}, triple
    await stage.session.stop()

    assert status(stage.spans(Kind.CLIENT_REQUEST)) - {0} <= {200, 101}
    assert len(stage.pids(Role.SERVER)) == len(turns)
    epochs = {
        stage.tracks[number].epoch
        for kind in (Kind.REQUEST, Kind.MESSAGE)
        for number in set(stage.spans(kind)["track"].tolist())
    }
    assert epochs >= set(range(1, len(turns) + 1))
    assert all(not process.died for process in stage.children)
    tally = stage.tally
    assert tally.lost == 0
    assert tally.read == tally.written


def scenario(stage: Stage, triple: Triple) -> Scenario:
    """Two users ask."""
    return stage.scenario(*settings(triple), "load.users=2")
