"""Fixtures of the acceptance tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.stage import Stage, playing


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A desk at work, of one test alone."""
    async with playing(Installation(tmp_path)) as stage:
        yield stage
