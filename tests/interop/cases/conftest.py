"""A foreign agent at a time, plugins, and the table that the tests fill in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from asking import Asking
from desk import Desk
from foreign import AGENTS, ENVIRONMENTS, ForeignAgent
from foreign_process import running
from interop_table import InteropTable
from running import plugin_file

from argo_rollouts_plugin.client import MetricProviderClient

Start = Callable[[], MetricProviderClient]
TABLE = InteropTable()


@dataclass(frozen=True)
class Served:
    """A running agent, and the desk of its model."""

    agent: ForeignAgent
    url: str
    desk: Desk

    def asking(self) -> Asking:
        """A new run; questions on it are noted."""
        asking = Asking(self.url)
        self.desk.expect(asking.uid)
        return asking

    def note(self, **cells: str) -> None:
        TABLE.note(self.agent.key, **cells)

    def count(self, column: str) -> None:
        TABLE.count(self.agent.key, column)


@pytest.fixture(scope="session", params=AGENTS, ids=lambda agent: agent.key)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Each agent in turn: pytest puts the tests of one together, so that only one runs at a time."""
    agent: ForeignAgent = request.param
    missing = agent.missing()
    if missing:
        TABLE.left_out[agent.name] = missing
        pytest.skip(missing)
    desk = Desk(tmp_path_factory.mktemp("desk"))
    version, transport = agent.speaks
    with running(agent, desk.folder, tmp_path_factory.mktemp("server")) as url:
        served = Served(agent, url, desk)
        served.note(
            agent=agent.name, version=agent.version(), protocol=version, transport=transport
        )
        for why in dict.fromkeys(agent.shortfalls.values()):
            TABLE.shortfalls[agent.name] = why
        yield served


@pytest.fixture(scope="session")
def plugin() -> Iterator[MetricProviderClient]:
    """One plugin process for all tests that do not kill it."""
    with MetricProviderClient([str(plugin_file())]) as client:
        yield client


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts plugins, and ends them all."""
    plugins: list[MetricProviderClient] = []

    def start_plugin() -> MetricProviderClient:
        client = MetricProviderClient([str(plugin_file())])
        plugins.append(client)
        client.start()
        return client

    yield start_plugin
    for client in plugins:
        client.kill(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what an agent gives no occasion for, and expects its known shortfalls."""
    for item in list(items):
        agent = _agent_of(item)
        if agent is None:
            continue
        name = getattr(item, "originalname", item.name)
        if item.get_closest_marker("chosen_parts") and not agent.chooses:
            items.remove(item)
        elif name in agent.shortfalls:
            item.add_marker(pytest.mark.xfail(strict=True, reason=agent.shortfalls[name]))


def _agent_of(item: pytest.Item) -> ForeignAgent | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("served") if callspec else None
    return found if isinstance(found, ForeignAgent) else None


def pytest_sessionfinish() -> None:
    path = ENVIRONMENTS / "table.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TABLE.markdown(agent.key for agent in AGENTS))
