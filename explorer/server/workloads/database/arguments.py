"""Gives the database workload its pool, and a SQLite file of the run's own where no other database is named."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from explorer.paths import scratch_folder
from explorer.server.engines import Pool
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.database.feature import DatabaseKnobs


class Arguments:
    """Arguments of the body for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Make the file. It lies in the run's scratch folder, which ends with the run, not with one of its servers."""
        self._own = None if around.run is not None else Path(tempfile.mkdtemp(prefix="explorer-database-"))
        folder = self._own or scratch_folder(around.run or Path())
        self._file = folder.resolve() / "database.sqlite"
        with closing(sqlite3.connect(self._file, timeout=60)) as connection:
            # Who reads does not wait for who writes.
            connection.execute("PRAGMA journal_mode=WAL")

    def of(self, knobs: DatabaseKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        url = knobs.url or f"sqlite:///{self._file.as_posix()}"
        return {
            "pool": Pool(url, knobs.pool_size, knobs.overflow, knobs.pool_timeout),
            "seconds": knobs.seconds,
        }

    def close(self) -> None:
        """Delete the file where no run does."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
