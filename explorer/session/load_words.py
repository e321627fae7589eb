"""What a session tells its load: where it sends to, which paths it asks for, what changes while it runs.

Plain functions over scenarios; `Session` sends what they return.
"""

from collections.abc import Mapping
from typing import Any

from explorer.catalog import Catalog
from explorer.scenario import Scenario
from explorer.session.changes import Change
from explorer.session.own import asked

Templates = Mapping[str, str]
"""By path: the names of the routes of an app of the user's own, as far as they are known."""


def paths(catalog: Catalog, scenario: Scenario, templates: Templates) -> list[list[Any]]:
    """The paths the load asks for, each with its share and what is spoken there (see `Feature.speaks`), and for an app
    of the user's own with what else makes the request.
    """
    if scenario.own:
        return [
            [route.path, route.weight, route.speaks, asked(scenario.app, route, templates)] for route in scenario.routes
        ]
    rest = max(0.0, 1.0 - sum(also.share for also in scenario.also))
    parts = [("/job", rest, scenario.workload)]
    parts += [(f"/also/{n}/job", also.share, also.workload) for n, also in enumerate(scenario.also, 1)]
    return [[path, share, catalog.get("workload", work.id).speaks] for path, share, work in parts]


def speaks_otherwise(catalog: Catalog, before: Scenario, scenario: Scenario) -> bool:
    """Whether something else is spoken at a path that both have, or another app answers."""
    if before.own or scenario.own:
        return (before.app.target, before.app.folder) != (scenario.app.target, scenario.app.folder)
    pairs = zip(paths(catalog, before, {}), paths(catalog, scenario, {}), strict=False)
    return any(old[2] != new[2] for old, new in pairs)


def configuration(catalog: Catalog, scenario: Scenario, templates: Templates) -> dict[str, Any]:
    """What the scenario says of the load, for its configuration."""
    return {
        "load": scenario.load.model_dump(),
        "phases": [phase.model_dump() for phase in scenario.phases],
        "paths": paths(catalog, scenario, templates),
    }


def changed(
    catalog: Catalog,
    before: Scenario,
    scenario: Scenario,
    step: Change,
    address: tuple[str, int],
    templates: Templates,
) -> dict[str, Any]:
    """What the load must know of a change, while the old server still serves; `address` is the new listener's."""
    values: dict[str, Any] = dict(step.load)
    if step.phases:
        values["phases"] = [phase.model_dump() for phase in scenario.phases]
    # Until the new server serves, only paths that both servers have may be asked for.
    both = paths(catalog, scenario, templates)[: None if scenario.own else 1 + len(before.also)]
    if (step.paths or before.also != scenario.also) and not speaks_otherwise(catalog, before, scenario):
        values["paths"] = both
    if (before.server.host, before.server.port) != (scenario.server.host, scenario.server.port):
        # The route's Host header goes with the address, so the paths are told anew with it.
        values |= {"target": address, "paths": both}
    return values
