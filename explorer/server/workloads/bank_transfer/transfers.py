"""A transfer in SQL, written in four ways, and one attempt at it in one transaction.

Both forms of the body run this code: the awaiting one on SQLAlchemy's `run_sync`, in which every statement is awaited.
"""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

from sqlalchemy import Connection, text

from explorer.server.workloads.bank_transfer import statements
from explorer.server.workloads.bank_transfer.bank import Bank, Conflict, Transfer

READ = text(statements.READ)
LOCK = text(statements.LOCK)
READ_VERSION = text(statements.READ_VERSION)
WRITE = text(statements.WRITE)
ADD = text(statements.ADD)
WRITE_VERSION = text(statements.WRITE_VERSION)
NOTE = text(statements.NOTE)

Wait = Callable[[float], None]
Move = tuple[int, int]
"""An account, and what is added to its balance."""


def attempt(connection: Connection, bank: Bank, transfer: Transfer, wait: Wait) -> float:
    """Make the transfer in one transaction. Returns how long it was open, in s; raises what the database raises.

    The transfer is noted in a journal in the same transaction, so that the database itself knows what was committed.
    """
    moves = [(transfer.source, -transfer.amount), (transfer.target, transfer.amount)]
    if bank.ordered:
        moves.sort()
    for statement in bank.begins:
        connection.exec_driver_sql(statement)
    began, over = perf_counter(), False
    try:
        STYLES[bank.style](connection, moves, lambda: wait(transfer.think))
        note = {"source": transfer.source, "target": transfer.target, "amount": transfer.amount}
        connection.execute(NOTE, note)
        if bank.begins:
            over = bank.engine == "postgresql"  # whether its COMMIT succeeds or fails; SQLite's may have to wait
            connection.exec_driver_sql("COMMIT")
    except BaseException:
        if bank.begins and not over:
            roll_back(connection)
        raise
    return perf_counter() - began


def read_write(connection: Connection, moves: list[Move], think: Callable[[], None]) -> None:
    """Read both balances, think, write what was computed. Whoever wrote in between is overwritten."""
    balances = [connection.execute(READ, {"id": account}).scalar_one() for account, _ in moves]
    think()
    for (account, amount), balance in zip(moves, balances, strict=True):
        connection.execute(WRITE, {"id": account, "balance": balance + amount})


def atomic(connection: Connection, moves: list[Move], think: Callable[[], None]) -> None:
    """Let the database add: nothing is read that could be old by now."""
    think()
    for account, amount in moves:
        connection.execute(ADD, {"id": account, "amount": amount})


def for_update(connection: Connection, moves: list[Move], think: Callable[[], None]) -> None:
    """Lock each row while it is read: nobody else writes it before this transaction ends."""
    balances = [connection.execute(LOCK, {"id": account}).scalar_one() for account, _ in moves]
    think()
    for (account, amount), balance in zip(moves, balances, strict=True):
        connection.execute(WRITE, {"id": account, "balance": balance + amount})


def version(connection: Connection, moves: list[Move], think: Callable[[], None]) -> None:
    """Write only if the row is still the one that was read, which its version tells."""
    rows = [connection.execute(READ_VERSION, {"id": account}).one() for account, _ in moves]
    think()
    for (account, amount), row in zip(moves, rows, strict=True):
        values = {"id": account, "balance": row.balance + amount, "version": row.version}
        if connection.execute(WRITE_VERSION, values).rowcount == 0:
            raise Conflict


STYLES: Final[Mapping[str, Callable[[Connection, list[Move], Callable[[], None]], None]]] = {
    "read_write": read_write,
    "atomic": atomic,
    "for_update": for_update,
    "version": version,
}


def roll_back(connection: Connection) -> None:
    """End a transaction that failed; engines that have ended it by themselves do not mind, or say so."""
    if connection.invalidated:
        return
    try:
        connection.exec_driver_sql("ROLLBACK")
    except Exception:
        connection.invalidate()  # what state it is in nobody knows: the pool opens another
