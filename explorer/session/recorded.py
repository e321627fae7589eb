"""The setup that a recording shows, as the setup of the next run: without what belongs to the machine it was made on.

A recording may come from anybody. Its host could open this machine to others, its interpreter would be executed, its
app would be imported from wherever it says, and of a URL with a password it holds only `***`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from explorer.catalog import Catalog
from explorer.options import MASK, Knobs, mask
from explorer.own_app import AppKnobs
from explorer.scenario import Also, Chosen, Scenario, parse

OWN: Final = ("host", "port", "interpreter")
"""Of the server's knobs, those that a recording does not decide."""
APP: Final = AppKnobs.model_fields["target"].title or "app"
"""What is said of a recording of an app: none is ever adopted from one, nor what surrounds it."""


def adopt(catalog: Catalog, data: Mapping[str, Any], own: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """A recording's scenario `data` with what must not come from a recording as in `own`.

    Also returns the titles of the knobs that are not as in the recording, such as ("Host", "URL"). A URL without its
    password becomes that of the same workload in `own`, else the default. Raises `OptionError` for data that cannot be
    used.
    """
    found = parse(catalog, data)
    kept = {key: getattr(own.server, key) for key in OWN}
    different = [_title(found.server, key) for key, value in kept.items() if getattr(found.server, key) != value]
    workload, changed = _with_url_of(found.workload, own.workload)
    different += changed
    also: list[Also] = []
    for number, one in enumerate(found.also):
        mine = own.also[number].workload if number < len(own.also) else None
        chosen, changed = _with_url_of(one.workload, mine)
        also.append(replace(one, workload=chosen))
        different += changed
    server = found.server.model_copy(update=kept)
    app, routes = found.app, found.routes
    if found.app != AppKnobs():
        app, routes = own.app, own.routes
        different.append(APP)
    adopted = replace(found, server=server, workload=workload, also=tuple(also), app=app, routes=routes)
    return adopted, tuple(dict.fromkeys(different))


def _with_url_of(theirs: Chosen, own: Chosen | None) -> tuple[Chosen, list[str]]:
    """The workload with what `own` has for its URLs with a password, and the titles of those knobs."""
    knobs = theirs.knobs
    lost = [key for key, shown in mask(knobs).items() if MASK in shown]
    same = own.knobs if own is not None and own.id == theirs.id else type(knobs)()
    update = {key: getattr(same, key) for key in lost}
    return replace(theirs, knobs=knobs.model_copy(update=update)), [_title(knobs, key) for key in lost]


def _title(knobs: Knobs, key: str) -> str:
    return type(knobs).model_fields[key].title or key
