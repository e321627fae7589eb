"""Brings this package to the workers of a cluster that somebody else started.

What a worker runs are importable functions of this package, and a worker's Python has it in no version or in another.
So it gets these very files, as one archive in front of its search path; what it had loaded of another version is
forgotten. They need the standard library only, as the bodies of workloads do everywhere.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import explorer
from explorer.cluster.connection import AsyncClient
from explorer.options import OptionError

ROOT: Final = Path(explorer.__file__).parent
LEFT_OUT: Final = ("desktop", "resources", "__pycache__")
"""Folders that no worker has a use for."""
NO_FILES: Final = (
    "This build of the program cannot give its files to workers on other machines; use the embedded cluster, or run "
    "the program from pip or a checkout."
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


async def board(client: AsyncClient, workers: Sequence[str], where: str = "") -> None:
    """Make these workers import this package. Their versions must have been checked. Raises `OptionError`."""
    name, data = archive()
    told = await client.run(_boarder(), name, data, workers=list(workers), on_error="return")
    for worker, answer in told.items():
        if isinstance(answer, BaseException):
            raise OptionError(
                f"The Dask worker {worker} cannot take over the program's files ({type(answer).__name__}: {answer}); "
                "see whether it may write to its local directory.",
                where,
            )


def _boarder() -> Callable[..., Any]:
    """What puts the archive into a worker's search path; it travels as code, since the worker has no file of ours."""

    def take_aboard(name: str, data: bytes, dask_worker: Any = None) -> None:
        import importlib
        import os
        import sys

        loaded = sys.modules.get("explorer")
        if loaded is None or name not in str(loaded.__file__):
            path = os.path.join(dask_worker.local_directory, name)
            with open(path, "wb") as file:
                file.write(data)
            sys.path[:] = [path] + [each for each in sys.path if not os.path.basename(each).startswith("explorer-")]
            for module in [each for each in sys.modules if each.partition(".")[0] == "explorer"]:
                del sys.modules[module]
            importlib.invalidate_caches()
        importlib.import_module("explorer.cluster.aboard").begin(dask_worker)

    return take_aboard
