"""A PostgreSQL server that all tests of the labs share."""

from collections.abc import Iterator

import pytest

from explorer.supervise.postgres.programs import find
from explorer.supervise.postgres.server import SETTINGS, launch


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is, with the password of a user who may do everything."""
    # A vacuum of the server's own accord would be a process that some test seems to have left running.
    settings = {**SETTINGS, "autovacuum": "off"}
    server = launch(next(find()), tmp_path_factory.mktemp("postgres") / "server", settings)
    yield server.url
    server.stop()
