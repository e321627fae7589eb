"""The command `lab isolation-cost`: what is refused before anything starts."""

import pytest
from click.testing import CliRunner

from explorer.cli.lab_isolation_cost import isolation_cost


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--levels", "read committed"],
            "SQLite has no level READ COMMITTED; choose AUTOCOMMIT, DEFERRED or",
        ),
        (["--style", "for_update"], "SQLite locks no single rows and has no SELECT … FOR UPDATE; choose the level"),
        (["--transfers", "1"], "cost.transfers (Transfers) must be from 10 to 10,000,000 a level."),
        (["--url", "somewhere"], "workload.url (URL) cannot be used: it must look like postgresql://"),
        (["--url", "embedded", "--levels", "READ UNCOMMITTED"], "PostgreSQL has no level READ UNCOMMITTED; choose"),
        (["--json", "/nowhere/at/all.json"], "The folder /nowhere/at does not exist."),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(words: list[str], sentence: str) -> None:
    result = CliRunner().invoke(isolation_cost, words)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"concurrency-explorer: {sentence}")
    assert result.stderr.count("\n") == 1
