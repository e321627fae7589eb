"""What the tests of whole runs share."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.session.stage import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A session that was not started; nothing is left of it after the test."""
    stage = Stage()
    yield stage
    await stage.close()
