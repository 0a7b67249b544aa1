from collections.abc import AsyncIterator

import pytest
from scripted_agent import ScriptedAgent, listening


@pytest.fixture
async def agent() -> AsyncIterator[ScriptedAgent]:
    """An A2A agent that does what a test tells it."""
    async with listening() as scripted:
        yield scripted
