"""Chooses the database: the user's, the run's PostgreSQL, or a SQLite file of the run's own."""

import secrets
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from explorer.option_error import OptionError
from explorer.paths import scratch_folder
from explorer.server.engines import Pool
from explorer.server.surroundings import Surroundings
from explorer.server.workloads.bank_transfer.bank import Bank, token_of
from explorer.server.workloads.bank_transfer.feature import EMBEDDED, BankKnobs, engine_of
from explorer.server.workloads.bank_transfer.levels import begins, level_of

NONE = "No PostgreSQL could be started for this run; name one in workload.url, or leave that empty for SQLite."
WAIT_S = 60


class Arguments:
    """Arguments of the body for given knobs."""

    def __init__(self, around: Surroundings) -> None:
        """Nothing is made yet."""
        self._around = around
        self._own: Path | None = None
        self._run = str(around.run) if around.run is not None else secrets.token_hex(8)

    def of(self, knobs: BankKnobs) -> dict[str, Any]:
        """The keyword arguments."""
        engine = engine_of(knobs.url)
        level = level_of(engine, knobs.level)
        # Who changes one of these begins a new experiment, with full accounts.
        token = token_of(self._run, f"{level} {knobs.style} {knobs.accounts}")
        bank = Bank(
            pool=Pool(self._url(knobs), knobs.pool_size, 0, knobs.pool_timeout, raw=True),
            token=token,
            engine=engine,
            begins=begins(engine, level),
            style=knobs.style,
            accounts=knobs.accounts,
            think=knobs.think,
            retries=knobs.retries,
            backoff=knobs.backoff,
            ordered=knobs.ordered,
            long_every=knobs.long_every,
            long_seconds=knobs.long_seconds,
            shared=knobs.url not in ("", EMBEDDED),
        )
        return {"bank": bank}

    def close(self) -> None:
        """Delete the file where no run does."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _url(self, knobs: BankKnobs) -> str:
        if knobs.url == EMBEDDED:
            address = self._around.services.get("postgres", "")
            if not address:
                raise OptionError(NONE, "workload.url")
            return address
        return knobs.url or f"sqlite:///{self._file(knobs.journal).as_posix()}"

    def _file(self, journal: str) -> Path:
        if self._around.run is None:
            self._own = self._own or Path(tempfile.mkdtemp(prefix="explorer-database-"))
        folder = self._own or scratch_folder(self._around.run or Path())
        # A file for each way: its readers and writers must not be disturbed by a change of it.
        file = folder.resolve() / f"bank-{journal}.sqlite"
        with closing(sqlite3.connect(file, timeout=WAIT_S)) as connection:
            connection.execute(f"PRAGMA journal_mode={journal}")
        return file
