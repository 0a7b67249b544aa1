"""An AnalysisRun, told."""

from collections.abc import Iterator
from dataclasses import dataclass

from metric_ai.cluster import Json, mapping, mappings, name_of, text
from metric_ai.exits import CommandError, Exit
from metric_ai.manifests import metrics_of, stanza_of
from metric_ai.measurements import PHASES, show_metadata, verdict_of
from metric_ai.terminal import Format, Terminal

_CODES = {
    "Successful": Exit.OK,
    "Failed": Exit.NEGATIVE,
    "Inconclusive": Exit.INCONCLUSIVE,
    "Running": Exit.INCONCLUSIVE,
    "Pending": Exit.INCONCLUSIVE,
    "": Exit.INCONCLUSIVE,
}
_NEXT = {
    "Failed": "mend what is named above, and release again; kubectl argo rollouts get rollout {rollout} -n {namespace}",
    "Inconclusive": "a person decides; kubectl argo rollouts promote {rollout} -n {namespace}, or abort",
    "Error": "docs/troubleshooting.md goes by message; metric-ai doctor looks for the cause",
    "Running": "it is under way: ask again",
    "Pending": "it has not begun; kubectl get analysisrun {run} -n {namespace} -o yaml",
}


@dataclass(frozen=True, slots=True)
class _Metric:
    """One metric that asks our plugin."""

    name: str
    phase: str
    message: str
    measurements: list[Json]

    @property
    def last(self) -> Json:
        return self.measurements[-1] if self.measurements else {}

    @property
    def metadata(self) -> dict[str, str]:
        entries = mapping(self.last, "metadata")
        return {str(key): value for key, value in entries.items() if isinstance(value, str)}


def explain(terminal: Terminal, run: Json, form: Format) -> Exit:
    """Writes what the run says; returns the exit code of its phase.

    Raises:
        CommandError: none of its metrics asks our plugin.
    """
    metrics = list(_metrics(run))
    if not metrics:
        raise CommandError(
            f"AnalysisRun {name_of(run)} asks other providers only",
            "name one with a metric of argoproj-labs/metric-ai",
        )
    phase = text(run, "status", "phase")
    if form != "table":
        terminal.document(_document(run, metrics), form)
    else:
        _show(terminal, run, metrics)
    return _CODES.get(phase, Exit.ERROR)


def _metrics(run: Json) -> Iterator[_Metric]:
    results = {
        text(one, "name"): one for one in mappings(mapping(run, "status").get("metricResults"))
    }
    for _, metric in metrics_of(run):
        if stanza_of(metric) is not None:
            name = text(metric, "name")
            result = results.get(name, {})
            measurements = mappings(result.get("measurements"))
            yield _Metric(name, text(result, "phase"), text(result, "message"), measurements)


def _show(terminal: Terminal, run: Json, metrics: list[_Metric]) -> None:
    names = {
        "run": name_of(run),
        "namespace": text(run, "metadata", "namespace"),
        "rollout": _rollout(run),
    }
    phase = text(run, "status", "phase") or "Pending"
    terminal.line(
        ("AnalysisRun ", "dim"),
        (names["run"], "bold"),
        (" in ", "dim"),
        names["namespace"],
        (f", of Rollout {_rollout(run)}" if _rollout(run) else "", "dim"),
        (f"  {phase}", PHASES.get(phase, "bad")),
    )
    for metric in metrics:
        _show_metric(terminal, metric, text(run, "metadata", "uid"))
    if phase in _NEXT:
        terminal.gap()
        # Without a Rollout there is none to be promoted.
        told = _NEXT[phase] if _rollout(run) else _NEXT[phase].partition("; kubectl argo")[0]
        terminal.line(("next: ", "head"), told.format(**names))


def _show_metric(terminal: Terminal, metric: _Metric, uid: str) -> None:
    terminal.gap()
    count = len(metric.measurements)
    many = f", the last of {count} measurements" if count > 1 else ""
    phase = text(metric.last, "phase") or metric.phase or "Pending"
    terminal.line(
        ("metric ", "dim"),
        (metric.name, "bold"),
        (f"  {phase}", PHASES.get(phase, "bad")),
        (many, "dim"),
    )
    message = text(metric.last, "message") or metric.message
    if message and verdict_of(metric.metadata, uid) is None:
        terminal.fields([("message", message)])
    show_metadata(terminal, metric.metadata, uid)


def _rollout(run: Json) -> str:
    owners = mappings(mapping(run, "metadata").get("ownerReferences"))
    return next((text(one, "name") for one in owners if text(one, "kind") == "Rollout"), "")


def _document(run: Json, metrics: list[_Metric]) -> dict[str, object]:
    uid = text(run, "metadata", "uid")
    return {
        "run": name_of(run),
        "namespace": text(run, "metadata", "namespace"),
        "rollout": _rollout(run),
        "phase": text(run, "status", "phase"),
        "metrics": [
            {
                "name": one.name,
                "phase": text(one.last, "phase") or one.phase,
                "message": text(one.last, "message"),
                "verdict": verdict.to_json()
                if (verdict := verdict_of(one.metadata, uid))
                else None,
            }
            for one in metrics
        ],
    }
