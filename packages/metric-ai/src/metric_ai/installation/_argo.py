"""The cluster, Argo Rollouts, and whether its controller has our plugin."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from metric_ai.cluster import ClusterError, Json, mapping, mappings, text
from metric_ai.diagnosis import Diagnosis
from metric_ai.manifests import CONFIG_NAME, Document, config_problems, entry_of
from rollouts_plugin_metric_ai import PLUGIN_NAME

from ._deployments import env_of, image_of, is_ready, ready_words
from ._place import Place

_LABELS = "app.kubernetes.io/name=argo-rollouts"
_TRIED = "1.9"
_VERSION = re.compile(r":v?(\d+)\.(\d+)")
_MOST_SKEW = 60.0
_LOG_BYTES = 1 << 20
_NOT_FOUND = 404
_INSTALL = "kubectl apply --server-side -k config/argo-rollouts; see docs/install.md"
_RESTART = "kubectl rollout restart deployment -n {} -l " + _LABELS
_LOADED = re.compile(
    rf"Copied plugin .*{PLUGIN_NAME}|Downloaded plugin .*{PLUGIN_NAME}", re.IGNORECASE
)
_ASKED = re.compile(r"plugin\.metric-ai:")
_FAULT = re.compile(r"(?i)(?:failed|error|unable).{0,200}plugin|plugin.{0,80}(?:failed|exited)")


def cluster_checks(place: Place) -> Iterator[Diagnosis]:
    """The API server, and whether its clock is ours."""
    calls = place.cluster.calls
    answer = calls.read("/version")
    version = text(calls.get("/version"), "gitVersion") or "no version"
    yield Diagnosis("ok", "cluster", f"Kubernetes {version} at {calls.server}")
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return
    skew = abs((datetime.now(UTC) - there).total_seconds())
    if skew > _MOST_SKEW:
        yield Diagnosis(
            "warning",
            "clock",
            f"the API server's clock and this machine's are {skew:.0f} s apart",
            "windows and deadlines go by clocks: set up NTP where it is missing",
        )
    else:
        yield Diagnosis("ok", "clock", "the API server's and this machine's agree")


def controller_checks(place: Place) -> Iterator[Diagnosis]:
    """Whether Argo Rollouts is there, in a version that was tried, and runs."""
    try:
        place.cluster.calls.get("/apis/argoproj.io/v1alpha1")
    except ClusterError as error:
        if error.status != _NOT_FOUND:
            raise
        yield Diagnosis("error", "Argo Rollouts", "is not installed: no argoproj.io API", _INSTALL)
        return
    found = place.cluster.objects("Deployment", place.argo_namespace, _LABELS)
    if not found:
        yield Diagnosis(
            "error",
            "Argo Rollouts",
            f"no Deployment with {_LABELS} in namespace {place.argo_namespace}",
            "name the controller's namespace with --argo-namespace, or install it: " + _INSTALL,
        )
        return
    place.controller = found[0]
    image = image_of(place.controller)
    if is_ready(place.controller):
        yield Diagnosis("ok", "Argo Rollouts", f"{image}: {ready_words(place.controller)}")
    else:
        advice = f"kubectl describe pod -n {place.argo_namespace} -l {_LABELS}"
        yield Diagnosis(
            "error", "Argo Rollouts", f"{image}: {ready_words(place.controller)}", advice
        )
    version = _VERSION.search(image)
    if version and f"{version[1]}.{version[2]}" != _TRIED:
        said = f"version {version[1]}.{version[2]} was not tried with this plugin, {_TRIED} was"
        yield Diagnosis("warning", "Argo Rollouts", said, "docs/versions.md")


def config_checks(place: Place) -> Iterator[Diagnosis]:
    """The ConfigMap, and whether the controller has read it as it is now."""
    config = place.cluster.find("ConfigMap", CONFIG_NAME, place.argo_namespace)
    if config is None:
        where = f"is not there in namespace {place.argo_namespace}"
        yield Diagnosis("error", CONFIG_NAME, where, _INSTALL)
        return
    problems = [problem for _, problem in config_problems(Document(config, {}), config)]
    for problem in problems:
        advice = f"kubectl edit configmap {CONFIG_NAME} -n {place.argo_namespace}"
        yield Diagnosis(problem.level, CONFIG_NAME, problem.text, advice)
    entry = entry_of(config)
    if entry is not None and not problems:
        yield Diagnosis("ok", CONFIG_NAME, f"names {PLUGIN_NAME}: {text(entry, 'location')}")
    changed, started = _changed(config), _started(place)
    if started and changed > started:
        yield Diagnosis(
            "warning",
            CONFIG_NAME,
            f"was changed at {changed}, after the controller had started at {started}",
            "the controller reads it when it starts: " + _RESTART.format(place.argo_namespace),
        )


def plugin_checks(place: Place) -> Iterator[Diagnosis]:
    """What the controller's log says of the plugin."""
    pods = place.cluster.objects("Pod", place.argo_namespace, _LABELS)
    if not pods:
        yield Diagnosis("unknown", "plugin", "no pod of the controller's whose log would tell")
        return
    name = text(pods[0], "metadata", "name")
    path = f"/api/v1/namespaces/{place.argo_namespace}/pods/{name}/log"
    log = place.cluster.calls.read(path, {"limitBytes": str(_LOG_BYTES)}).text
    lines = log.splitlines()
    faults = [line for line in lines if _FAULT.search(line) and "metric-ai" in line]
    if any(_ASKED.search(line) for line in lines):
        yield Diagnosis("ok", "plugin", "was started by the controller, and answers it")
    elif any(_LOADED.search(line) for line in lines):
        yield Diagnosis(
            "ok", "plugin", "was loaded by the controller; no analysis has asked it yet"
        )
    elif faults:
        advice = "is the file there, for that machine, and executable? docs/install.md"
        yield Diagnosis("error", "plugin", f"was not loaded: {faults[-1][:300]}", advice)
    else:
        advice = f"kubectl logs -n {place.argo_namespace} {name} | grep -i plugin"
        yield Diagnosis("warning", "plugin", "the controller's log does not speak of it", advice)
    yield from _token_origin(place)


def _token_origin(place: Place) -> Iterator[Diagnosis]:
    environment = env_of(place.controller)
    has_token = {"METRIC_AI_TOKEN", "METRIC_AI_TOKEN_FILE"} & environment.keys()
    if has_token and not environment.get("METRIC_AI_TOKEN_ORIGIN"):
        yield Diagnosis(
            "error",
            "controller's environment",
            "has a token for agents, and no METRIC_AI_TOKEN_ORIGIN",
            "set it to the one origin that the token may go to, such as https://agent.example:8443",
        )


def _changed(config: Json) -> str:
    times = [
        text(one, "time") for one in mappings(mapping(config, "metadata").get("managedFields"))
    ]
    return max(times, default="")


def _started(place: Place) -> str:
    pods = place.cluster.objects("Pod", place.argo_namespace, _LABELS)
    return min((text(pod, "status", "startTime") for pod in pods), default="")
