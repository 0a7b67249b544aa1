"""From a template to the AnalysisRun that the controller would make of it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Metric, SchemaError
from canary_verdict import HASH_LABEL
from metric_ai.cluster import Cluster, Json, mapping, mappings, name_of, text
from metric_ai.exits import CommandError
from metric_ai.manifests import declared, is_open, metrics_of, resolved, stanza_of
from metric_ai.names import nearest
from rollouts_plugin_metric_ai import PLUGIN_NAME
from rollouts_plugin_metric_ai.config import Settings, parse_settings

from ._template import template_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The command line's values, unchecked."""

    template: str
    namespace: str = ""
    rollout: str = ""
    metric: str = ""
    arguments: tuple[str, ...] = ()
    agent_url: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the plugin will be asked. `run` holds Secrets' values; its repr does not show them."""

    run: AnalysisRun
    metric: Metric
    settings: Settings
    sentence: str


def prepare(cluster: Cluster, wanted: Wanted) -> Prepared:
    """The run and its metric, all arguments resolved.

    Raises:
        click.UsageError: an argument is not NAME=VALUE, or the metric is not clear.
        CommandError: template, Rollout or Secret is not to be had, or an argument has no value.
    """
    namespace = wanted.namespace or cluster.namespace
    template = template_of(cluster, wanted.template, namespace)
    metric = _chosen(template, wanted.metric)
    values = _values(cluster, template, namespace, _given(wanted.arguments))
    metric = mapping(resolved(_with_agent(metric, wanted.agent_url), values))
    if is_open(metric):
        raise CommandError(
            "an argument is left without a value in the metric", "metric-ai check says which"
        )
    try:
        settings = parse_settings(json.dumps(stanza_of(metric)).encode())
    except ValueError as error:
        raise CommandError(str(error), "metric-ai check FILE shows all that is wrong") from error
    rollout = _rollout(cluster, namespace, wanted, name_of(template))
    run = _manifest(template, metric, values, namespace, rollout)
    try:
        made = AnalysisRun.from_json(run)
    except SchemaError as error:
        raise CommandError(f"the metric is none: {error}", "metric-ai check FILE") from error
    whose = (
        f"Rollout {name_of(rollout)}"
        if rollout
        else "no Rollout: the selectors alone say which pods"
    )
    sentence = f"metric {made.spec.metrics[0].name} of {name_of(template)}, for {whose}"
    return Prepared(made, made.spec.metrics[0], settings, sentence)


def _given(arguments: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not name or not equals:
            raise click.UsageError(f"--arg: found {argument!a}, expected NAME=VALUE")
        values[name] = value
    return values


def _chosen(template: Json, wanted: str) -> Json:
    ours = {text(one, "name"): one for _, one in metrics_of(template) if stanza_of(one) is not None}
    if not ours:
        raise CommandError(
            f"{name_of(template)} has no metric that asks {PLUGIN_NAME}",
            "name another template; metric-ai check says what is wrong with one",
        )
    if wanted and wanted not in ours:
        near = nearest(wanted, ours)
        hint = f"; did you mean {near}?" if near else f", expected one of {', '.join(ours)}"
        raise click.UsageError(f"--metric: found {wanted!a}{hint}")
    if not wanted and len(ours) > 1:
        raise click.UsageError(f"name one with --metric: {', '.join(ours)}")
    return ours[wanted] if wanted else next(iter(ours.values()))


def _values(
    cluster: Cluster, template: Json, namespace: str, given: Mapping[str, str]
) -> dict[str, str | None]:
    known = declared(mapping(template, "spec"))
    for name in given:
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else f" (it has: {', '.join(known) or 'none'})"
            raise click.UsageError(f"--arg: {name_of(template)} has no argument {name!a}{hint}")
    for one in mappings(mapping(template, "spec").get("args")):
        name, key = (text(one, "valueFrom", "secretKeyRef", part) for part in ("name", "key"))
        if name and key and text(one, "name") not in given:
            known[text(one, "name")] = cluster.secret(name, key, namespace)
    values: dict[str, str | None] = {**known, **given}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise CommandError(
            f"arguments without a value: {', '.join(missing)}",
            "the Rollout gives them; here: " + " ".join(f"--arg {name}=…" for name in missing),
        )
    return values


def _with_agent(metric: Json, agent_url: str) -> Json:
    if not agent_url:
        return metric
    stanza = {**mapping(stanza_of(metric)), "agentUrl": agent_url}
    return {**metric, "provider": {"plugin": {PLUGIN_NAME: stanza}}}


def _rollout(cluster: Cluster, namespace: str, wanted: Wanted, template: str) -> Json | None:
    if wanted.rollout:
        return cluster.get("Rollout", wanted.rollout, namespace)
    using = [
        one
        for one in cluster.objects("Rollout", namespace)
        if f'"templateName": "{template}"' in json.dumps(one)
    ]
    return using[0] if len(using) == 1 else None


def _manifest(
    template: Json,
    metric: Json,
    values: Mapping[str, str | None],
    namespace: str,
    rollout: Json | None,
) -> Json:
    metadata: dict[str, object] = {
        "name": f"try-{Path(name_of(template)).name}-{uuid.uuid4().hex[:5]}",
        "namespace": namespace,
        "uid": str(uuid.uuid4()),
        "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if rollout is not None:
        metadata["labels"] = {HASH_LABEL: text(rollout, "status", "currentPodHash")}
        metadata["ownerReferences"] = [
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "name": name_of(rollout),
                "uid": text(rollout, "metadata", "uid"),
                "controller": True,
            }
        ]
    spec = mapping(template, "spec")
    args = [{"name": name, "value": value} for name, value in values.items()]
    kept = {name: spec[name] for name in ("dryRun",) if name in spec}
    return {"metadata": metadata, "spec": {"metrics": [metric], "args": args, **kept}}
