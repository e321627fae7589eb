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
import uuid
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import explorer
from explorer.cluster.aboard import leave
from explorer.cluster.connection import AsyncClient
from explorer.option_error import OptionError

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


class Boarding:
    """Brings this package to workers for one `holder`, and lets them be again.

    What the client puts into each worker as its pledge lasts as long as the client does: so workers also let go of a
    holder that was killed.
    """

    def __init__(self, client: AsyncClient, holder: str) -> None:
        self.holder = holder
        self._client = client
        self._pledges: dict[str, Any] = {}  # by worker: the future of its pledge, None where there was no room for it

    async def board(self, workers: Sequence[str], where: str = "") -> None:
        """Make these workers import this package, until this holder and all others who did so have left.

        Their versions must have been checked. Raises `OptionError`; then none has it for this holder.
        """
        name, data = archive()
        pledges = dict(zip(workers, await asyncio.gather(*map(self._pledge, workers)), strict=True))
        keys = {worker: pledge.key for worker, pledge in pledges.items() if pledge is not None}
        told = await self._client.run(
            _boarder(), name, data, self.holder, keys, workers=list(workers), on_error="return"
        )
        wrong = {worker: sentence for worker, answer in told.items() if (sentence := _refusal(worker, answer))}
        self._pledges |= {worker: pledge for worker, pledge in pledges.items() if worker not in wrong}
        if wrong:
            await self.leave([worker for worker in told if worker not in wrong])
            raise OptionError(next(iter(wrong.values())), where)

    async def leave(self, workers: Sequence[str] | None = None) -> None:
        """Let these workers, or all, be as they were before. Those that do not answer are not waited for long."""
        workers = list(self._pledges) if workers is None else workers
        if workers:  # to Dask, none would be all
            with contextlib.suppress(Exception):  # they may have gone, with the scheduler even
                leaving = self._client.run(leave, self.holder, workers=list(workers), on_error="ignore")
                await asyncio.wait_for(leaving, UNBOARD_LIMIT_S)
        for worker in workers:
            self.forget(worker)

    def forget(self, worker: str) -> None:
        """A worker has gone by itself."""
        self._pledges.pop(worker, None)

    @property
    def lapsed(self) -> list[str]:
        """Workers whose pledge is gone, since the client lost the scheduler for a moment: to be boarded again."""
        return [worker for worker, pledge in self._pledges.items() if pledge is not None and pledge.cancelled()]

    async def _pledge(self, worker: str) -> Any:
        key = f"explorer-aboard-{uuid.uuid4().hex}"
        try:
            return (await self._client.scatter({key: b""}, workers=[worker], timeout=UNBOARD_LIMIT_S))[key]
        except Exception:  # one that has paused takes none; whether it can be used at all is found out next
            return None


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

    def take_aboard(name: str, data: bytes, holder: str, pledges: dict[str, str], dask_worker: Any = None) -> str:
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
        importlib.import_module("explorer.cluster.aboard").begin(
            dask_worker, holder, pledges.get(dask_worker.contact_address or dask_worker.address, "")
        )
        return ""

    return take_aboard
