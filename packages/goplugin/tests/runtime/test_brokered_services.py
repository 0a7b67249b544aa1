"""Services of one's own on brokered streams, between our host and our plugin."""

import pytest

from goplugin import Client, Method, Service
from goplugin.wire.gob import STRING, UINT


@pytest.fixture
def host_service() -> Service:
    async def echo(args: object) -> object:
        return f"{args}, by way of the host"

    return Service({"Echo": Method(STRING, echo)})


def test_a_plugin_calls_what_its_host_serves(client: Client, host_service: Service) -> None:
    number = client.accept_and_serve(host_service)
    reply = client.dispense("Echo").call("Plugin.AskHost", UINT, number)
    assert reply == "from the plugin, by way of the host"


def test_a_host_calls_what_its_plugin_offers(client: Client) -> None:
    number = client.dispense("Echo").call("Plugin.Offer", STRING, "")
    assert isinstance(number, int)
    offered = client.dial(number)
    assert offered.call("Plugin.Echo", STRING, "x") == "x"
    offered.close()
