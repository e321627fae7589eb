"""Brings this package to the workers of a cluster that somebody else started.

What a worker runs are importable functions of this package, and a worker's Python has it in no version or in another.
So it gets these very files, as one archive in front of its search path; what it had loaded of another version is
forgotten until the run is over (`explorer.cluster.aboard.leave`). They need the standard library only, as the bodies of
workloads do everywhere. Somebody else's package of the same name is left alone: such a worker is not used. Nor is one
that another run needs with other files of ours: what is loaded there holds that run's jobs.
"""

import asyncio
import contextlib
import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import explorer
from explorer.cluster.aboard import leave
from explorer.cluster.connection import AsyncClient
from explorer.options import OptionError

UNBOARD_LIMIT_S: Final = 2.0
ROOT: Final = Path(explorer.__file__).parent
LEFT_OUT: Final = ("desktop", "resources", "__pycache__")
"""Folders that no worker has a use for."""
NO_FILES: Final = (
    "This build of the program cannot give its files to workers on other machines; use the embedded cluster, or run "
    "the program from pip or a checkout."
)
NOT_OURS: Final = (
    "The Dask worker {} has a package named 'explorer' that is another program's ({}); start the worker with a Python "
    "that does not have it."
)
HELD: Final = "held"
OTHER_FILES: Final = (
    "The Dask worker {} works for another run, of a program with other files than these; end that run first, or use "
    "other workers."
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def archive() -> tuple[str, bytes]:
    """This package as an archive: its file name, which tells the content, and the content.

    Raises `OptionError` where the program was built without its files.
    """
    if not (ROOT / __name__.partition(".")[2].replace(".", "/")).with_suffix(".py").exists():
        raise OptionError(NO_FILES, "dispatch.address")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(ROOT.rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if not set(parts) & set(LEFT_OUT):
                # Without the files' own times, equal content gives an equal name.
                info = zipfile.ZipInfo("/".join((ROOT.name, *parts)), _EPOCH)
                packed.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    return f"explorer-{hashlib.sha256(data).hexdigest()[:16]}.zip", data


async def board(client: AsyncClient, workers: Sequence[str], holder: str, where: str = "") -> None:
    """Make these workers import this package, until `holder` and all others who did so have left by `unboard`.

    Their versions must have been checked. Raises `OptionError`; then none has it for this holder.
    """
    name, data = archive()
    told = await client.run(_boarder(), name, data, holder, workers=list(workers), on_error="return")
    wrong = {worker: sentence for worker, answer in told.items() if (sentence := _refusal(worker, answer))}
    if wrong:
        await unboard(client, [worker for worker in told if worker not in wrong], holder)
        raise OptionError(next(iter(wrong.values())), where)


async def unboard(client: AsyncClient, workers: Sequence[str], holder: str) -> None:
    """Let these workers be as they were before `board`. Those that do not answer are not waited for long."""
    if not workers:  # to Dask, that would be all
        return
    with contextlib.suppress(Exception):  # they may have gone, with the scheduler even
        await asyncio.wait_for(client.run(leave, holder, workers=list(workers), on_error="ignore"), UNBOARD_LIMIT_S)


def _refusal(worker: str, answer: object) -> str:
    if isinstance(answer, BaseException):
        return (
            f"The Dask worker {worker} cannot take over the program's files ({type(answer).__name__}: {answer}); see "
            "whether it may write to its local directory."
        )
    if answer == HELD:
        return OTHER_FILES.format(worker)
    return NOT_OURS.format(worker, answer) if answer else ""


def _boarder() -> Callable[..., Any]:
    """What puts the archive into a worker's search path; it travels as code, since the worker has no file of ours."""

    def take_aboard(name: str, data: bytes, holder: str, dask_worker: Any = None) -> str:
        import importlib.machinery
        import importlib.util
        import os
        import sys

        loaded = sys.modules.get("explorer")
        found = importlib.util.find_spec("explorer") if loaded is None else None
        # A folder that only happens to have that name is found as well, but without an origin.
        if loaded is not None or (found is not None and found.origin is not None):
            inside = getattr(loaded, "__path__", None) or getattr(found, "submodule_search_locations", None)
            if not inside or importlib.machinery.PathFinder.find_spec("explorer.cluster", list(inside)) is None:
                return str(getattr(loaded, "__file__", None) or getattr(found, "origin", None) or "of unknown origin")
        if loaded is None or name not in str(loaded.__file__):
            if getattr(sys.modules.get("explorer.cluster.aboard"), "_aboard", {}).get("holders"):
                return HELD
            path = os.path.join(dask_worker.local_directory, name)
            with open(path, "wb") as file:
                file.write(data)
            sys.path[:] = [path] + [each for each in sys.path if not os.path.basename(each).startswith("explorer-")]
            for module in [each for each in sys.modules if each.partition(".")[0] == "explorer"]:
                del sys.modules[module]
            importlib.invalidate_caches()
        importlib.import_module("explorer.cluster.aboard").begin(dask_worker, holder)
        return ""

    return take_aboard
