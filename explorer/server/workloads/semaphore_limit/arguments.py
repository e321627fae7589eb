"""Gives the workload its SQLite file and the pool of connections to it."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from explorer.paths import scratch_folder
from explorer.server.engines import Pool
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.semaphore_limit.body import Database
from explorer.server.workloads.semaphore_limit.feature import SemaphoreLimitKnobs


class Arguments:
    """Arguments of the body for given knobs. The database stays the same when they change live."""

    def __init__(self, around: Surroundings) -> None:
        """Make the file. It lies in the run's scratch folder, which ends with the run, not with one of its servers."""
        self._own = None if around.run is not None else Path(tempfile.mkdtemp(prefix="explorer-database-"))
        folder = self._own or scratch_folder(around.run or Path())
        self._file = folder.resolve() / "database.sqlite"
        self._database: Database | None = None
        with closing(sqlite3.connect(self._file, timeout=60)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")

    def of(self, knobs: SemaphoreLimitKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        if self._database is None:
            url = f"sqlite:///{self._file.as_posix()}"
            self._database = Database(Pool(url, knobs.connections, 0, knobs.patience))
        return {"database": self._database, "seconds": knobs.seconds, "cured": knobs.cured}

    def close(self) -> None:
        """Delete the file where no run does."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
