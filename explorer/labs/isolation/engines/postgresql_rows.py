"""Reads the rows of a statement of PostgreSQL one by one: of a million nobody keeps more than the lab shows.

The statement goes out by the extended protocol, so that the server takes one and no more, whatever a text hides. It is
carried out to its end: to cancel it would abort the transaction.
"""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.adapt import Transformer
from psycopg.generators import fetch, send
from psycopg.pq import ExecStatus

from explorer.labs.isolation.engines.engine import MOST_ROWS
from explorer.records.clock import now_ns

_ROWS: Final = (ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK)
_FINE: Final = (*_ROWS, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave, when it ended (ns): at most one row more than the lab shows. `columns` is empty for one
    that returns nothing, `count` None for one that counts nothing.
    """

    ended: int
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    count: int | None


def ask(connection: "psycopg.Connection[Any]", statement: str) -> Answer:
    """The answer to one statement. Raises `psycopg.Error`."""
    raw, transformer = connection.pgconn, Transformer(connection)
    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = []
    count: int | None = None
    failure: psycopg.Error | None = None
    with connection.lock:
        raw.send_query_params(statement.encode(), None)
        raw.set_single_row_mode()
        connection.wait(send(raw))
        while (result := connection.wait(fetch(raw))) is not None:
            if result.status not in _FINE:
                failure = failure or psycopg.errors.error_from_result(result)
                if result.status != ExecStatus.FATAL_ERROR:
                    connection.close()  # it would copy a file, and take nothing else before
                    break
                continue
            if result.status in _ROWS:
                columns = columns or _names(result)
                if len(rows) <= MOST_ROWS and result.ntuples:
                    transformer.set_pgresult(result)
                    rows += transformer.load_rows(0, result.ntuples, tuple)
            if result.status != ExecStatus.SINGLE_TUPLE:
                count = result.command_tuples
    if failure is not None:
        raise failure
    return Answer(now_ns(), columns, rows, count)


def _names(result: "psycopg.pq.abc.PGresult") -> tuple[str, ...]:
    return tuple((result.fname(number) or b"").decode(errors="replace") for number in range(result.nfields))
