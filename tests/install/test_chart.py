"""The Helm chart: what helm and the values' schema say."""

import json
import re

import jsonschema
import manifests
import pytest
import yaml
from manifests import only


def test_lint_finds_nothing() -> None:
    assert "0 chart(s) failed" in manifests.lint()


def test_its_version_is_the_project_s() -> None:
    chart = yaml.safe_load((manifests.CHART / "Chart.yaml").read_text())
    text = (manifests.ROOT / "packages/canary-agent/pyproject.toml").read_text()
    (version,) = re.findall(r'^version = "(.*)"$', text, re.MULTILINE)
    assert (chart["version"], chart["appVersion"]) == (version, f"v{version}")


def test_every_default_is_described_and_nothing_else_is_taken() -> None:
    values = yaml.safe_load((manifests.CHART / "values.yaml").read_text())
    schema = json.loads((manifests.CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    assert set(schema["properties"]) == {*values, "global"}
    closed = [schema, *(one for one in schema["properties"].values() if "properties" in one)]
    assert [one for one in closed if one.get("additionalProperties") is not False] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("imagee.tag=v1", "additional properties 'imagee' not allowed"),
        ("image.tga=v1", "at '/image': additional properties 'tga' not allowed"),
        (
            "settings.loglevel=debug",
            "at '/settings': additional properties 'loglevel' not allowed",
        ),
        (
            "settings.logLevel=verbose",
            "at '/settings/logLevel': value must be one of 'error', 'warning', 'info', 'debug'",
        ),
        ("settings.concurrency=0", "at '/settings/concurrency': minimum: got 0, want 1"),
        ("settings.grace=soon", "at '/settings/grace': got string, want integer"),
        ("settings.publicUrl=agent:8080", "at '/settings/publicUrl': 'agent:8080' does not match"),
        ("state.type=mysql", "at '/state/type': value must be one of 'file', 'postgresql'"),
        ("replicas=2", "at '/replicas': maximum: got 2, want 1"),
        ("rbac.clusterWide=false", "at '/rbac/namespaces': minItems: got 0, want 1"),
        ("rbac.namespaces={shop}", "at '/rbac/namespaces': maxItems: got 1, want 0"),
        ("rbac.clusterWide=false,rbac.namespaces={Shop_1}", "'Shop_1' does not match pattern"),
        ("token.existingSecret=", "at '/token/existingSecret': '' does not match pattern"),
        (
            "plugin.configMap.create=true,plugin.configMap.location=https://example.com/metric-ai",
            "at '/plugin/configMap/sha256': minLength: got 0, want 64",
        ),
        ("plugin.configMap.location=metric-ai", "'metric-ai' does not match pattern"),
        ("plugin.configMap.sha256=abc", "at '/plugin/configMap/sha256': 'abc' does not match"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(values: str, said: str) -> None:
    assert said in manifests.refused_values(f"--set={values}")


def test_the_plugin_s_config_map_is_made_where_asked_for() -> None:
    assert not [one for one in manifests.rendered() if one["kind"] == "ConfigMap"]
    sha256 = "ab" * 32
    made = manifests.rendered(
        "--set=plugin.configMap.create=true",
        f"--set-string=plugin.configMap.sha256={sha256}",
        "--set=plugin.configMap.location=https://example.com/metric-ai-linux-amd64",
    )
    config = only(made, "ConfigMap", "argo-rollouts-config")
    assert yaml.safe_load(config["data"]["metricProviderPlugins"]) == [
        {
            "name": manifests.PLUGIN_NAME,
            "location": "https://example.com/metric-ai-linux-amd64",
            "sha256": sha256,
        }
    ]


def test_attached_logs_give_the_controller_one_right_in_the_same_namespaces() -> None:
    objects = manifests.rendered(
        "--set=plugin.attachLogs.enabled=true",
        "--set=plugin.attachLogs.namespace=argo",
        "--set=rbac.clusterWide=false",
        "--set=rbac.namespaces={shop,cart}",
    )
    name = "argo-rollouts-kubernetes-agent-attach-logs"
    assert only(objects, "ClusterRole", name)["rules"] == [
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}
    ]
    bindings = [one for one in objects if one["kind"] == "RoleBinding"]
    attached = [one for one in bindings if one["roleRef"]["name"] == name]
    assert {one["metadata"]["namespace"] for one in attached} == {"shop", "cart"}
    for one in attached:
        assert one["subjects"] == [
            {"kind": "ServiceAccount", "name": "argo-rollouts", "namespace": "argo"}
        ]


def test_two_releases_share_no_object_of_the_cluster() -> None:
    first, second = (manifests.rendered(namespace=name) for name in ("one", "two"))

    def of_the_cluster(objects: list[manifests.Json]) -> set[tuple[str, str]]:
        return {
            (one["kind"], one["metadata"]["name"])
            for one in objects
            if "namespace" not in one["metadata"]
        }

    assert of_the_cluster(first)
    assert not of_the_cluster(first) & of_the_cluster(second)
