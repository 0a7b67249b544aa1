"""Calls through our host into our plugin, over real processes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from goplugin import (
    CallTimeout,
    Client,
    LocalProtocolError,
    LogLine,
    PluginExited,
    RemoteError,
    RpcClient,
)
from goplugin.wire.gob import BYTES, INT, STRING


@pytest.fixture
def service(client: Client) -> RpcClient:
    return client.dispense("Echo")


def test_a_call_returns_the_reply(service: RpcClient) -> None:
    assert service.call("Plugin.Echo", STRING, "héllo") == "héllo"


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("Plugin.Fail", "LookupError: no such thing: text"),
        ("Plugin.Exit", "SystemExit: 3"),
        ("Plugin.Cancel", "CancelledError: "),
        ("Plugin.Wrong", "LocalProtocolError: "),
        ("Plugin.Missing", "rpc: can't find method Plugin.Missing"),
        ("Other.Echo", "rpc: can't find service Other.Echo"),
        ("Echo", "rpc: service/method request ill-formed: Echo"),
    ],
)
def test_what_fails_in_the_plugin_is_the_calls_error(
    service: RpcClient, method: str, error: str
) -> None:
    with pytest.raises(RemoteError) as raised:
        service.call(method, STRING, "text")
    assert str(raised.value).startswith(error)
    assert service.call("Plugin.Echo", STRING, "still there") == "still there"


def test_a_broken_factory_fails_the_calls_and_not_the_plugin(client: Client) -> None:
    broken = client.dispense("Broken")
    for _ in range(2):
        with pytest.raises(RemoteError, match="RuntimeError: the factory is broken"):
            broken.call("Plugin.Echo", STRING, "x")
    assert client.dispense("Echo").call("Plugin.Echo", STRING, "x") == "x"


def test_an_unknown_plugin_is_not_dispensed(client: Client) -> None:
    with pytest.raises(RemoteError, match="unknown plugin type: Nothing"):
        client.dispense("Nothing")


def test_200_calls_at_once_are_answered_in_the_order_in_which_they_are_done(
    service: RpcClient,
) -> None:
    done: list[int] = []
    lock = threading.Lock()

    def call(millis: int) -> None:
        reply = service.call("Plugin.Later", INT, millis)
        assert reply == millis
        with lock:
            done.append(millis)

    # the first ones wait until all are there, whatever the machine is doing
    with ThreadPoolExecutor(200) as pool:
        wait([pool.submit(call, 3000 - 10 * i) for i in range(200)])
    assert len(done) == 200
    assert done[0] < done[-1]
    assert done[-1] > 2900


def test_ping_is_answered_while_a_handler_keeps_the_loop_busy(
    client: Client, service: RpcClient
) -> None:
    hog = service.start("Plugin.Hog", INT, 1500)
    for _ in range(20):
        client.ping(timeout=10)
    assert not hog.done()
    client.dispense("Echo")
    assert hog.result(30) == 1500


def test_ping_is_answered_while_a_handler_blocks_the_loop(
    client: Client, service: RpcClient
) -> None:
    blocked = service.start("Plugin.Block", INT, 1500)
    for _ in range(20):
        client.ping(timeout=10)
    assert not blocked.done()
    assert blocked.result(30) == 1500


def test_large_messages_pass_in_both_directions(service: RpcClient) -> None:
    size = 5_000_000
    assert service.call("Plugin.Large", INT, size) == b"x" * size
    assert service.call("Plugin.Length", BYTES, bytes(size)) == size


def test_many_large_replies_wait_for_room(service: RpcClient) -> None:
    replies = [service.start("Plugin.Large", INT, 400_000) for _ in range(20)]
    assert [len(str(one.result(60))) > 400_000 for one in replies] == [True] * 20


def test_a_reply_beyond_the_limit_of_gob_is_an_error(service: RpcClient) -> None:
    with pytest.raises(RemoteError, match="LocalProtocolError"):
        service.call("Plugin.Large", INT, 17 * 1024 * 1024)
    assert service.call("Plugin.Echo", STRING, "x") == "x"


def test_a_call_that_takes_too_long_times_out_and_is_forgotten(service: RpcClient) -> None:
    with pytest.raises(CallTimeout, match=r"Plugin\.Later: no reply within 0\.05 s"):
        service.call("Plugin.Later", INT, 500, timeout=0.05)
    assert service.call("Plugin.Later", INT, 600) == 600


def test_an_argument_that_does_not_fit_its_type_is_the_callers_error(service: RpcClient) -> None:
    with pytest.raises(LocalProtocolError):
        service.call("Plugin.Echo", STRING, 12)
    assert service.call("Plugin.Echo", STRING, "x") == "x"


def test_closing_a_service_leaves_the_others(client: Client, service: RpcClient) -> None:
    other = client.dispense("Echo")
    slow = service.start("Plugin.Later", INT, 300)
    service.close()
    assert slow.result(30) == 300
    assert other.call("Plugin.Echo", STRING, "x") == "x"


def test_a_thread_that_fails_is_logged(make_client: Callable[..., Client]) -> None:
    lines: list[LogLine] = []
    client = make_client(on_log=lines.append)
    client.start()
    client.dispense("Echo").call("Plugin.Thread", STRING, "x")
    assert client.quit() == 0
    failed = [line for line in lines if line.message == "a thread failed"]
    assert "in a thread: x" in str(failed[0].fields["exception"])


def test_calls_that_wait_when_the_plugin_dies_say_how_it_died(
    client: Client, service: RpcClient
) -> None:
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(service.call, "Plugin.Later", INT, 60_000)
        client.ping()
        client.kill(grace=0)
        with pytest.raises(PluginExited) as raised:
            call.result(30)
    assert raised.value.exit_code == -9
    with pytest.raises(PluginExited):
        service.call("Plugin.Echo", STRING, "x")
