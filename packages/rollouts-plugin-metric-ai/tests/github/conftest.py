"""A server that answers as GitHub does, and what opens issues there."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import github_api
import pytest
from github_api import GitHubServer
from issue_desk import Desk


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with github_api.serving() as server:
        yield server


@pytest.fixture
async def desk(github: GitHubServer, tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(github, tmp_path / "journal")
    yield one
    await one.aclose()
