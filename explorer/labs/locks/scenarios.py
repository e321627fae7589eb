"""All scenarios of the locks lab, in the order in which they are shown."""

from explorer.labs.locks import circles, lines, on_the_loop, races
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.option_error import OptionError
from explorer.options import suggest


def scenarios() -> dict[str, LockScenario]:
    """The scenarios by their id, group by group."""
    found = (*races.SCENARIOS, *lines.SCENARIOS, *circles.SCENARIOS, *on_the_loop.SCENARIOS)
    return {scenario.id: scenario for scenario in found}


def scenario_named(name: str) -> LockScenario:
    """The scenario with this id. Raises `OptionError`, which offers the nearest name."""
    known = scenarios()
    if name not in known:
        raise OptionError(f"There is no lock scenario '{name}'. {suggest(name, known)}", "scenario")
    return known[name]
