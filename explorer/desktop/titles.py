"""What a scenario is called in the window: by its own name, or by what was chosen. No Qt."""

from typing import Final

from explorer.catalog import Catalog
from explorer.scenario import Scenario
from explorer.wording import within_sentence

SECTIONS: Final = ("model", "dispatch", "workload")


def title_of(catalog: Catalog, scenario: Scenario) -> str:
    """ "The pool runs dry"; without a name "Event loop, thread pool, sleep"."""
    if scenario.name:
        return scenario.name
    if scenario.own:
        return f"{catalog.get('model', scenario.model.id).title}, {scenario.app.target}"
    titles = [catalog.get(section, getattr(scenario, section).id).title for section in SECTIONS]
    return ", ".join([titles[0], *(within_sentence(title) for title in titles[1:])])
