"""Chooses the database: the user's, else the run's PostgreSQL, else a SQLite file of the run's own."""

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from explorer.paths import scratch_folder
from explorer.server.databases import dialect_of
from explorer.server.engines import Pool
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.db_events.feature import DbEventsKnobs
from explorer.server.workloads.db_events.place import POOL_SIZE, POOL_TIMEOUT_S, Place


class Arguments:
    """Arguments of the body for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing is made yet."""
        self._around = around
        self._own: Path | None = None
        self._part = secrets.token_hex(4)

    def of(self, knobs: DbEventsKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        url = knobs.url or self._around.services.get("postgres", "")
        if url and dialect_of(url) == "postgresql":
            return {"place": Place(Pool(url, POOL_SIZE, 0, POOL_TIMEOUT_S))}
        if url:
            return {"place": Place(None, make_url(url).database or "", self._part)}
        return {"place": Place(None, str(self._folder() / "events.sqlite"), self._part)}

    def close(self) -> None:
        """Delete the file where no run does."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _folder(self) -> Path:
        if self._around.run is not None:
            return scratch_folder(self._around.run).resolve()
        self._own = self._own or Path(tempfile.mkdtemp(prefix="explorer-database-"))
        return self._own
