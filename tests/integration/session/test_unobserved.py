"""A process that cannot take part in the run serves all the same, and the user is told that figures lack it."""

from explorer.analysis.statistics import RunStatistics
from explorer.records.schema import PROCESS_SHIFT
from explorer.scenario import Scenario
from explorer.session import events
from explorer.session.sentences import UNOBSERVED
from tests.integration.session.stage import Stage

LAST = (1 << 64 - PROCESS_SHIFT) - 1


async def test_who_is_not_observed_is_told_once_and_makes_the_figures_invalid() -> None:
    statistics = RunStatistics()
    stage = Stage(statistics.feed)
    try:
        scenario: Scenario = await stage.start(
            "model.id=process_per_connection", "model.start=fork", "load.users=2", "load.keep_alive=off"
        )
        await stage.until(lambda: stage.answered)
        folder = stage.session.run / "numbers" / str(LAST >> 8)
        folder.mkdir(parents=True)
        (folder / str(LAST)).touch()
        before = stage.answered

        await stage.until(lambda: statistics.unobserved >= 3 and stage.answered > before)

        assert [warned.sentence for warned in stage.said(events.Warned)] == [UNOBSERVED]
        assert stage.failures == {}
        await stage.session.stop()
        window = statistics.window(scenario.to_dict())
        assert f"{statistics.unobserved:,} processes were not observed" in window.invalid_reason
    finally:
        await stage.close()
