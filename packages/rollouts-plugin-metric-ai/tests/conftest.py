from collections.abc import AsyncIterator

import pytest
from provider_world import World
from scripted_agent import ScriptedAgent, listening

from rollouts_plugin_metric_ai.a2a_client import AgentClient


@pytest.fixture
async def agent() -> AsyncIterator[ScriptedAgent]:
    """An A2A agent that does what a test tells it."""
    async with listening() as scripted:
        yield scripted


@pytest.fixture
async def world(agent: ScriptedAgent) -> AsyncIterator[World]:
    """A provider, that agent, and an AnalysisRun between them."""
    async with AgentClient(user_agent="test") as client:
        yield World(agent, client)
