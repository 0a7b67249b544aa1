"""config/argo-rollouts: the official install of Argo Rollouts with the plugin, in three ways."""

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

import manifests
import pytest
import yaml
from manifests import Json, environment_of, only, pod_of

from rollouts_plugin_metric_ai import PLUGIN_NAME, operator

Build = Callable[[str], list[Json]]

HOME = "/home/argo-rollouts"
WAYS = ("argo-rollouts", "argo-rollouts/by-url", "argo-rollouts/controller-image")
VERSION = re.findall(
    r'^version = "(.*)"$',
    (manifests.ROOT / "packages/rollouts-plugin-metric-ai/pyproject.toml").read_text(),
    re.MULTILINE,
)[0]


def controller_pod(objects: list[Json]) -> Json:
    return pod_of(only(objects, "Deployment", "argo-rollouts"))


def plugin_entry(objects: list[Json]) -> Json:
    """The one entry of metricProviderPlugins, as the controller reads it."""
    config = only(objects, "ConfigMap", "argo-rollouts-config")
    entries = yaml.safe_load(config["data"]["metricProviderPlugins"])
    assert len(entries) == 1
    entry: Json = entries[0]
    return entry


def plugin_path(objects: list[Json]) -> str:
    """Where the controller looks for a file:// plugin: utils/plugin/downloader.go, DownloadPlugins."""
    location = plugin_entry(objects)["location"]
    assert location.startswith("file://")
    return posixpath.normpath(posixpath.join(HOME, location.removeprefix("file://")))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_names_the_plugin_and_nothing_else(way: str, build: Build) -> None:
    assert plugin_entry(build(way))["name"] == PLUGIN_NAME


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_the_official_install_is_lost(way: str, build: Build) -> None:
    official = manifests.documents((manifests.tools() / "manifests" / "install.yaml").read_text())
    built = {(one["kind"], one["metadata"]["name"]): one for one in build(way)}
    for one in official:
        same = built[one["kind"], one["metadata"]["name"]]
        if one["kind"] not in {"Deployment", "ConfigMap"}:
            assert same.get("spec") == one.get("spec")
            assert same.get("rules") == one.get("rules")
            assert same.get("subjects") == one.get("subjects")
    theirs = pod_of(only(official, "Deployment"))
    ours = controller_pod(list(built.values()))
    assert {one["name"] for one in theirs["volumes"]} <= {one["name"] for one in ours["volumes"]}
    for mount in theirs["containers"][0]["volumeMounts"]:
        assert mount in ours["containers"][0]["volumeMounts"]
    for field in ("ports", "livenessProbe", "securityContext", "resources"):
        assert ours["containers"][0][field] == theirs["containers"][0][field]


@pytest.mark.parametrize("way", WAYS)
def test_every_image_has_the_version_of_this_release_or_of_argo_s(way: str, build: Build) -> None:
    pod = controller_pod(build(way))
    images = [one["image"] for one in pod["containers"] + pod.get("initContainers", [])]
    for image in images:
        name, _, tag = image.partition(":")
        assert tag == ("v1.9.1" if name == "quay.io/argoproj/argo-rollouts" else f"v{VERSION}")


@pytest.mark.parametrize("way", WAYS)
def test_the_plugin_reads_every_variable_that_is_set_for_it(way: str, build: Build) -> None:
    environment = environment_of(controller_pod(build(way))["containers"][0])
    known = {operator.TOKEN_FILE, operator.TOKEN_ORIGIN, "LOG_LEVEL"}
    assert set(environment) <= known
    operator.Operator.from_environment(environment)


def test_the_default_says_debug_in_the_very_file_that_users_look_into(build: Build) -> None:
    environment = environment_of(controller_pod(build("argo-rollouts"))["containers"][0])
    assert environment["LOG_LEVEL"] == "debug"
    text = (manifests.CONFIG / "argo-rollouts" / "kustomization.yaml").read_text()
    assert re.search(r'name: LOG_LEVEL\s+value: "debug"', text)


def test_the_init_container_puts_the_plugin_where_the_controller_looks(build: Build) -> None:
    objects = build("argo-rollouts")
    pod = controller_pod(objects)
    (init,) = pod["initContainers"]
    option, target = init["args"]
    assert option == "--copy-to"
    (written,) = init["volumeMounts"]
    assert posixpath.dirname(target) == written["mountPath"]
    (read,) = [
        one for one in pod["containers"][0]["volumeMounts"] if one["name"] == written["name"]
    ]
    assert read["readOnly"]
    assert posixpath.join(read["mountPath"], posixpath.basename(target)) == plugin_path(objects)
    assert plugin_path(objects) == f"{HOME}/rollouts-plugin-metric-ai/bin/metric-ai"


def test_by_url_an_asset_of_the_release_is_asked_for_with_a_whole_sha256(build: Build) -> None:
    objects = build("argo-rollouts/by-url")
    entry = plugin_entry(objects)
    assert entry["location"].endswith(f"/releases/download/v{VERSION}/metric-ai-linux-amd64")
    # Of another length the controller would compare something that is no hash of the file.
    assert re.fullmatch("[0-9a-f]{64}", entry["sha256"])
    assert "initContainers" not in controller_pod(objects)


def test_the_controller_image_holds_the_plugin_where_the_controller_looks(build: Build) -> None:
    objects = build("argo-rollouts/controller-image")
    pod = controller_pod(objects)
    assert "initContainers" not in pod
    assert pod["containers"][0]["image"].startswith("ghcr.io/")
    dockerfile = (manifests.ROOT / "images" / "controller" / "Dockerfile").read_text()
    assert f" {plugin_path(objects)}\n" in dockerfile


def test_attach_logs_adds_one_right_and_no_other(build: Build, work: Path) -> None:
    plain = build("argo-rollouts")
    overlay = work / "config" / "with-logs" / "kustomization.yaml"
    overlay.parent.mkdir()
    overlay.write_text(
        "resources: [../argo-rollouts]\ncomponents: [../argo-rollouts/components/attach-logs]\n"
    )
    added = [one for one in build("with-logs") if one not in plain]
    assert {one["kind"] for one in added} == {"ClusterRole", "ClusterRoleBinding"}
    assert only(added, "ClusterRole")["rules"] == [
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}
    ]
    (subject,) = only(added, "ClusterRoleBinding")["subjects"]
    account = only(plain, "ServiceAccount")
    assert subject["name"] == account["metadata"]["name"]
    assert subject["namespace"] == account["metadata"]["namespace"]


def test_issues_take_one_secret_and_nothing_else(build: Build, work: Path) -> None:
    overlay = work / "config" / "with-issues" / "kustomization.yaml"
    overlay.parent.mkdir()
    overlay.write_text(
        "resources: [../argo-rollouts]\ncomponents: [../argo-rollouts/components/github]\n"
    )
    plain, objects = build("argo-rollouts"), build("with-issues")
    (container,) = controller_pod(objects)["containers"]
    secret = {"name": "metric-ai-github", "optional": True}
    assert container.pop("envFrom") == [{"secretRef": secret}]
    assert objects == plain


def test_the_values_for_the_community_s_chart_say_the_same(build: Build) -> None:
    values = yaml.safe_load((manifests.CONFIG / "argo-rollouts" / "helm-values.yaml").read_text())
    controller = values["controller"]
    objects = build("argo-rollouts")
    pod = controller_pod(objects)

    def by_name(items: list[Json]) -> list[Json]:
        return sorted(items, key=lambda item: item["name"])

    assert controller["metricProviderPlugins"] == [plugin_entry(objects)]
    assert controller["initContainers"] == pod["initContainers"]
    assert by_name(controller["extraEnv"]) == by_name(pod["containers"][0]["env"])
    assert by_name(controller["volumes"]) == by_name(pod["volumes"])
    assert by_name(controller["volumeMounts"]) == by_name(pod["containers"][0]["volumeMounts"])


def test_the_token_goes_to_the_agent_of_config_agent_and_nowhere_else(build: Build) -> None:
    pod = controller_pod(build("argo-rollouts"))
    environment = environment_of(pod["containers"][0])
    agent = build("agent")
    service = only(agent, "Service")
    host = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.cluster.local"
    port = service["spec"]["ports"][0]["port"]
    assert environment["METRIC_AI_TOKEN_ORIGIN"] == f"http://{host}:{port}"
    ours, theirs = (
        [one["secret"] for one in each["volumes"] if one["name"] == name]
        for each, name in (
            (pod, "kubernetes-agent-token"),
            (pod_of(only(agent, "Deployment")), "token"),
        )
    )
    assert ours[0]["secretName"] == theirs[0]["secretName"]
    assert ours[0]["items"] == theirs[0]["items"]
    assert ours[0]["optional"], (
        "Rollouts without AI analysis must go on where the Secret is missing"
    )
