"""What a host is told about plugins that do not start, do not end, or were never there."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from goplugin import (
    CallTimeout,
    Client,
    HandshakeConfig,
    HandshakeFailed,
    PluginError,
    PluginExited,
    SessionClosed,
    StartTimeout,
)
from goplugin.runtime.host._startup import plugin_environment

MakeClient = Callable[..., Client]


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_client_starts_once_and_is_done_after_its_end(client: Client) -> None:
    pid = client.pid
    client.start()
    assert client.pid == pid
    assert [client.kill(), client.kill(), client.exit_code] == [0, 0, 0]
    with pytest.raises(PluginError, match="make a new Client"):
        client.start()


def test_a_context_leaves_nothing_behind(make_client: MakeClient) -> None:
    with make_client() as client:
        folder = Path(client.address).parent
        assert client.ping() > 0
    assert client.exit_code == 0
    assert not folder.exists()


def test_what_was_never_started_can_only_be_killed(make_client: MakeClient) -> None:
    client = make_client()
    for use in (client.ping, client.quit, lambda: client.pid):
        with pytest.raises(PluginError, match="was not started"):
            use()
    assert client.exit_code is None
    assert client.kill() is None
    with pytest.raises(PluginError):
        client.start()


def test_a_program_that_is_not_there_is_an_error(make_client: MakeClient) -> None:
    with pytest.raises(PluginError, match="cannot start the plugin '/no/such/plugin'"):
        make_client(["/no/such/plugin"]).start()


def test_a_plugin_that_ends_before_its_handshake_says_why(make_client: MakeClient) -> None:
    client = make_client(script("import sys; sys.exit('line 1\\nbad configuration')"))
    with pytest.raises(PluginExited, match="exit code 1") as raised:
        client.start()
    assert raised.value.exit_code == 1
    assert raised.value.stderr == ("line 1", "bad configuration")
    assert "bad configuration" in str(raised.value)


def test_a_plugin_that_is_killed_before_its_handshake_is_told_by_its_signal(
    make_client: MakeClient,
) -> None:
    client = make_client(script("import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(PluginExited, match=r"signal 9; its last lines on stderr: nothing"):
        client.start()


def test_a_plugin_that_says_nothing_times_out_and_is_killed(make_client: MakeClient) -> None:
    client = make_client(script("import time; time.sleep(600)"), start_timeout=0.3)
    with pytest.raises(StartTimeout, match=r"no handshake line within 0\.3 s"):
        client.start()
    assert client.exit_code == -15


def test_a_plugin_that_ignores_sigterm_while_it_starts_is_killed(make_client: MakeClient) -> None:
    text = "import signal, time; signal.signal(15, signal.SIG_IGN); print('?', flush=True)"
    client = make_client(script(f"{text}; time.sleep(600)"))
    with pytest.raises(HandshakeFailed):
        client.start()
    assert client.exit_code == -9


def test_a_plugin_that_closes_stdout_and_lives_is_no_plugin(make_client: MakeClient) -> None:
    client = make_client(script("import os, time; os.close(1); time.sleep(600)"))
    with pytest.raises(HandshakeFailed, match="nothing came on its stdout"):
        client.start()


@pytest.mark.parametrize(
    "line",
    [
        "hello world",
        "1|1|tcp|127.0.0.1:1234|netrpc|",
        "1|1|unix|/nowhere|grpc|",
        "1|2|unix|/nowhere|netrpc|",
        "2|1|unix|/nowhere|netrpc|",
        f"1|1|unix|/nowhere|netrpc|{'c' * 60}",
        "x" * 70_000,
    ],
)
def test_a_line_that_is_no_handshake_of_ours_is_refused(make_client: MakeClient, line: str) -> None:
    client = make_client(script(f"print({line!r}, flush=True); input()"))
    with pytest.raises(HandshakeFailed):
        client.start()
    assert client.exit_code is not None


def test_a_socket_where_nobody_listens_is_an_error(make_client: MakeClient) -> None:
    line = "1|1|unix|/no/such/folder/socket|netrpc|"
    client = make_client(script(f"import time; print({line!r}, flush=True); time.sleep(600)"))
    with pytest.raises(SessionClosed, match="No such file"):
        client.start()
    assert client.exit_code == -15


LISTENER = """
import os, socket, sys, time, tempfile
folder = tempfile.mkdtemp(prefix="plugin")
listener = socket.socket(socket.AF_UNIX)
listener.bind(folder + "/socket")
listener.listen()
print(f"1|1|unix|{folder}/socket|netrpc|", flush=True)
sock = listener.accept()[0]
"""


def test_a_plugin_that_answers_nothing_is_killed_and_cleaned_up(make_client: MakeClient) -> None:
    client = make_client(script(LISTENER + "time.sleep(600)"))
    client.start()
    with pytest.raises(CallTimeout, match=r"Control\.Ping: no reply within 0\.1 s"):
        client.ping(timeout=0.1)
    with pytest.raises(CallTimeout):
        client.quit(timeout=0.1)
    assert client.kill(grace=0.1) == -9
    assert not Path(client.address).parent.exists()


def test_a_plugin_that_hangs_up_and_lives_is_a_closed_session(make_client: MakeClient) -> None:
    client = make_client(script(LISTENER + "sock.close(); time.sleep(600)"))
    client.start()
    with pytest.raises(SessionClosed):
        client.ping()
    assert client.exit_code is None


def test_a_plugin_that_sends_garbage_is_a_closed_session(make_client: MakeClient) -> None:
    client = make_client(script(LISTENER + "sock.sendall(b'x' * 100); time.sleep(600)"))
    client.start()
    with pytest.raises(SessionClosed, match="at byte 0"):
        client.ping()


def test_what_a_killed_plugin_has_started_is_killed_too(
    make_client: MakeClient, until: Callable[..., None], tmp_path: Path
) -> None:
    told = tmp_path / "pid"
    child = f"import subprocess; p = subprocess.Popen(['sleep', '600']); open({str(told)!r}, 'w').write(str(p.pid))"
    client = make_client(script(LISTENER + child + "\ntime.sleep(600)"))
    client.start()
    until(lambda: told.exists() and told.read_text())
    client.kill(grace=0)

    def gone() -> bool:
        try:
            return "State:\tZ" in Path(f"/proc/{told.read_text()}/status").read_text()
        except OSError:
            return True

    until(gone)


def test_the_environment_is_this_processs_own_without_what_a_host_told_us(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGIN_CLIENT_CERT", "of a host above")
    monkeypatch.setenv("PLUGIN_UNIX_SOCKET_DIR", "/no/such/folder")
    with make_client() as client:
        assert client.ping() > 0


def test_the_environment_may_be_given_whole(
    echo_argv: list[str], handshake: HandshakeConfig
) -> None:
    env = plugin_environment(handshake, {"A": "1"})
    assert env == {
        "A": "1",
        "GOPLUGIN_TEST": "echo",
        "PLUGIN_PROTOCOL_VERSIONS": "1",
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
    }
    with Client(echo_argv, handshake, env={"PATH": os.environ["PATH"]}) as client:
        assert client.ping() > 0


def test_long_log_lines_are_cut_into_pieces(make_client: MakeClient) -> None:
    lengths: list[int] = []
    client = make_client(
        script("import sys; sys.stderr.write('x' * 150_000 + '\\r\\nend'); sys.exit(1)"),
        on_log=lambda line: lengths.append(len(line.message)),
    )
    with pytest.raises(PluginExited):
        client.start()
    assert sum(lengths) == 150_003
    assert max(lengths) <= 65_536 * 2
