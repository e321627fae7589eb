"""What a change of the scenario means for a run that is under way: messages to its children, or a new server.

Plain functions over two scenarios; `Session` carries out what they say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.catalog import Catalog
from explorer.options import extra, mask
from explorer.scenario import SECTIONS, Scenario


@dataclass(frozen=True, slots=True)
class Change:
    """The step from one scenario to another.

    `server` are live knobs `{"dispatch.tokens": 8}` for the server, `load` values for the load process; `restart` means
    that the server must start anew, `paths` that the load asks an app of the user's own otherwise than before. `text`
    is what the marker on the timeline says, such as "Tokens 3 → 4".
    """

    restart: bool
    server: dict[str, Any]
    load: dict[str, Any]
    phases: bool
    text: str
    paths: bool = False


def change(catalog: Catalog, old: Scenario, new: Scenario) -> Change:
    """What going from `old` to `new` takes. A change that needs a restart carries live ones along."""
    server: dict[str, Any] = {}
    load: dict[str, Any] = {}
    words: list[str] = []
    for section, key, value, effect in old.differences(new):
        if section == "load":
            load[key] = value
        elif effect == "live":
            server[f"{section}.{key}"] = value
        field = type(new.knobs(section)).model_fields[key]
        title, nothing = field.title or key, str(extra(field, "empty") or "none")
        # Masked: these words stand in the recording.
        was, now = ({**dict(each.knobs(section)), **mask(each.knobs(section))}[key] for each in (old, new))
        words.append(f"{title} {_word(was, nothing)} → {_word(now, nothing)}")
    for section in SECTIONS:
        before, after = getattr(old, section), getattr(new, section)
        if hasattr(before, "id") and before.id != after.id:
            words.append(catalog.get(section, after.id).title)
    phases = old.phases != new.phases
    if phases:
        words.append("Phases")
    if old.also != new.also:
        words.append("Second workload")
    paths = new.own and old.routes != new.routes
    if paths:
        words.append("Routes")
    return Change(old.restarts(new) or old.also != new.also, server, load, phases, ", ".join(words), paths)


def _word(value: Any, nothing: str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return " ".join(value) or "none"
    return str(value) if value != "" else nothing
