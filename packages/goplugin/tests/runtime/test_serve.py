"""A plugin's start and its ordinary ends, as a process."""

import grp
import json
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from goplugin import Client, HandshakeConfig, HandshakeFailed
from goplugin.wire.gob import INT, STRING

WITHOUT_COOKIE = {key: value for key, value in os.environ.items() if key != "GOPLUGIN_TEST"}

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("cookie", [{}, {"GOPLUGIN_TEST": "another"}])
def test_started_by_hand_it_says_what_it_is(echo_argv: list[str], cookie: dict[str, str]) -> None:
    run = subprocess.run(
        echo_argv,
        env={**WITHOUT_COOKIE, **cookie},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert "This program is a plugin" in run.stderr
    assert "GOPLUGIN_TEST" in run.stderr
    assert "another" not in run.stderr


def test_the_handshake_line_names_a_socket_in_a_private_folder(spawn: Callable[..., Any]) -> None:
    plugin = spawn()
    assert plugin.line == f"1|1|unix|{plugin.address}|netrpc|\n"
    assert stat.S_IMODE(plugin.address.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(plugin.address.stat().st_mode) == 0o600


def test_the_socket_lies_in_the_folder_that_the_host_names(
    spawn: Callable[..., Any], tmp_path: Path
) -> None:
    plugin = spawn(PLUGIN_UNIX_SOCKET_DIR=str(tmp_path))
    assert plugin.address.parent == tmp_path
    plugin.process.terminate()
    plugin.end()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["PLUGIN_UNIX_SOCKET_DIR", "TMPDIR"])
def test_the_group_that_the_host_names_may_connect(
    spawn: Callable[..., Any], tmp_path: Path, folder: str
) -> None:
    plugin = spawn(PLUGIN_UNIX_SOCKET_GROUP=str(os.getgid()), **{folder: str(tmp_path)})
    assert stat.S_IMODE(plugin.address.stat().st_mode) == 0o660
    assert plugin.address.stat().st_gid == os.getgid()
    if folder == "TMPDIR":
        assert stat.S_IMODE(plugin.address.parent.stat().st_mode) == 0o710


def test_the_group_may_be_a_name(spawn: Callable[..., Any]) -> None:
    plugin = spawn(PLUGIN_UNIX_SOCKET_GROUP=grp.getgrgid(os.getgid()).gr_name)
    assert stat.S_IMODE(plugin.address.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"PLUGIN_CLIENT_CERT": "of a host"}, "PLUGIN_CLIENT_CERT is no certificate in PEM"),
        ({"PLUGIN_CLIENT_CERT": PEM.format("")}, "PLUGIN_CLIENT_CERT cannot be used: "),
        ({"PLUGIN_CLIENT_CERT": PEM.format("MAA=")}, "no certificate in DER"),
        ({"PLUGIN_CLIENT_CERT": PEM.format("") * 2}, "expected one block"),
        ({"PLUGIN_UNIX_SOCKET_DIR": "/no/such/folder"}, "cannot make the plugin's socket"),
        ({"PLUGIN_UNIX_SOCKET_GROUP": "no such group"}, "which is no group here"),
        ({"TMPDIR": "/tmp/" + "x" * 100}, "cannot make the plugin's socket"),
    ],
)
def test_what_it_cannot_do_is_refused_on_stderr(
    spawn: Callable[..., Any], variables: dict[str, str], complaint: str
) -> None:
    plugin = spawn(**variables)
    code, err = plugin.end()
    assert plugin.line == ""
    assert code == 1
    entry = json.loads(err)
    assert entry["@level"] == "error"
    assert complaint in entry["@message"]


def test_a_path_too_long_for_a_socket_is_named(spawn: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    code, err = spawn(TMPDIR=str(folder)).end()
    assert code == 1
    assert "set TMPDIR to a shorter one" in json.loads(err)["@message"]
    assert list(folder.iterdir()) == []


def test_a_host_that_multiplexes_grpc_gets_its_seventh_segment(spawn: Callable[..., Any]) -> None:
    assert spawn(PLUGIN_MULTIPLEX_GRPC="true").line.endswith("|netrpc||true\n")


def test_a_version_that_the_host_does_not_speak_is_told_to_the_host(
    echo_argv: list[str],
) -> None:
    client = Client(echo_argv, HandshakeConfig(2, "GOPLUGIN_TEST", "echo"))
    with pytest.raises(HandshakeFailed, match="version 1"):
        client.start()
    assert client.exit_code is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_takes_the_socket_away(
    spawn: Callable[..., Any], number: signal.Signals
) -> None:
    plugin = spawn()
    plugin.process.send_signal(number)
    code, _err = plugin.end()
    assert code == 0
    assert not plugin.address.parent.exists()


def test_sigint_is_ignored(client: Client) -> None:
    for _ in range(3):
        os.kill(client.pid, signal.SIGINT)
        client.ping()
    assert client.exit_code is None


def test_quit_ends_it_and_takes_the_socket_away(client: Client) -> None:
    folder = Path(client.address).parent
    client.dispense("Echo")
    assert client.quit() == 0
    assert not folder.exists()


def test_quit_ends_a_plugin_whose_handler_blocks(client: Client) -> None:
    service = client.dispense("Echo")
    service.start("Plugin.Block", INT, 600_000)
    assert client.quit(timeout=10) == 0
    assert not Path(client.address).parent.exists()


def test_quit_ends_a_plugin_that_has_started_threads(client: Client) -> None:
    client.dispense("Echo").call("Plugin.Stay", STRING, "here")
    assert client.quit(timeout=10) == 0


def test_a_closed_stdout_is_no_reason_to_hang(echo_argv: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    env = {**os.environ, "GOPLUGIN_TEST": "echo"}
    with os.fdopen(write, "wb") as broken:
        process = subprocess.run(
            echo_argv, env=env, stdout=broken, stderr=subprocess.PIPE, timeout=30, check=False
        )
    assert process.returncode == 1
    assert "cannot tell the host the handshake" in json.loads(process.stderr)["@message"]


def test_a_connection_that_says_nothing_does_not_keep_others_out(
    spawn: Callable[..., Any],
) -> None:
    plugin = spawn()
    with plugin.connect(), plugin.connect() as sock:
        sock.shutdown(socket.SHUT_RDWR)
    assert plugin.process.poll() is None
