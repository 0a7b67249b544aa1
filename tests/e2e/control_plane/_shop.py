"""Manifests of the shop under Argo Rollouts, as dicts that a scenario changes as it likes."""

from collections.abc import Mapping, Sequence

from kube import Json

from ._rollouts import PLUGIN_NAME

__all__ = ["analysis_template", "customers", "rollout", "service"]

_ARGO = "argoproj.io/v1alpha1"
_PORT = 8080
_FIELDS = {"fieldRef": {"fieldPath": "status.podIP"}}


def rollout(
    name: str,
    image: str,
    steps: Sequence[Json],
    *,
    replicas: int = 2,
    strategy: Json | None = None,
) -> Json:
    """A Rollout of the shop; the image's tag is the shop's version, see examples/shop.

    Its Services are `<name>-stable` and `<name>-canary`, and its pods carry `role: stable` or
    `role: canary`.

    Args:
        steps: of the canary strategy.
        replicas: in all; weights are shares of them, since there is no traffic router.
        strategy: instead of canary, such as `{"blueGreen": {...}}`.
    """
    canary: Json = {
        "stableService": f"{name}-stable",
        "canaryService": f"{name}-canary",
        "stableMetadata": {"labels": {"role": "stable"}},
        "canaryMetadata": {"labels": {"role": "canary"}},
        "maxSurge": 1,
        "maxUnavailable": 0,
        "steps": list(steps),
    }
    container = {
        "name": "shop",
        "image": image,
        "env": [{"name": "POD_IP", "valueFrom": _FIELDS}],
        "ports": [{"name": "http", "containerPort": _PORT}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1},
    }
    return {
        "apiVersion": _ARGO,
        "kind": "Rollout",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 2,
            "progressDeadlineSeconds": 300,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 2},
            },
            "strategy": strategy or {"canary": canary},
        },
    }


def service(name: str, app: str) -> Json:
    """A Service of the pods of the Rollout `app`; the controller narrows its selector."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {
            "selector": {"app": app},
            "ports": [{"name": "http", "port": _PORT, "targetPort": "http"}],
        },
    }


def analysis_template(
    name: str, agent_url: str, stanza: Mapping[str, object], **metric: object
) -> Json:
    """An AnalysisTemplate with one metric, `ai-analysis`, that asks our plugin.

    Args:
        stanza: more of the plugin's fields, or others instead of the usual ones.
        metric: more of the metric's fields, such as `initialDelay="5s"`.
    """
    plugin = {
        "agentUrl": agent_url,
        "stableLabel": "role=stable",
        "canaryLabel": "role=canary",
        **stanza,
    }
    asked = {"name": "ai-analysis", "provider": {"plugin": {PLUGIN_NAME: plugin}}, **metric}
    return {
        "apiVersion": _ARGO,
        "kind": "AnalysisTemplate",
        "metadata": {"name": name},
        "spec": {"metrics": [asked]},
    }


def customers(app: str, rate: float = 40.0, canary_weight: float = 50.0) -> Json:
    """A pod whose customers buy at both Services of the Rollout `app`, for a day."""
    prefix = app.upper().replace("-", "_")
    container = {
        "name": "traffic",
        "image": "shop-traffic:1",
        "args": [
            f"--stable=http://$({prefix}_STABLE_SERVICE_HOST):{_PORT}",
            f"--canary=http://$({prefix}_CANARY_SERVICE_HOST):{_PORT}",
            f"--canary-weight={canary_weight}",
            f"--rate={rate}",
            "--seconds=86400",
        ],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{app}-customers", "labels": {"app": f"{app}-customers"}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }
