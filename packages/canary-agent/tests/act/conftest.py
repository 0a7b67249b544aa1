from collections.abc import Iterator

import github_api
import pytest
from acting_shop import DEPLOYMENT, Shop
from github_api import TOKEN

from canary_agent.act import ActSettings


@pytest.fixture
def shop() -> Iterator[Shop]:
    with github_api.serving() as server:
        settings = ActSettings(allowed=f"{server.url}/acme", token=TOKEN)
        one = Shop(server, settings, f"{server.url}/acme/shop")
        one.git.commit("main", {"deploy/shop.yaml": DEPLOYMENT, "src/db.py": "HOST = 'db'\n"})
        yield one


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once, three times."""
    monkeypatch.setattr("canary_agent.act._actor.WAITS", (0.0, 0.0, 0.0))
