"""The class of a task's step is found wherever the probe is imported first."""

from explorer.probe.tasks import Step, _step_class


async def test_it_is_found_while_a_loop_runs_as_well() -> None:
    assert _step_class() is Step


def test_it_is_found_without_a_loop() -> None:
    assert _step_class() is Step
