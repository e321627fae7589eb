"""Whether all sides of a cluster run the same Python and the same Dask.

Work travels as pickled functions and data, whose form changes between versions: across them a task may hang for good.
Asked is in Dask's own words, which all versions understand.
"""

from collections.abc import Mapping
from typing import Any, Final

from distributed.versions import get_versions

from explorer.cluster.connection import AsyncClient
from explorer.option_error import OptionError

PACKAGES: Final = ("dask", "distributed")

Versions = Mapping[str, str]
"""What one side runs: "python" (its minor version), "dask", "distributed"."""


async def check(client: AsyncClient, where: str = "") -> None:
    """Raise `OptionError` when the scheduler, or any worker that is there now, does not run what runs here."""
    told = await client.get_versions()
    here = _versions(told["client"])
    others = {"scheduler": told["scheduler"]} | {f"worker {name}": each for name, each in told["workers"].items()}
    wrong = [name for name, each in others.items() if _versions(each) != here]
    if wrong:
        rest = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        what = difference(_versions(others[wrong[0]]), here)
        raise OptionError(
            f"The Dask {wrong[0]}{rest} runs {what[0]}, but here it is {what[1]}; use the same version on both sides.",
            where,
        )


async def odd(client: AsyncClient, worker: str) -> str:
    """What is wrong with one worker's versions, in words such as "Python 3.12, but here it is Python 3.11", or ""."""
    # Only this one: others may be there that must not be asked anything.
    told = await client.scheduler.broadcast(msg={"op": "versions"}, workers=[worker], on_error="ignore")
    if worker not in told:
        return "nothing that could be asked"
    here, there = _versions(get_versions()), _versions(told[worker])
    return "" if there == here else ", but here it is ".join(difference(there, here))


def difference(there: Versions, here: Versions) -> tuple[str, str]:
    """The versions that differ, in words for either side."""
    names = [name for name in here if there.get(name) != here[name]]
    words = {"python": "Python"}
    return tuple(  # type: ignore[return-value]
        " and ".join(f"{words.get(name, name)} {side.get(name) or 'of unknown version'}" for name in names)
        for side in (there, here)
    )


def _versions(told: Mapping[str, Any]) -> Versions:
    packages = told.get("packages", {})
    python = ".".join(str(packages.get("python", "")).split(".")[:2])
    return {"python": python} | {name: str(packages.get(name) or "") for name in PACKAGES}
