"""One run that goes over from one combination of dispatch and workload to the next under the product's own load."""

from collections.abc import Sequence

from explorer.records.states import Kind, Role
from explorer.scenario import Scenario
from tests.combinations import Triple, settings
from tests.integration.session.stage import Stage, status


async def walk(stage: Stage, turns: Sequence[Triple]) -> None:
    """Serve each of `turns`, triples of one model, until it has answered; without a failure and without a loss."""
    first, *others = [(triple, _scenario(stage, triple)) for triple in turns]
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


def _scenario(stage: Stage, triple: Triple) -> Scenario:
    """Two users ask."""
    return stage.scenario(*settings(triple), "load.users=2")
