"""The documentation says what the programs do: fields, variables, messages, files and commands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import manifests
import pytest
import yaml

from rollouts_plugin_metric_ai import cli, config, issues, operator

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PLUGIN_SIDE = ("goplugin", "argo-rollouts-plugin", "canary-verdict", "rollouts-plugin-metric-ai")
LINK = re.compile(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)")
TABLE_NAMES = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
COMMANDS = {
    # The README's two commands, and .ci/run's.
    "make demo": ".ci/run",
    "make test": ".ci/run",
    "make build-deps": ".ci/run",
    "make build": ".ci/run",
    "make test-e2e": "scripts/test",
    "make cluster": "tests/e2e",
    "make docs": ".ci/run",
    # As the playground prints them.
    "kubectl config set-context --current": "tests/e2e/test_tutorial.py",
    "kubectl argo rollouts get rollout": "tests/e2e/test_tutorial.py",
    "kubectl argo rollouts set image": "tests/e2e/test_tutorial.py",
    "kubectl get analysisruns": "tests/e2e/test_tutorial.py",
    "kubectl get analysisrun -o": "tests/e2e/test_tutorial.py",
    # Applied to a real API server, as they are built by kustomize and Helm.
    "kubectl create namespace argo-rollouts": "tests/e2e/test_manifests.py",
    "kubectl create secret generic kubernetes-agent-token": "tests/e2e/test_manifests.py",
    "kubectl apply --server-side -k": "tests/e2e/test_manifests.py",
    "helm upgrade --install kubernetes-agent charts/metric-ai": "tests/e2e/test_manifests.py",
    "sha256sum --check bin/metric-ai-linux-amd64.sha256": "tests/static",
}


def named(text: str) -> set[str]:
    """The names in the first column of the page's tables."""
    return {name for cell in TABLE_NAMES.findall(text) for name in re.findall(r"`([^`]+)`", cell)}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_to_files_of_the_repository(path: Path) -> None:
    missing = [to for to in LINK.findall(path.read_text()) if not (path.parent / to).exists()]
    assert missing == []


def test_every_field_of_the_stanza_is_explained_and_no_other() -> None:
    tables = page("configuration.md").split("## What a verdict becomes")[0]
    fields = {*config.FIELDS, *config.POLICY_FIELDS, *config.AUTH_FIELDS}
    assert named(tables) == fields


def test_every_variable_of_the_controller_is_explained() -> None:
    table = page("configuration.md").split("## The controller's environment")[1]
    read = {
        operator.ALLOWED_HOSTS,
        operator.RPC_ORIGINS,
        operator.TOKEN,
        operator.TOKEN_FILE,
        operator.TOKEN_ORIGIN,
        issues.TOKEN,
        issues.ALLOWED,
        issues.CA_FILE,
        issues.JOURNAL,
        "LOG_LEVEL",
        "KUBECONFIG",
        "SSL_CERT_FILE",
    }
    assert named(table.split("## The agent")[0]) == read


def test_every_message_that_is_explained_is_one_that_the_program_writes() -> None:
    sources = "".join(
        path.read_text()
        for package in PLUGIN_SIDE
        for path in sorted((ROOT / "packages" / package / "src").rglob("*.py"))
    )
    # Literals that the formatter has split read as one; a place that a value fills is left out.
    sources = re.sub(r'"\s*\n\s*f?"', "", sources)
    headings = [line for line in page("troubleshooting.md").splitlines() if line.startswith("### ")]
    messages = [message for line in headings for message in re.findall(r"`([^`]+)`", line)]
    assert len(messages) >= 10
    assert [message for message in messages if message not in sources] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_command_runs_in_a_test(path: Path) -> None:
    blocks = re.findall(
        r"^```(?:sh|console)?\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL
    )
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    commands = [line for line in lines if re.match(r"(make|kubectl|helm|sha256sum|curl)\b", line)]
    unknown = [
        line
        for line in commands
        if not any(line == known or line.startswith(f"{known} ") for known in COMMANDS)
    ]
    assert unknown == []
    folders = [line.split(" -k ")[1] for line in commands if " -k " in line]
    assert [f for f in folders if not (ROOT / f / "kustomization.yaml").is_file()] == []


def test_every_page_stands_in_the_sites_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n")[1]
    assert sorted(re.findall(r"(\S+\.md)", contents)) == sorted(
        path.name for path in (ROOT / "docs").glob("*.md")
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_stanza_that_is_shown_is_one_that_the_plugin_takes(path: Path) -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL):
        for stanza in stanzas(yaml.safe_load(block)):
            config.parse_settings(json.dumps(stanza).encode())


def stanzas(document: object) -> Iterator[object]:
    """The stanzas of the plugin, wherever in the document they stand."""
    if isinstance(document, dict):
        if manifests.PLUGIN_NAME in document:
            yield document[manifests.PLUGIN_NAME]
        for value in document.values():
            yield from stanzas(value)
    elif isinstance(document, list):
        for item in document:
            yield from stanzas(item)


@pytest.mark.parametrize("where", sorted(set(COMMANDS.values())))
def test_the_tests_that_run_commands_are_there(where: str) -> None:
    assert (ROOT / where).exists()


def test_help_names_the_same_variables_as_the_documentation() -> None:
    documented = named(page("configuration.md").split("## The controller's environment")[1])
    in_help = set(re.findall(r"\b(?:METRIC_AI_\w+|LOG_LEVEL|KUBECONFIG)\b", cli._ENVIRONMENT))
    assert in_help <= documented
