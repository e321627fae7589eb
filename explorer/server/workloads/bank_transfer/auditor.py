"""Looks at the tables now and then, over a connection of its own: a pool that runs dry must not keep it waiting."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from explorer.server.engines import Pool, ask
from explorer.server.workloads.bank_transfer.bank import Bank
from explorer.server.workloads.bank_transfer.tables import Audit, TakenOver, audit, give_up, say_alive, version_of

EVERY_S: Final = 1.0
ALIVE_EVERY: Final = 5
"""After so many looks it says that the run lives."""
AT_THE_END_S: Final = 0.5
"""A run that is stopped waits no longer than that. Who must know to a coin asks for the figures before."""

logger: Final = logging.getLogger(__name__)


class Auditor:
    """Looks every second until `end`; `told` hears what each look gave. To be made on the loop of the app's life."""

    def __init__(self, bank: Bank, form: str, told: Callable[[Audit], None]) -> None:
        self._pool = Pool(bank.pool.url, 1, 0, bank.pool.timeout, raw=True)
        self._token, self._form, self._told = bank.token, form, told
        self._shared = bank.shared
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name="audits the bank")

    async def _run(self) -> None:
        """Sum up the balances every second."""
        for number in itertools.count(1):
            if self._over.done():
                return
            try:
                await self.look(whole=False)
                if self._shared and number % ALIVE_EVERY == 0:
                    with suppress(SQLAlchemyError):  # SQLite may be busy; it is said again in time
                        await ask(self._pool, self._form, partial(say_alive, token=self._token))
            except TakenOver:
                logger.warning("Another run uses the bank's tables by now; this one cannot be audited any more.")
                return
            except (SQLAlchemyError, OSError) as error:
                logger.warning("The bank could not be audited: %s", str(error).strip().partition("\n")[0])
            await asyncio.wait((self._over,), timeout=EVERY_S)

    async def look(self, whole: bool) -> Audit:
        """Look now; `whole` with the journal. Raises `TakenOver` and what the database raises."""
        found = await ask(self._pool, self._form, partial(audit, token=self._token, whole=whole))
        self._told(found)
        return found

    async def version(self) -> str:
        """The engine's."""
        return await ask(self._pool, self._form, version_of)

    async def end(self) -> None:
        """Look for the last time, after the last transfer."""
        self._over.set_result(None)
        try:
            async with asyncio.timeout(AT_THE_END_S):
                await self._task
                await self.look(whole=True)
                if self._shared:
                    await ask(self._pool, self._form, partial(give_up, token=self._token))
        except (SQLAlchemyError, OSError, TimeoutError, TakenOver) as error:
            logger.warning("The bank could not be audited at the end: %s", str(error).strip().partition("\n")[0])
