"""What a run of a duel may be: the present setup, the same with another dispatch or model, a file. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.recording.file_source import FileSource
from explorer.scenario import Scenario, read
from explorer.session.recorded import adopt

PRESENT: Final = "present"


@dataclass(frozen=True, slots=True)
class Choice:
    """`id` is "present", "dispatch:ID", "model:ID" or "file:PATH"; `reason` says why it cannot be taken, if so."""

    id: str
    title: str
    reason: str = ""


def choices(catalog: Catalog, present: Scenario, files: Sequence[tuple[str, Path]]) -> list[Choice]:
    """All that is offered; `files` are scenarios and recordings by name."""
    found = [Choice(PRESENT, f"Present setup: {title_of(catalog, present)}")]
    for section, words in (("dispatch", "Present setup, but"), ("model", "Present setup, served by")):
        if section == "dispatch" and present.own:
            continue
        for feature in catalog.all(section):
            if feature.id == getattr(present, section).id:
                continue
            title = feature.title[:1].lower() + feature.title[1:]
            found.append(
                Choice(f"{section}:{feature.id}", f"{words} {title}", _reason(catalog, present, section, feature.id))
            )
    return found + [Choice(f"file:{path}", name) for name, path in files]


def scenario_of(catalog: Catalog, present: Scenario, identity: str) -> Scenario:
    """The scenario that a choice means. Raises `OptionError`."""
    if identity == PRESENT:
        return present
    kind, _, rest = identity.partition(":")
    if kind == "file":
        return from_file(catalog, present, Path(rest))
    return present.changed(catalog, kind, "id", rest)


def from_file(catalog: Catalog, present: Scenario, path: Path) -> Scenario:
    """A scenario's file, or the setup that a recording was made with. Raises `OptionError`."""
    if path.suffix != ".cxrec":
        return read(catalog, path)
    source = FileSource(path)
    try:
        return adopt(catalog, source.run["scenario"], present)[0]
    except (KeyError, TypeError, AttributeError):
        raise OptionError(f"{path.name} does not say how its run was set up.") from None
    finally:
        source.close()


def second(catalog: Catalog, present: Scenario) -> str:
    """What B is at first: the dispatch that shows most beside the present one, else the same again."""
    if present.own:
        return PRESENT
    wanted = (
        ("blocking_coroutine", "thread_pool") if present.dispatch.id == "thread_pool" else ("thread_pool", "coroutine")
    )
    for other in (*wanted, *(feature.id for feature in catalog.all("dispatch"))):
        if other != present.dispatch.id and not _reason(catalog, present, "dispatch", other):
            return f"dispatch:{other}"
    return PRESENT


def title_of(catalog: Catalog, scenario: Scenario) -> str:
    """A scenario in a few words."""
    if scenario.own:
        return scenario.app.target
    dispatch = catalog.get("dispatch", scenario.dispatch.id).title
    workload = catalog.get("workload", scenario.workload.id).title
    return f"{dispatch[:1].lower()}{dispatch[1:]}, {workload[:1].lower()}{workload[1:]}"


def _reason(catalog: Catalog, present: Scenario, section: str, identity: str) -> str:
    try:
        present.changed(catalog, section, "id", identity)
    except OptionError as error:
        return str(error)
    return catalog.get(section, identity).unavailable()
