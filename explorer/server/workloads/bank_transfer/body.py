"""Moves money from one account to another, and tries again when the database says that it must."""

import asyncio
import time

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.util import await_only

from explorer.server.engines import engine, engine_of_loop
from explorer.server.workloads.bank_transfer.bank import Bank, Conflict, Outcome
from explorer.server.workloads.bank_transfer.retry import again
from explorer.server.workloads.bank_transfer.transfers import attempt


async def awaiting(bank: Bank) -> Outcome:
    """While this request waits for a connection or for the database, the loop serves others."""
    transfer, outcome = bank.transfer(), Outcome()
    while True:
        try:
            async with (await engine_of_loop(bank.pool)).connect() as connection:
                outcome.seconds = await connection.run_sync(
                    attempt, bank, transfer, lambda seconds: await_only(asyncio.sleep(seconds))
                )
            outcome.committed = True
            return outcome
        except (DBAPIError, Conflict) as error:
            if not again(bank, outcome, error):
                return outcome
        except PoolTimeoutError:
            outcome.dry = True
            return outcome
        await asyncio.sleep(bank.pause(outcome.retried))


def blocking(bank: Bank) -> Outcome:
    """While this request waits for a connection or for the database, its thread stands still."""
    transfer, outcome = bank.transfer(), Outcome()
    while True:
        try:
            with engine(bank.pool).connect() as connection:
                outcome.seconds = attempt(connection, bank, transfer, time.sleep)
            outcome.committed = True
            return outcome
        except (DBAPIError, Conflict) as error:
            if not again(bank, outcome, error):
                return outcome
        except PoolTimeoutError:
            outcome.dry = True
            return outcome
        time.sleep(bank.pause(outcome.retried))
