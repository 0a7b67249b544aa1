"""The command: options, environment, exit codes, and what it starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from canary_agent import __version__, cli, cluster, server
from canary_agent.cluster import ClusterSettings
from canary_agent.models import ModelSettings
from canary_agent.store import StateError, StateLostError

ANALYSERS: list[Any] = []
"""The analysers that `serve` was called with."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[server.ServeSettings]:
    """What `serve` is called with, instead of serving."""
    calls: list[server.ServeSettings] = []

    def note(plan: server.ServeSettings, analyser: Any, announce: Any) -> int:
        calls.append(plan)
        ANALYSERS.append(analyser)
        announce("canary-agent listening on nothing")
        return 0

    monkeypatch.setattr(server, "serve", note)
    monkeypatch.setattr("canary_agent.logs.configure_logging", lambda _level, _form: None)
    return calls


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TOKEN", "LOGS", "PORT", "INSECURE", "STATE"):
        monkeypatch.delenv(f"CANARY_AGENT_{name}", raising=False)
    # Whoever runs the tests may have a cluster.
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "ALLOWED_NAMESPACES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_options_reach_the_server(served: list[server.ServeSettings], tmp_path: Path) -> None:
    arguments = ["--logs", ".", "--port", "0", "--state", "x.sqlite", "--concurrency", "3"]
    arguments += ["--grace", "5", "--max-request", "2", "--keep-days", "1", "--keep-count", "200"]
    arguments += ["--public-url", "https://agent.example/", "--log-level", "debug"]
    assert cli.main(["serve", *arguments]) == 0
    (plan,) = served
    assert (plan.host, plan.port, plan.grace) == ("127.0.0.1", 0, 5)
    assert plan.engine.state == "x.sqlite"
    assert (plan.engine.concurrency, plan.engine.keep_count) == (3, 200)
    assert plan.engine.keep_seconds == 86_400
    assert plan.app.max_body == 2 * 1024 * 1024
    assert plan.app.public_url == "https://agent.example"


def test_the_environment_serves_where_the_command_line_is_silent(
    served: list[server.ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_AGENT_LOGS", ".")
    monkeypatch.setenv("CANARY_AGENT_PORT", "1234")
    monkeypatch.setenv("CANARY_AGENT_HOST", "0.0.0.0")
    monkeypatch.setenv("CANARY_AGENT_INSECURE", "1")
    monkeypatch.setenv("CANARY_AGENT_TOKEN", "secret")
    assert cli.main(["serve", "--port", "5678"]) == 0
    assert (served[0].port, served[0].host, served[0].app.token) == (5678, "0.0.0.0", "secret")


@pytest.mark.parametrize(
    ("arguments", "environment", "found"),
    [
        (
            ["--kubeconfig", "kube", "--context", "c", "--allowed-namespaces", "shop, cart"],
            {},
            ClusterSettings(kubeconfig="kube", context="c", allowed_namespaces=("shop", "cart")),
        ),
        ([], {"KUBECONFIG": "kube"}, ClusterSettings()),
        (
            [],
            {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "ALLOWED_NAMESPACES": "shop"},
            ClusterSettings(allowed_namespaces=("shop",)),
        ),
    ],
)
def test_without_a_folder_logs_come_from_the_cluster(
    served: list[server.ServeSettings],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    found: ClusterSettings,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["serve", *arguments]) == 0
    assert served[0].engine.preload == cluster.MODULES
    assert ANALYSERS[-1].args == (found, None, ModelSettings(), False)


def test_the_cloud_of_dbos_is_not_turned_on_by_the_environment(
    served: list[server.ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBOS__CONDUCTOR_KEY", "key")
    assert cli.main(["serve", "--logs", "."]) == 0
    assert "DBOS__CONDUCTOR_KEY" not in os.environ


def test_children_do_not_inherit_the_token(
    served: list[server.ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_AGENT_TOKEN", "secret")
    assert cli.main(["serve", "--logs", "."]) == 0
    assert served[0].app.token == "secret"
    assert "CANARY_AGENT_TOKEN" not in os.environ


def test_a_database_is_named_in_the_environment(
    served: list[server.ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_AGENT_STATE", "postgresql://u:s3cr@h/d")
    monkeypatch.setenv("PGPASSWORD", "s3cr")
    assert cli.main(["serve", "--logs", "."]) == 0
    assert served[0].engine.state == "postgresql://u:s3cr@h/d"
    assert "s3cr" not in repr(served[0])
    assert "s3cr" not in str(os.environ)


def test_a_lost_state_ends_the_process_at_once(
    served: list[server.ServeSettings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lose(*_: object) -> int:
        raise StateLostError("ended, since the database was away")

    def note(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(server, "serve", lose)
    monkeypatch.setattr(os, "_exit", note)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", "--logs", "."])
    assert ended.value.code == 1
    assert "the database was away" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        ([], {}, "--logs: missing, and no cluster is there"),
        (["--logs", "."], {"ALLOWED_NAMESPACES": "Shop"}, "CANARY_AGENT_ALLOWED_NAMESPACES: found"),
        (["--logs", "nowhere"], {}, "--logs: nowhere is no folder"),
        (["--logs", "."], {"PORT": "http"}, "CANARY_AGENT_PORT: found 'http', expected 0 to 65535"),
        (["--logs", "."], {"INSECURE": "maybe"}, "CANARY_AGENT_INSECURE"),
        (["--logs", ".", "--host", "0.0.0.0"], {}, "--insecure"),
        (["--logs", ".", "--token-file", "missing"], {}, "--token-file missing: cannot be read"),
        (["--logs", ".", "--state", "postgresql://u:p@h/d"], {}, "--state: a password on"),
        (["--logs", "."], {"STATE": "mysql://u:p@h/d"}, "--state: expected a URL"),
        (["--logs", ".", "--state-url-file", "missing"], {}, "missing: cannot be read"),
    ],
)
def test_wrong_settings_end_with_two(
    arguments: list[str],
    environment: dict[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"CANARY_AGENT_{name}", value)
    assert cli.main(["serve", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("canary-agent: ")
    assert named in captured.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["serve", "--port", "99999"], ["serve", "--concurrency", "0"], ["serve", "--x"]],
)
def test_wrong_arguments_end_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: canary-agent" in capsys.readouterr().err


@pytest.mark.parametrize("error", [StateError("held by another"), OSError("Address in use")])
def test_what_keeps_it_from_serving_ends_with_one(
    error: Exception,
    served: list[server.ServeSettings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(server, "serve", fail)
    assert cli.main(["serve", "--logs", "."]) == 1
    assert str(error) in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for word in ("CANARY_AGENT_TOKEN", "exit codes", "examples", "stable/<pod>", "SIGTERM drains"):
        assert word in text


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"canary-agent {__version__}\n"


def test_help_and_errors_load_no_server() -> None:
    code = (
        "import sys; from canary_agent.cli import main; "
        "code = main(['serve']); print(code, sorted({'dbos', 'a2a', 'scipy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "2 []\n"
