"""The guard between a provider's library and the network."""

import httpx2
import pytest
from model_providers import Provider, Reply

from canary_agent.models._transport import GuardError, guarded_client


async def sent(url: str, allowed: str) -> httpx2.Response:
    client, transport = guarded_client(5.0)
    async with client:
        transport.allow(allowed)
        return await client.post(url, json={}, follow_redirects=True)


async def test_the_providers_own_origin_is_reached() -> None:
    with Provider("openai") as server:
        response = await sent(f"{server.origin}/v1/chat/completions", server.url)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        "https://{host}:{port}/v1",
        "http://localhost:{port}/v1",
        "http://127.0.0.2:{port}/v1",
        "http://{host}:1/v1",
        "http://{host}.example:{port}/v1",
    ],
)
async def test_no_other_host_scheme_or_port(other: str) -> None:
    with Provider("openai") as server:
        host, _, port = server.origin.removeprefix("http://").partition(":")
        with pytest.raises(GuardError, match="another host"):
            await sent(other.format(host=host, port=port), server.url)
    assert server.asked == []


async def test_nothing_before_an_origin_is_set() -> None:
    with Provider("openai") as server:
        client, _ = guarded_client(5.0)
        async with client:
            with pytest.raises(GuardError):
                await client.post(server.url)
    assert server.asked == []


async def test_a_redirect_is_not_followed_even_where_the_caller_would() -> None:
    with Provider("openai") as server:
        server.replies = [Reply(status=302, headers={"Location": "/x"})]
        with pytest.raises(GuardError, match="redirect"):
            await sent(server.url, server.url)
    assert len(server.asked) == 1


async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider("openai") as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.setenv("no_proxy", "")
        response = await sent("http://models.example/v1", "http://models.example/v1")
    assert response.status_code == 200
    assert proxy.asked[0].path == "http://models.example/v1"
