import subprocess
import sys
from importlib.metadata import version

import pytest

from rollouts_plugin_metric_ai import VERSION, cli
from rollouts_plugin_metric_ai.provider import MetricAiProvider


def metric_ai(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from rollouts_plugin_metric_ai.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_started_by_hand_it_says_what_it_is_and_exits_1() -> None:
    done = metric_ai()
    assert done.returncode == 1
    assert done.stdout == ""
    assert "ARGO_ROLLOUTS_RPC_PLUGIN" in done.stderr


def test_help_teaches_how_it_is_configured() -> None:
    done = metric_ai("--help")
    assert done.returncode == 0
    for said in (
        "metricProviderPlugins",
        "agentUrl",
        "LOG_LEVEL",
        "METRIC_AI_ALLOWED_HOSTS",
        "kubectl config view --raw --flatten -o json",
    ):
        assert said in done.stdout


def test_an_unknown_argument_is_a_usage_error() -> None:
    assert metric_ai("--nonsense").returncode == 2


def test_the_version_is_the_distribution_s() -> None:
    assert metric_ai("--version").stdout.split() == ["metric-ai", VERSION]
    assert version("rollouts-plugin-metric-ai") == VERSION


def test_the_provider_is_made_with_the_operator_s_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRIC_AI_ALLOWED_HOSTS", "agent.example, 10.0.0.0/8")
    assert isinstance(cli._provider(), MetricAiProvider)


def test_nothing_heavy_is_imported_before_the_handshake_line() -> None:
    program = (
        "import sys; import rollouts_plugin_metric_ai.cli; "
        "print([name for name in ('asyncio', 'ssl', 'h11') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
