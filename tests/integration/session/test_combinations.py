"""Every dispatch runs every workload that it can, in runs that go over from one to the next.

Under prefork a change starts many processes; there each dispatch has one turn here, and the full checks do the rest.
"""

from explorer.catalog import Catalog
from explorer.records.states import Kind, Role
from tests.combinations import FEW, SMALL, possible
from tests.integration.session.stage import Stage, status


def pairs() -> list[tuple[str, str]]:
    """Every dispatch with every workload that it can run."""
    catalog = Catalog()
    found = [(dispatch, workload) for model, dispatch, workload in possible(catalog) if model == "event_loop"]
    return [pair for pair in found if catalog.get("workload", pair[1]).speaks == "http"]


def one_of_each(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One pair for each dispatch, each with another workload as far as there are."""
    chosen: dict[str, str] = {}
    for dispatch, workload in found:
        if workload not in chosen.values():
            chosen.setdefault(dispatch, workload)
    return list(chosen.items())


async def test_every_combination_serves_and_is_observed(stage: Stage) -> None:
    await go_through(stage, "event_loop", pairs())


async def test_workers_serve_every_dispatch(stage: Stage) -> None:
    chosen = one_of_each(pairs())
    assert {dispatch for dispatch, _ in chosen} == {dispatch for dispatch, _ in pairs()}
    await go_through(stage, "prefork", chosen)


async def go_through(stage: Stage, model: str, turns: list[tuple[str, str]]) -> None:
    """Run one after the other; no request fails, and every server is seen serving."""
    missing: list[str] = []
    first, *others = [
        (f"dispatch.id={dispatch}", f"workload.id={workload}", *SMALL[workload], *FEW.get(dispatch, ()))
        for dispatch, workload in turns
    ]
    await stage.start(f"model.id={model}", *FEW.get(model, ()), "load.users=2", *first)
    for place, words in enumerate([first, *others], 1):
        if place > 1:
            # Another feature begins with its default knobs: the id comes first.
            await stage.change(*words)
        before = stage.answered
        await stage.until(lambda before=before: stage.answered >= before + 10, what=f"answers of {words}")  # type: ignore[misc]  # the default makes it the present value
        assert stage.session.epoch == place
        if stage.failures:
            missing.append(f"{words}: {stage.failures}")
            break
    await stage.session.stop()

    assert missing == []
    assert status(stage.spans(Kind.CLIENT_REQUEST)) - {0} == {200}
    assert len(stage.pids(Role.SERVER)) == len(turns)
    served = stage.spans(Kind.REQUEST, "GET /job")
    by_epoch = {stage.tracks[number].epoch for number in set(served["track"].tolist())}
    assert by_epoch == set(range(1, len(turns) + 1))
    assert all(not process.died for process in stage.children)
    tally = stage.tally
    assert tally.lost == 0
    assert tally.read == tally.written
