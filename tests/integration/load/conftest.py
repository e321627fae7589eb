"""One trivial server for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests import plain_server


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where it listens."""
    with plain_server.running() as (port, _):
        yield port
