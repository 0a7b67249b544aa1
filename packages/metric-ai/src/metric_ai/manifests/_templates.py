"""AnalysisTemplates, ClusterAnalysisTemplates and AnalysisRuns: their metrics that ask the plugin."""

from collections.abc import Iterator, Mapping

from argo_rollouts_plugin.conditions import ConditionError, evaluate
from metric_ai.cluster import Json, mapping, text
from metric_ai.names import nearest
from rollouts_plugin_metric_ai import PLUGIN_NAME

from ._arguments import declared, is_open, resolved, undeclared
from ._findings import Problem
from ._stanza import stanza_problems

KINDS = ("AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun")

# analysis_types.go, Metric and MetricProvider.
_METRIC = (
    "name",
    "interval",
    "initialDelay",
    "count",
    "successCondition",
    "failureCondition",
    "failureLimit",
    "inconclusiveLimit",
    "consecutiveErrorLimit",
    "consecutiveSuccessLimit",
    "provider",
)
_RESULT = {"verdict": "promote", "promote": True, "confidence": 90.0, "value": 0.9}

Path = tuple[str | int, ...]


def template_problems(template: Json) -> Iterator[Problem]:
    """What is wrong in a template's metrics that ask our plugin, or seem to mean it."""
    spec = mapping(template, "spec")
    known = declared(spec)
    for index, metric in metrics_of(template):
        path: Path = ("spec", "metrics", index)
        yield from _metric(metric, known, path)


def metrics_of(template: Json) -> Iterator[tuple[int, Json]]:
    """A template's metrics with their places; what is no object is left out."""
    metrics = mapping(template, "spec").get("metrics")
    for index, metric in enumerate(metrics if isinstance(metrics, list) else []):
        if isinstance(metric, Mapping):
            yield index, metric


def stanza_of(metric: Json) -> object:
    """The stanza of our plugin; None where the metric does not ask it."""
    return mapping(metric, "provider", "plugin").get(PLUGIN_NAME)


def asks_us(template: Json) -> bool:
    """Whether one of its metrics asks our plugin, or seems to mean it."""
    return any(
        stanza_of(metric) is not None or _mistyped(metric) for _, metric in metrics_of(template)
    )


def _mistyped(metric: Json) -> str:
    """A plugin's name that is nearly ours."""
    for name in mapping(metric, "provider", "plugin"):
        if name != PLUGIN_NAME and nearest(str(name), (PLUGIN_NAME, "metric-ai")):
            return str(name)
    return ""


def _metric(metric: Json, known: Mapping[str, str | None], path: Path) -> Iterator[Problem]:
    plugins: Path = (*path, "provider", "plugin")
    if wrong := _mistyped(metric):
        yield Problem((*plugins, wrong), f"{wrong!a} is no plugin; did you mean {PLUGIN_NAME}?")
    if PLUGIN_NAME not in mapping(metric, "provider", "plugin"):
        return
    for name in metric:
        if name not in _METRIC:
            near = nearest(str(name), _METRIC)
            hint = f"; did you mean {near}?" if near else ""
            yield Problem((*path, str(name)), f"{name!a} is not a field of a metric{hint}")
    yield from undeclared(metric, known, path)
    yield from stanza_problems(resolved(stanza_of(metric), known), (*plugins, PLUGIN_NAME))
    yield from _conditions(metric, known, path)


def _conditions(metric: Json, known: Mapping[str, str | None], path: Path) -> Iterator[Problem]:
    for name in ("successCondition", "failureCondition"):
        condition = resolved(text(metric, name), known)
        if not isinstance(condition, str) or not condition or is_open(condition):
            continue
        success = condition if name == "successCondition" else ""
        failure = condition if name == "failureCondition" else ""
        try:
            evaluate(_RESULT, success, failure)
        except ConditionError as error:
            yield Problem((*path, name), f"{name} cannot be evaluated: {error}")
