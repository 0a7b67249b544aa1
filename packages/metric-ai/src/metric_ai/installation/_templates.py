"""The AnalysisTemplates of the cluster, and the agents that they name."""

import json
from collections.abc import Iterator

from metric_ai.agents import AgentAsked, probe, with_operator_token
from metric_ai.cluster import ClusterError, Json, mapping, mappings, name_of, text
from metric_ai.diagnosis import Diagnosis
from metric_ai.manifests import (
    asks_us,
    declared,
    is_open,
    metrics_of,
    resolved,
    stanza_of,
    template_problems,
)
from rollouts_plugin_metric_ai.a2a_client import Credentials
from rollouts_plugin_metric_ai.config import Settings, parse_settings

from ._place import Place
from ._tokens import OperatorTokens, operator_tokens

_MOST_AGENTS = 10
_NOT_FOUND = 404


def template_checks(place: Place) -> Iterator[Diagnosis]:
    """Every template that asks our plugin: its stanzas, read as the plugin reads them."""
    place.templates = list(_ours(place))
    if not place.templates:
        where = f"in namespace {place.namespace}" if place.namespace else "in the cluster"
        advice = "examples/analysis-templates has one of each kind"
        yield Diagnosis("warning", "AnalysisTemplates", f"none asks the plugin {where}", advice)
    for template in place.templates:
        about = _about(template)
        problems = list(template_problems(template))
        for problem in problems:
            yield Diagnosis(problem.level, about, problem.text, f"kubectl edit {_edit(template)}")
        if not problems:
            yield Diagnosis("ok", about, "its stanza is one that the plugin takes")


def agents_checks(place: Place) -> Iterator[Diagnosis]:
    """Each agent that a template names, asked once; or the one that was named instead."""
    tokens = operator_tokens(place)
    if place.agent_url:
        own = with_operator_token(place.agent_url, Credentials(), tokens.variables, named=True)
        known = bool(own.token) or tokens.known
        asked = {place.agent_url: AgentAsked(place.agent_url, "auto", own, known)}
    else:
        asked = _asked(place, tokens)
    for one in list(asked.values())[:_MOST_AGENTS]:
        yield from probe(one, place.cluster)
    if len(asked) > _MOST_AGENTS:
        said = f"{len(asked) - _MOST_AGENTS} more agents were not asked"
        yield Diagnosis("unknown", "agents", said, "metric-ai doctor -n NAMESPACE asks fewer")


def _ours(place: Place) -> Iterator[Json]:
    kinds = (
        ("AnalysisTemplate",)
        if place.namespace
        else ("AnalysisTemplate", "ClusterAnalysisTemplate")
    )
    for kind in kinds:
        try:
            found = place.cluster.objects(kind, place.namespace)
        except ClusterError as error:
            if error.status != _NOT_FOUND:
                raise
            continue
        # Items of a list carry no kind of their own.
        yield from ({**one, "kind": kind} for one in found if asks_us(one))


def _asked(place: Place, tokens: OperatorTokens) -> dict[str, AgentAsked]:
    asked: dict[str, AgentAsked] = {}
    for template in place.templates:
        known = declared(mapping(template, "spec")) | _secrets(place, template)
        for _, metric in metrics_of(template):
            stanza = resolved(stanza_of(metric), known)
            settings = _settings(stanza)
            if settings and settings.agent_url not in asked:
                asked[settings.agent_url] = _agent(settings, stanza, tokens)
    return asked


def _agent(settings: Settings, stanza: object, tokens: OperatorTokens) -> AgentAsked:
    own, known = settings.credentials, tokens.known
    if is_open(mapping(mapping(stanza).get("auth")).get("token")):
        known = False  # its Secret may not be read
    else:
        own = with_operator_token(settings.agent_url, own, tokens.variables)
    return AgentAsked(settings.agent_url, settings.protocol, own, bool(own.token) or known)


def _secrets(place: Place, template: Json) -> dict[str, str | None]:
    """Values of the template's arguments that come from Secrets, as far as they may be read."""
    values: dict[str, str | None] = {}
    for one in mappings(mapping(template, "spec").get("args")):
        name, key = (text(one, "valueFrom", "secretKeyRef", part) for part in ("name", "key"))
        namespace = text(template, "metadata", "namespace")
        if name and key and namespace:
            try:
                values[text(one, "name")] = place.cluster.secret(name, key, namespace)
            except ClusterError:
                continue
    return values


def _settings(stanza: object) -> Settings | None:
    if not isinstance(stanza, dict):
        return None
    kept = {name: value for name, value in stanza.items() if not is_open(value)}
    try:
        return parse_settings(json.dumps(kept).encode())
    except ValueError:
        return None  # the check of the template has told why


def _about(template: Json) -> str:
    namespace = text(template, "metadata", "namespace")
    where = f"{namespace}/" if namespace else ""
    return f"{text(template, 'kind')} {where}{name_of(template)}"


def _edit(template: Json) -> str:
    namespace = text(template, "metadata", "namespace")
    where = f" -n {namespace}" if namespace else ""
    return f"{text(template, 'kind').lower()} {name_of(template)}{where}"
