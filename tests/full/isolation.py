"""The full matrix of the isolation lab on SQLite with both journals, the embedded PostgreSQL, and the system's
PostgreSQL and MariaDB: the same ten times over, as Hermitage has published it, and with a reason wherever a source says
otherwise.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final

from explorer.labs.isolation.expected import hermitage
from explorer.labs.isolation.expected.differences import sources
from explorer.labs.isolation.expected.reasons import UNKNOWN
from explorer.labs.isolation.expected.source import ANOMALIES, AUTOCOMMIT
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.library import shipped
from explorer.labs.isolation.matrix import Matrix
from explorer.labs.isolation.measure import measure
from explorer.labs.isolation.table import cell_words, matrix_table
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from tests.database_servers import MariaDB, Missing, PostgreSQL, Server, running
from tests.full.outcome import Failed, Skipped

ROUNDS: Final = 10
CODES: Final = {
    "postgresql": hermitage.POSTGRESQL_CODES, "mariadb": hermitage.INNODB_CODES, "mysql": hermitage.INNODB_CODES
}  # fmt: skip
Place = AbstractContextManager[Target]


def targets() -> dict[str, Callable[[], Place]]:
    """The databases by what they are called, each for as long as its block lasts."""
    return {
        "SQLite, delete": lambda: nullcontext(Target()),
        "SQLite, wal": lambda: nullcontext(Target(journal="wal")),
        "embedded PostgreSQL": lambda: nullcontext(Target("embedded")),
        "PostgreSQL": lambda: _of(PostgreSQL),
        "MariaDB": lambda: _of(MariaDB),
    }


def run() -> str:
    """Measure all of them; the tables go to a file for who wants to see them."""
    wrong: list[str] = []
    said: list[str] = []
    tables = Path(tempfile.gettempdir()) / "isolation-matrix.txt"
    with tables.open("w", encoding="utf-8") as out:
        for name, place in targets().items():
            try:
                with place() as target:
                    rounds = asyncio.run(_measure(target))
            except Missing as missing:
                raise Skipped(str(missing)) from None
            except OptionError as error:
                wrong.append(f"{name}: {error}")
                continue
            out.write(f"{name}\n\n{matrix_table(rounds[0], shipped())}\n\n\n")
            wrong += [f"{rounds[0].facts.title}: {each}" for each in (*_unstable(rounds), *_against(rounds[0]))]
            said.append(f"{rounds[0].facts.title} {sum(each.seconds for each in rounds) / ROUNDS:.1f} s")
    if wrong:
        raise Failed("; ".join(wrong))
    cells = f"{len(ANOMALIES)} anomalies and {len(shipped()) - len(ANOMALIES)} others at every level"
    return f"{cells}, equal in {ROUNDS} runs and as published: {', '.join(said)} a matrix; the tables are in {tables}"


@contextmanager
def _of(kind: type[Server]) -> Iterator[Target]:
    """A server, on which nothing may be left and nothing of the user's may change."""
    with running(kind) as server:
        databases, dump = server.databases(), server.dump()
        yield Target(server.url)
        if left := server.databases() - databases:
            raise Failed(f"{kind.__name__}: left behind were {', '.join(left)}")
        if server.dump() != dump:
            raise Failed(f"{kind.__name__}: the user's database has changed")


async def _measure(target: Target) -> list[Matrix]:
    lab = IsolationLab(target)
    try:
        facts = await lab.start()
        return [await measure(lab, facts.levels, tuple(shipped().values())) for _ in range(ROUNDS)]
    finally:
        await lab.stop()
        lab.discard()


def _unstable(rounds: list[Matrix]) -> Iterator[str]:
    """Cells that were not the same in all rounds."""
    for key in rounds[0].cells:
        found: Counter[str] = Counter()
        for each in rounds:
            cell = each.cells[key]
            seen = cell.verdict
            found[f"{cell_words(cell)} {seen and (seen.happened, seen.how, seen.codes)}"] += 1
        if len(found) > 1:
            yield f"{key[1]} at {key[0]} was not always the same: {dict(found)}"


def _against(matrix: Matrix) -> Iterator[str]:
    """What contradicts what is known: a detector that does not fire, Hermitage, a difference without a reason."""
    facts = matrix.facts
    published = next((each for each in sources(facts) if each.what == hermitage.INNODB.what), None)
    for (level, name), cell in matrix.cells.items():
        if name not in ANOMALIES:
            continue
        if cell.verdict is None:
            yield f"{name} at {level} was refused: {cell.refused}"
            continue
        if level == AUTOCOMMIT and not cell.verdict.happened:
            yield f"{name} does not fire under {AUTOCOMMIT}"
        said = {each.what: each.why for each in cell.differences}
        for what, why in said.items():
            if UNKNOWN in why:
                yield f"{name} at {level} differs from {what}, and no reason is known"
        if published is not None and published.what not in said:
            code = CODES[facts.engine].get((level, name))
            if code is not None and code not in cell.verdict.codes:
                yield f"{name} at {level}: Hermitage saw {code}, here it was {cell_words(cell)}"
