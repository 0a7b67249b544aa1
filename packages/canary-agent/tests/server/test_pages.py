"""Card and health."""

import threading
from typing import Any

import httpx
import pytest
from a2a.client.card_resolver import parse_agent_card

from canary_agent.server import AppSettings, build_app
from canary_agent.store import AnalysisEngine
from canary_verdict import EXTENSION_URI

CARD = "/.well-known/agent-card.json"


async def test_the_card_names_the_origin_the_client_used(http: httpx.AsyncClient) -> None:
    answer = await http.get(CARD)
    card = answer.json()
    offered = {
        (entry["protocolBinding"], entry["protocolVersion"], entry["url"])
        for entry in card["supportedInterfaces"]
    }
    assert offered == {
        ("JSONRPC", "1.0", "http://agent.test:8080/"),
        ("HTTP+JSON", "1.0", "http://agent.test:8080"),
        ("JSONRPC", "0.3", "http://agent.test:8080/"),
        ("HTTP+JSON", "0.3", "http://agent.test:8080"),
    }
    assert card["capabilities"]["extensions"][0]["uri"] == EXTENSION_URI
    assert card["capabilities"]["streaming"] is False
    assert "securitySchemes" not in card
    assert answer.headers["vary"] == "Host"


async def test_readers_of_either_version_understand_the_card(http: httpx.AsyncClient) -> None:
    document = (await http.get(CARD)).json()
    assert document["protocolVersion"] == "0.3"
    assert document["url"] == "http://agent.test:8080/"
    card = parse_agent_card(document)
    assert card.name == "canary-agent"
    assert len(card.supported_interfaces) == 4


async def test_a_public_url_goes_before_the_host(engine: AnalysisEngine, waiting: Any) -> None:
    settings = AppSettings(public_url="https://agent.example", token="secret")
    transport = httpx.ASGITransport(build_app(engine, waiting, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.1") as client:
        card = (await client.get(CARD)).json()
    assert card["supportedInterfaces"][0]["url"] == "https://agent.example/"
    assert card["securitySchemes"]["bearer"]["httpAuthSecurityScheme"]["scheme"] == "bearer"
    assert card["securityRequirements"] == [{"schemes": {"bearer": {}}}]
    assert "secret" not in str(card)


@pytest.mark.parametrize("host", ["a b", "evil.example/path", 'x"y', "user@host", "[::1", "a:b"])
async def test_a_host_that_is_none_gets_no_card(http: httpx.AsyncClient, host: str) -> None:
    answer = await http.get(CARD, headers={"Host": host})
    assert answer.status_code == 400


async def test_an_ipv6_host_is_one(http: httpx.AsyncClient) -> None:
    card = (await http.get(CARD, headers={"Host": "[::1]:8080"})).json()
    assert card["url"] == "http://[::1]:8080/"


async def test_a_healthy_agent_says_so(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    assert (await http.get("/readyz")).json() == {"status": "ready"}
    health = await http.get("/a2a/health")
    assert health.status_code == 200
    assert health.json()["status"] == "healthy"


async def test_a_draining_agent_is_alive_but_not_ready(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = threading.Event()
    ending.set()
    monkeypatch.setattr(engine._work, "ending", ending)
    assert (await http.get("/healthz")).status_code == 200
    for path in ("/readyz", "/a2a/health"):
        answer = await http.get(path)
        assert answer.status_code == 503
        assert answer.json()["status"] == "draining"


async def test_an_agent_without_database_is_not_ready(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.tasks, "answers", lambda: False)
    assert (await http.get("/readyz")).status_code == 503


async def test_a_database_that_hangs_is_not_waited_for(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang() -> bool:
        raise TimeoutError

    monkeypatch.setattr(engine.tasks, "answers", hang)
    assert (await http.get("/readyz")).status_code == 503


async def test_paths_below_a_tenant_are_not_there(http: httpx.AsyncClient) -> None:
    assert (await http.get("/somebody/tasks")).status_code == 404
