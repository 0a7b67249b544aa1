"""Every AnalysisTemplate is one that the plugin reads, and every Rollout finds what it names."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import manifests
import pytest
import yaml
from manifests import Json, only

from argo_rollouts_plugin.conditions import evaluate
from canary_agent.settings import read_token
from rollouts_plugin_metric_ai.config import FIELDS, Settings, parse_settings
from rollouts_plugin_metric_ai.stanza_schema import stanza_schema

Build = Callable[[str], list[Json]]

TEMPLATES = sorted(
    path
    for folder in (manifests.EXAMPLES, manifests.CONFIG)
    for path in folder.rglob("*.yaml")
    if "kind: AnalysisTemplate" in path.read_text()
)
ROLLOUTS = ("rollouts-examples", "rollouts-examples/blue-green")
PEM = "-----BEGIN CERTIFICATE-----"


def label(path: Path) -> str:
    return str(path.relative_to(manifests.ROOT))


def resolved(template: Json) -> Iterator[tuple[Json, Json, bytes]]:
    """Each metric, its stanza as written, and as the controller hands it over."""
    arguments = {
        one["name"]: one.get("value", "word" if one["name"] == "agent-token" else PEM)
        for one in template["spec"].get("args", [])
    }
    for metric in template["spec"]["metrics"]:
        stanza = metric["provider"]["plugin"][manifests.PLUGIN_NAME]
        text = json.dumps(stanza)
        for name, value in arguments.items():
            assert f"{{{{args.{name}}}}}" in text, f"nothing uses the argument {name}"
            text = text.replace(f"{{{{args.{name}}}}}", value)
        assert "{{" not in text, "an argument that is not declared"
        yield metric, stanza, text.encode()


def settings_of(path: Path) -> list[Settings]:
    found = [
        parse_settings(text)
        for template in manifests.documents(path.read_text())
        for _, _, text in resolved(template)
    ]
    assert found
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=label)
def test_the_plugin_reads_it_without_a_warning(path: Path) -> None:
    for settings in settings_of(path):
        assert settings.warnings == ()


@pytest.mark.parametrize("path", TEMPLATES, ids=label)
def test_the_schema_takes_it_as_it_is_written(path: Path) -> None:
    for template in manifests.documents(path.read_text()):
        for _, stanza, _ in resolved(template):
            jsonschema.Draft202012Validator(stanza_schema()).validate(stanza)


@pytest.mark.parametrize("path", TEMPLATES, ids=label)
def test_its_conditions_are_ones_that_the_provider_evaluates(path: Path) -> None:
    result = {"verdict": "promote", "promote": True, "confidence": 90.0, "value": 0.9}
    for template in manifests.documents(path.read_text()):
        for metric, _, _ in resolved(template):
            conditions = metric.get("successCondition", ""), metric.get("failureCondition", "")
            assert evaluate(result, *conditions).value == "Successful"


def test_there_is_one_for_each_kind_of_analysis() -> None:
    folder = manifests.EXAMPLES / "analysis-templates"
    found = {path.stem: manifests.documents(path.read_text())[0] for path in folder.iterdir()}
    assert {name: one["metadata"]["name"] for name, one in found.items()} == {
        name: name for name in found
    }
    metrics = {name: one["spec"]["metrics"][0] for name, one in found.items()}
    (settings,) = settings_of(folder / "older-dialect.yaml")
    assert settings.protocol == "rest"
    (settings,) = settings_of(folder / "attach-logs.yaml")
    assert settings.attach_logs
    (settings,) = settings_of(folder / "token-from-secret.yaml")
    assert settings.credentials.token == "word"
    assert "count" not in metrics["inline"]
    assert metrics["background"]["interval"]
    assert {"blue-green-pre-promotion", "blue-green-post-promotion"} <= set(found)
    assert metrics["success-condition"]["successCondition"]
    (stanza,) = manifests.stanzas([found["every-field"]])
    assert set(stanza) == set(FIELDS)


def test_the_config_map_is_the_one_that_kustomize_makes(build: Build) -> None:
    text = (manifests.EXAMPLES / "argo-rollouts-config.yaml").read_text()
    (example,) = manifests.documents(text)
    made = only(build("argo-rollouts"), "ConfigMap", "argo-rollouts-config")
    assert example["data"] == made["data"]
    assert example["metadata"]["namespace"] == made["metadata"]["namespace"]


def test_the_plain_example_is_the_readme_s() -> None:
    readme = (manifests.ROOT / "README.md").read_text()
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)]
    stanzas = [
        block["provider"]["plugin"][manifests.PLUGIN_NAME]
        for block in blocks
        if "provider" in block
    ]
    assert stanzas
    for stanza in stanzas:
        parse_settings(json.dumps(stanza).encode())


@pytest.mark.parametrize("folder", ROLLOUTS)
def test_a_rollout_finds_its_services_templates_and_ingress(folder: str, build: Build) -> None:
    objects = build(folder)
    rollout = only(objects, "Rollout")
    named = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    text = json.dumps(rollout)
    references = {("Service", name) for name in re.findall(r'"\w+Service": "([^"]+)"', text)} | {
        ("AnalysisTemplate", name) for name in re.findall(r'"templateName": "([^"]+)"', text)
    }
    references |= {("Ingress", name) for name in re.findall(r'"stableIngress": "([^"]+)"', text)}
    assert len(references) >= 4
    assert references <= set(named)
    labels = rollout["spec"]["template"]["metadata"]["labels"]
    for kind, name in references:
        if kind == "Service":
            assert named[kind, name]["spec"]["selector"].items() <= labels.items()
    assert {one["metadata"].get("namespace") for one in objects} <= {"rollouts-demo", None}


def test_the_ingress_leads_to_the_stable_side(build: Build) -> None:
    objects = build("rollouts-examples")
    (rule,) = only(objects, "Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    strategy = only(objects, "Rollout")["spec"]["strategy"]["canary"]
    assert path["backend"]["service"]["name"] == strategy["stableService"]


@pytest.mark.parametrize("folder", ROLLOUTS)
def test_the_selectors_are_labels_that_the_rollout_keeps(folder: str, build: Build) -> None:
    objects = build(folder)
    (strategy,) = only(objects, "Rollout")["spec"]["strategy"].values()
    stable = strategy.get("stableMetadata") or strategy["activeMetadata"]
    canary = strategy.get("canaryMetadata") or strategy["previewMetadata"]
    for stanza in manifests.stanzas(objects):
        settings = parse_settings(json.dumps(stanza).encode())
        for selector, metadata in (
            (settings.stable_label, stable),
            (settings.canary_label, canary),
        ):
            name, _, value = selector.partition("=")
            assert metadata["labels"][name] == value


@pytest.mark.parametrize("folder", ROLLOUTS)
def test_customers_come_to_both_services(folder: str, build: Build) -> None:
    objects = build(folder)
    (container,) = manifests.pod_of(only(objects, "Deployment"))["containers"]
    services = {one["metadata"]["name"] for one in objects if one["kind"] == "Service"}
    arguments = [word.partition("=") for word in container["args"]]
    targets = {value for name, _, value in arguments if name in {"--stable", "--canary"}}
    assert targets == {f"http://{name}" for name in services}


@pytest.mark.parametrize("folder", ROLLOUTS)
def test_all_examples_ask_the_agent_that_config_agent_installs(folder: str, build: Build) -> None:
    service = only(build("agent"), "Service")
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    port = service["spec"]["ports"][0]["port"]
    for stanza in manifests.stanzas(build(folder)):
        assert stanza["agentUrl"] == f"http://{name}.{namespace}.svc.cluster.local:{port}"


def test_the_tokens_of_both_namespaces_are_read_alike() -> None:
    """The Secret that the stanza reads by argument has the key that config/agent's has."""
    example = manifests.EXAMPLES / "analysis-templates" / "token-from-secret.yaml"
    (template,) = manifests.documents(example.read_text())
    reference = template["spec"]["args"][0]["valueFrom"]["secretKeyRef"]
    path = manifests.CONFIG / "rollouts-examples" / "secrets.example.yaml"
    (secret,) = manifests.documents(path.read_text())
    assert reference["name"] == secret["metadata"]["name"]
    assert reference["key"] in secret["stringData"]
    assert read_token({"CANARY_AGENT_TOKEN": "word"}, "") == "word"
