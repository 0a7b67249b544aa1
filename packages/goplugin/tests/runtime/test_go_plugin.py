"""Our host drives a plugin served by hashicorp's own go-plugin (tests/conformance/cmd/hostplugin)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from go_programs import go_program

from goplugin import Client, LogLine, Method, PluginExited, RemoteError, RpcClient, Service
from goplugin.wire.gob import BYTES, INT, STRING, UINT

pytestmark = pytest.mark.conformance


class Output:
    """What the plugin wrote."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.err: list[bytes] = []
        self.log: list[LogLine] = []


@pytest.fixture
def output() -> Output:
    return Output()


@pytest.fixture(params=[False, True], ids=["plain", "AutoMTLS"])
def client(
    make_client: Callable[..., Client], output: Output, request: pytest.FixtureRequest
) -> Client:
    one = make_client(
        [str(go_program("hostplugin"))],
        on_stdout=output.out.append,
        on_stderr=output.err.append,
        on_log=output.log.append,
        auto_mtls=request.param,
    )
    one.start()
    return one


@pytest.fixture
def service(client: Client) -> RpcClient:
    return client.dispense("Echo")


def test_it_answers_pings_and_calls(client: Client, service: RpcClient) -> None:
    assert client.ping() > 0
    assert service.call("Plugin.Echo", STRING, "héllo") == "héllo"


def test_its_errors_are_remote_errors(service: RpcClient) -> None:
    with pytest.raises(RemoteError, match="no such thing: x"):
        service.call("Plugin.Fail", STRING, "x")
    with pytest.raises(RemoteError, match=r"rpc: can't find method Plugin\.Missing"):
        service.call("Plugin.Missing", STRING, "x")
    assert service.call("Plugin.Echo", STRING, "x") == "x"


def test_it_answers_200_calls_at_once(service: RpcClient) -> None:
    with ThreadPoolExecutor(200) as pool:
        calls = [pool.submit(service.call, "Plugin.Later", INT, i + 1) for i in range(200)]
        assert [call.result(60) for call in calls] == [i + 1 for i in range(200)]


def test_large_messages_pass_in_both_directions(service: RpcClient) -> None:
    assert service.call("Plugin.Large", INT, 4_000_000) == bytes(4_000_000)
    assert service.call("Plugin.Length", BYTES, bytes(4_000_000)) == 4_000_000


def test_its_output_and_its_log_come(
    service: RpcClient, output: Output, until: Callable[..., None]
) -> None:
    service.call("Plugin.Write", STRING, "x")
    until(lambda: output.out and output.err and output.log)
    assert b"".join(output.out) == b"out x\n"
    assert b"".join(output.err) == b"err x\n"
    (line,) = [one for one in output.log if one.message == "log x"]
    assert line.level == "warn"
    assert line.fields["answer"] == 42


def test_brokered_streams_go_both_ways(client: Client, service: RpcClient) -> None:
    async def echo(args: object) -> object:
        return f"{args}, by way of the host"

    number = client.accept_and_serve(Service({"Echo": Method(STRING, echo)}))
    assert service.call("Plugin.AskHost", UINT, number) == "from the plugin, by way of the host"
    offered = service.call("Plugin.Offer", STRING, "")
    assert isinstance(offered, int)
    assert client.dial(offered).call("Plugin.Echo", STRING, "x") == "x"


def test_an_unknown_plugin_is_an_error(client: Client) -> None:
    with pytest.raises(RemoteError, match="unknown plugin type: Nothing"):
        client.dispense("Nothing")


def test_it_quits(client: Client) -> None:
    assert client.quit() == 0


def test_its_last_words_come_with_its_exit(service: RpcClient) -> None:
    with pytest.raises(PluginExited) as raised:
        service.call("Plugin.Exit", INT, 7)
    assert raised.value.exit_code == 7
    assert any("last words" in line for line in raised.value.stderr)
