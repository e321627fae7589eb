"""Gives file I/O a private folder for as long as the server lives."""

import shutil
import tempfile
from typing import Any

from explorer.server.surroundings import Surroundings
from explorer.server.workloads.file_io.feature import FileIoKnobs


class Arguments:
    """Arguments of `body.blocking` for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Make the folder: inside the run's, so that it goes with it even if this process is killed."""
        self._folder = tempfile.mkdtemp(prefix="files-", dir=around.run)

    def of(self, knobs: FileIoKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        return {"folder": self._folder, "size": knobs.kilobytes * 1024, "sync": knobs.sync}

    def close(self) -> None:
        """Delete the folder with whatever is left in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
