"""What only a cluster and a running agent can tell about a template."""

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass

from metric_ai.agents import AgentAsked, probe, with_operator_token
from metric_ai.cluster import Cluster, ClusterError, connect, mapping, mappings, text
from metric_ai.options import ClusterOptions
from metric_ai.terminal import Progress
from rollouts_plugin_metric_ai.config import Settings, parse_settings
from rollouts_plugin_metric_ai.operator import TOKEN

from ._arguments import declared, is_open, resolved
from ._documents import Document
from ._findings import Finding, Level
from ._templates import metrics_of, stanza_of
from .check import Checked, about_of


@dataclass(frozen=True, slots=True)
class Online:
    """What is to be asked.

    Attributes:
        options: which cluster.
        namespace: for templates that name none; empty: the context's own.
        agent_url: asked instead of the agents that templates name.
        pods: whether selectors are tried.
    """

    options: ClusterOptions
    namespace: str = ""
    agent_url: str = ""
    pods: bool = False


def check_online(checked: Checked, asked: Online, progress: Progress) -> None:
    """Adds what cluster and agents say of the templates.

    Raises:
        ClusterError: pods were asked for, and there is no cluster.
    """
    with ExitStack() as stack:
        cluster: Cluster | None = None
        try:
            cluster = stack.enter_context(connect(asked.options))
        except ClusterError:
            if asked.pods:
                raise
        for file, document in checked.templates:
            progress.step(f"asking about {about_of(mapping(document.value))}")
            _Look(file, document, checked, cluster).all(asked)
    checked.findings.sort(key=lambda one: (one.file, one.line))


class _Look:
    """One template."""

    def __init__(
        self, file: str, document: Document, checked: Checked, cluster: Cluster | None
    ) -> None:
        self._file = file
        self._document = document
        self._template = mapping(document.value)
        self._checked = checked
        self._cluster = cluster
        self._line = 0

    def all(self, asked: Online) -> None:
        own = text(self._template, "metadata", "namespace")
        default = self._cluster.namespace if self._cluster else ""
        where = own or asked.namespace or default
        known = declared(mapping(self._template, "spec"))
        # Not with --agent alone: it is for manifests of which nobody has said that they may be tried.
        if asked.pods:
            known |= self._secrets(where)
        for index, metric in metrics_of(self._template):
            stanza = resolved(stanza_of(metric), known)
            settings = _settings(stanza)
            if settings is None:
                continue
            self._line = self._document.line(("spec", "metrics", index, "provider", "plugin"))
            if asked.pods and self._cluster:
                self._selectors(self._cluster, where, settings)
            self._agent(settings, stanza, asked.agent_url)

    def _secrets(self, namespace: str) -> dict[str, str | None]:
        """Arguments' values from Secrets, as far as whoever types may read them."""
        values: dict[str, str | None] = {}
        for one in mappings(mapping(self._template, "spec").get("args")):
            name, key = (text(one, "valueFrom", "secretKeyRef", part) for part in ("name", "key"))
            if self._cluster and name and key:
                try:
                    values[text(one, "name")] = self._cluster.secret(name, key, namespace)
                except ClusterError as error:
                    level: Level = "error" if error.status in {0, 404} else "warning"
                    self._add(level, f"argument {text(one, 'name')}: {error.what}")
        return values

    def _selectors(self, cluster: Cluster, namespace: str, settings: Settings) -> None:
        for name, selector in (
            ("stableLabel", settings.stable_label),
            ("canaryLabel", settings.canary_label),
        ):
            if cluster.objects("Pod", namespace, selector, limit="1"):
                continue
            why = "a typing error?" if name == "stableLabel" else "so is it between two releases"
            self._add(
                "warning", f"{name}: {selector} matches no pod in namespace {namespace}; {why}"
            )

    def _agent(self, settings: Settings, stanza: object, instead: str) -> None:
        url, own = instead or settings.agent_url, settings.credentials
        is_left_open = is_open(mapping(mapping(stanza).get("auth")).get("token"))
        if not is_left_open:
            own = with_operator_token(url, own, os.environ, named=bool(instead))
        # With a stanza that names a token, or an operator who has one, it is not known to be missing.
        known = bool(own.token) or not (is_left_open or os.environ.get(TOKEN))
        asked = AgentAsked(url, settings.protocol, own, known)
        for one in probe(asked, self._cluster):
            if one.state != "ok":
                level: Level = "error" if one.state == "error" else "warning"
                advice = f"; {one.advice}" if one.advice else ""
                self._add(level, f"{one.about}: {one.text}{advice}")

    def _add(self, level: Level, what: str) -> None:
        about = about_of(self._template)
        self._checked.findings.append(Finding(self._file, self._line, level, about, what))


def _settings(stanza: object) -> Settings | None:
    """The stanza as far as it can be read now: fields with open arguments are left out."""
    if not isinstance(stanza, dict):
        return None
    kept = {name: value for name, value in stanza.items() if not is_open(value)}
    try:
        return parse_settings(json.dumps(kept, default=str).encode())
    except ValueError:
        return None  # the check of the fields has told why
