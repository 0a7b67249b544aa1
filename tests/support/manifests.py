"""What a user installs, as the user's own tools read it: kustomize and helm."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
CHART = ROOT / "charts" / "metric-ai"
EXAMPLES = ROOT / "examples"
PLUGIN_NAME = "argoproj-labs/metric-ai"
KUBERNETES = "1.34.1"

_RELEASE = "https://github.com/argoproj/argo-rollouts/releases/download/v1.9.1/install.yaml"
_WHERE = ROOT / "scripts" / "build-control-plane"
_SECONDS = 120

Json = dict[str, Any]

CHARTS = {
    "chart": (),
    "chart, postgresql": ("--set=state.type=postgresql", "--set=replicas=2"),
    "chart, all options": (
        "--set=rbac.clusterWide=false",
        "--set=rbac.namespaces={rollouts-demo}",
        "--set=plugin.attachLogs.enabled=true",
        "--set=plugin.configMap.create=true",
        "--set=networkPolicy.controller.namespace=argo",
        "--set=podAnnotations.a=b",
        "--set=nodeSelector.kubernetes\\.io/os=linux",
        "--set=priorityClassName=system-cluster-critical",
        "--set=service.annotations.a=b",
    ),
}
"""The chart with options of `helm template`, by names that are no folders of `config`."""


@cache
def tools() -> Path:
    """The folder with kustomize, helm and Argo's own manifests; skips where nobody has built it."""
    answer = subprocess.run(
        [_WHERE, "--where"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if answer.returncode:
        pytest.skip(f"kustomize and helm are not built: {answer.stderr.strip()}")
    return Path(answer.stdout.strip())


def kustomized(folder: str, work: Path) -> list[Json]:
    """The objects of `config/<folder>`, over Argo's own manifests instead of their public address.

    Args:
        folder: below `config`.
        work: a copy is built there, since kustomize reads no file outside of its root.
    """
    copy = work / "config"
    if not copy.is_dir():
        shutil.copytree(CONFIG, copy)
        base = copy / "argo-rollouts" / "base" / "kustomization.yaml"
        shutil.copy(tools() / "manifests" / "install.yaml", base.with_name("install.yaml"))
        text = base.read_text()
        assert text.count(_RELEASE) == 1
        base.write_text(text.replace(_RELEASE, "install.yaml"))
    return documents(_run("kustomize", "build", str(copy / folder)))


def rendered(*options: str, namespace: str = "argo-rollouts") -> list[Json]:
    """The objects of the chart; `options` are those of `helm template`."""
    return documents(
        _run("helm", *_template(namespace), *options),
    )


def objects_of(name: str, work: Path) -> list[Json]:
    """The objects of a folder of `config`, or of one of `CHARTS`; `work` as for `kustomized`."""
    return rendered(*CHARTS[name]) if name in CHARTS else kustomized(name, work)


def refused_values(*options: str) -> str:
    """What helm says of values that it must refuse."""
    done = _start("helm", *_template("argo-rollouts"), *options)
    assert done.returncode != 0, "helm took the values"
    return done.stderr


def lint(*options: str) -> str:
    """What `helm lint --strict` says; it must find nothing wrong."""
    return _run("helm", "lint", "--strict", "--kube-version", KUBERNETES, str(CHART), *options)


def documents(text: str) -> list[Json]:
    """The objects of a YAML text."""
    # A third of a megabyte of CRDs: the loader in C reads it in half a second.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml.load_all(text, loader) if one]


def only(objects: list[Json], kind: str, name: str = "") -> Json:
    """The one object of a kind, and of a name where there are several."""
    found = [
        one
        for one in objects
        if one["kind"] == kind and (not name or one["metadata"]["name"] == name)
    ]
    assert len(found) == 1, [(one["kind"], one["metadata"]["name"]) for one in objects]
    return found[0]


def pod_of(workload: Json) -> Json:
    """The pod's specification in a Deployment or Rollout."""
    spec: Json = workload["spec"]["template"]["spec"]
    return spec


def environment_of(container: Json) -> dict[str, str]:
    """A container's variables."""
    return {one["name"]: one["value"] for one in container.get("env", [])}


def stanzas(objects: list[Json]) -> list[Json]:
    """The plugin's stanzas in AnalysisTemplates."""
    return [
        metric["provider"]["plugin"][PLUGIN_NAME]
        for one in objects
        if one["kind"] == "AnalysisTemplate"
        for metric in one["spec"]["metrics"]
    ]


def _template(namespace: str) -> list[str]:
    version = ["--kube-version", KUBERNETES]
    return ["template", "metric-ai", str(CHART), "--namespace", namespace, *version]


def _run(name: str, *arguments: str) -> str:
    done = _start(name, *arguments)
    assert done.returncode == 0, f"{name} {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def _start(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tools() / name, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
