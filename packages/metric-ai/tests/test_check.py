"""`metric-ai check`: each mistake with its file, its line and what is right."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import scripted_agent
import yaml
from kubernetes_api import KubernetesApi
from manifests import EXAMPLES

from metric_ai import cli

TEMPLATE = """\
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: logs
spec:
  args:
    - name: confidence
      value: "80"
    - name: token
      valueFrom: {secretKeyRef: {name: agent, key: token}}
  metrics:
    - name: ai
      provider:
        plugin:
          argoproj-labs/metric-ai:
            agentUrl: http://agent.example
            stableLabel: role=stable
            canaryLabel: role=canary
"""
FIELD = 19  # the line of what is put below the stanza


def checked(capsys: Any, path: Path, text: str, *options: str) -> tuple[int, list[dict[str, Any]]]:
    path.write_text(text)
    code = cli.main(["check", *options, "-o", "json", str(path)])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return code, found


def below(*lines: str) -> str:
    return TEMPLATE + "".join(f"            {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (("stabelLabel: x=y",), FIELD, "did you mean stableLabel?"),
        (("timeout: 3h",), FIELD, "timeout: found '3h', expected a duration"),
        (("minConfidence: 300",), FIELD, "minConfidence: found 300, expected a number"),
        (("window: 5m", "window: 6m"), FIELD + 1, "'window' stands here twice"),
        (("policy:", "  minLine: 3"), FIELD + 1, "did you mean minLines?"),
        (("policy:", "  minLines: 3", "  sensitivity: hihg"), FIELD + 2, "expected low, normal"),
        (("policy:", "  waive: [CrashLop]"), FIELD + 1, "policy.waive"),
        (("auth: {cert: x}",), FIELD, "expected both or none"),
        (("auth:", "  header: Host"), FIELD, "auth.token: found nothing"),
        (("extraPrompt:", "  - list"), FIELD, "extraPrompt: found a list"),
        (('window: "{{args.windw}}"',), FIELD, "the argument 'windw' is not declared"),
        (('window: "{{arg.confidence}}"',), FIELD, "expected {{args.NAME}}"),
        (('policy: {minLines: "{{args.token}}"}',), FIELD, "policy: found what does not fit"),
        (('timeout: "{{args.confidence}}"',), FIELD, "timeout: found '80', expected a duration"),
    ],
)
def test_each_mistake_has_its_line(
    lines: tuple[str, ...], line: int, said: str, capsys: Any, tmp_path: Path
) -> None:
    code, found = checked(capsys, tmp_path / "t.yaml", below(*lines))
    assert code == 1
    assert [one["line"] for one in found if said in one["message"]] == [line], found


def test_all_mistakes_are_told_at_once(capsys: Any, tmp_path: Path) -> None:
    text = below("timeout: 3h", "windw: 1m", "minConfidence: x")
    _, found = checked(capsys, tmp_path / "t.yaml", text)
    assert [one["line"] for one in found] == [FIELD, FIELD + 1, FIELD + 2]


def test_values_that_only_a_run_tells_are_taken_as_they_are(capsys: Any, tmp_path: Path) -> None:
    text = below('minConfidence: "{{args.confidence}}"', 'auth: {token: "{{args.token}}"}')
    assert checked(capsys, tmp_path / "t.yaml", text) == (0, [])


def test_a_token_in_clear_is_a_warning_and_is_not_repeated(capsys: Any, tmp_path: Path) -> None:
    text = below("auth: {token: hunter2}")
    code, found = checked(capsys, tmp_path / "t.yaml", text)
    assert code == 0
    assert [one["level"] for one in found] == ["warning"]
    assert "hunter2" not in str(found)
    assert checked(capsys, tmp_path / "t.yaml", text, "--strict")[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    - name: ai\n", "    - name: ai\n      intervall: 5m\n", "did you mean interval?"),
        ("    - name: ai\n", "    - name: ai\n      successCondition: result.x >\n", "evaluated"),
        ("argoproj-labs/metric-ai:", "argoproj-labs/metric-ia:", "did you mean argoproj-labs"),
        ("            agentUrl: http://agent.example\n", "", "agentUrl is required"),
        ("http://agent.example", "ftp://agent.example", "expected http:// or https://"),
    ],
)
def test_the_metric_around_it_is_looked_at(
    old: str, new: str, said: str, capsys: Any, tmp_path: Path
) -> None:
    code, found = checked(capsys, tmp_path / "t.yaml", TEMPLATE.replace(old, new))
    assert code == 1
    assert any(said in one["message"] for one in found), found


def test_documents_lists_and_other_kinds(capsys: Any, tmp_path: Path) -> None:
    wrong = yaml.safe_load(below("timeout: 3h"))
    listed = yaml.safe_dump({"kind": "List", "items": [{"kind": "Service"}, wrong]})
    text = f"kind: Service\n---\n{below('timeout: 4h')}---\n{listed}"
    code, found = checked(capsys, tmp_path / "t.yaml", text)
    assert code == 1
    assert [one["message"][:19] for one in found] == ["timeout: found '4h'", "timeout: found '3h'"]


def test_examples_are_right(capsys: Any) -> None:
    files = sorted(str(path) for path in EXAMPLES.rglob("*.yaml"))
    assert cli.main(["check", "--strict", *files]) == 0
    assert "nothing is wrong" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: [1,\nc: 2\n", 2, "no YAML from here on"),
        ("a: 1\n\tb: 2\n", 2, "no YAML from here on"),
        ("a: \x01\n", 1, "no YAML from here on"),
        ("a: &x [*x]\n", 1, "no YAML from here on"),
        ("- " * 3000, 1, "no YAML from here on"),
    ],
    ids=["flow", "tab", "control", "recursive", "deep"],
)
def test_broken_yaml_says_where(
    text: str, line: int, said: str, capsys: Any, tmp_path: Path
) -> None:
    code, found = checked(capsys, tmp_path / "t.yaml", text)
    assert code == 1
    assert said in found[-1]["message"]
    assert found[-1]["line"] >= line


def test_aliases_that_grow_without_end_are_refused(capsys: Any, tmp_path: Path) -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    code, found = checked(capsys, tmp_path / "t.yaml", f"l0: &l0 [x]\n{levels}\n")
    assert code == 1
    assert "aliases counted" in found[-1]["message"]


@pytest.mark.parametrize(
    ("entries", "line", "said"),
    [
        ("- name: argoproj-labs/metrics-ai\n  location: file://./x", 6, "no entry is named"),
        ("- name: argoproj-labs/metric-ai\n  location: ./x", 7, "location: found './x'"),
        ("- name: argoproj-labs/metric-ai\n  locaton: x", 7, "did you mean location?"),
        (
            "- name: argoproj-labs/metric-ai\n  location: https://x\n  sha256: abc",
            8,
            "expected 64 hexadecimal digits",
        ),
        ("name: x", 6, "found no list"),
        ("- [", 6, "no YAML"),
    ],
)
def test_the_config_map_s_list_has_lines_of_its_own(
    entries: str, line: int, said: str, capsys: Any, tmp_path: Path
) -> None:
    indented = "".join(f"    {one}\n" for one in entries.splitlines())
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argo-rollouts-config}\n"
        f"data:\n  metricProviderPlugins: |-\n{indented}"
    )
    code, found = checked(capsys, tmp_path / "t.yaml", text)
    assert code == 1
    assert [one["line"] for one in found if said in one["message"]] == [line], found


def test_stdin_is_a_file_too(shell: Any) -> None:
    done = shell.type("check", "-", stdin=below("timeout: 3h"))
    assert done.code == 1
    assert done.out.startswith(f"<stdin>:{FIELD}: error: AnalysisTemplate logs: timeout")
    assert done.err == "1 error, 0 warnings in 1 object in 1 file\n"


def test_a_file_that_is_not_there_is_an_error_of_its_own(shell: Any) -> None:
    done = shell.type("check", "nothing.yaml")
    assert done.code == 4
    assert "nothing.yaml: No such file" in done.err


def test_nothing_to_check_is_told(shell: Any) -> None:
    done = shell.type("check", "-", stdin="kind: Service\n")
    assert done.code == 0
    assert "nothing to check" in done.err


async def test_agents_are_asked_for_card_health_and_token(
    shell: Any, cluster: KubernetesApi
) -> None:
    async with scripted_agent.listening() as agent:
        text = TEMPLATE.replace("http://agent.example", agent.url)
        right = await asyncio.to_thread(shell.type, "check", "--agent", "-", stdin=text)
        agent.rpc_status = 401
        wrong = await asyncio.to_thread(shell.type, "check", "--agent", "-", stdin=text)
    gone = shell.type("check", "--agent", "-", stdin=text)
    assert (right.code, right.out) == (0, "")
    assert wrong.code == 1
    assert "asks for a token (HTTP 401)" in wrong.out
    assert "does not answer" in gone.out
    assert cluster.calls("/secrets/") == [], "Secrets are for --online"


def test_selectors_and_secrets_are_looked_up_online(shell: Any, cluster: KubernetesApi) -> None:
    done = shell.type("check", "--online", "-", stdin=below('auth: {token: "{{args.token}}"}'))
    assert done.code == 1
    assert "stableLabel: role=stable matches no pod in namespace default" in done.out
    assert "argument token: there is no Secret 'agent'" in done.out
    assert [one.path for one in cluster.calls("/secrets/")] == [
        "/api/v1/namespaces/default/secrets/agent"
    ]
