"""A small server that answers as the Kubernetes API does for pods, their logs, events, Rollouts and AnalysisRuns.

Sources: k8s.io/apimachinery (labels, fields, meta/v1 Status), k8s.io/apiserver (limit and continue),
pkg/registry/core/pod (strategy.go, LogLocation) and pkg/kubelet/kuberuntime/logs of Kubernetes.
"""

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from analysis_runs_api import AnalysisRuns, BreakOffError
from http_loopback import http_server
from kubernetes_objects import NOW, Json

Line = tuple[datetime, str]


@dataclass
class Rule:
    """Answers requests whose path and query match, instead of the server; `times` of them."""

    pattern: str
    status: int
    message: str
    reason: str = ""
    times: int = 1_000_000
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass
class Asked:
    """One request that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class KubernetesApi:
    """The cluster's state; tests change it as they like, also between requests."""

    pods: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    logs: dict[tuple[str, str, bool], list[Line]] = field(default_factory=dict)
    streams: dict[tuple[str, str], Callable[[], Iterable[bytes]]] = field(default_factory=dict)
    rollouts: list[Json] = field(default_factory=list)
    analysis: AnalysisRuns = field(default_factory=AnalysisRuns)
    rules: list[Rule] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def log(self, pod: str, container: str, *lines: str | Line, previous: bool = False) -> None:
        """Adds lines to a container's log; a line without a time is of `NOW`."""
        timed = [line if isinstance(line, tuple) else (NOW, line) for line in lines]
        self.logs.setdefault((pod, container, previous), []).extend(timed)

    def shop_log(self, pod: str, begin: datetime, *, faulty: bool) -> None:
        """A hundred seconds of a small shop's log; a faulty one fails every fifth request."""
        for number in range(400):
            line = f"INFO shop.access GET /cart status=200 duration_ms={20 + number % 7}"
            if faulty and number % 5 == 0:
                line = f"ERROR shop.db connection refused to db:5432 request=r-{number}"
            self.log(pod, "app", (begin + timedelta(seconds=number / 4), line))

    def refuse(self, pattern: str, status: int, message: str, **more: Any) -> None:
        """See `Rule`."""
        self.rules.append(Rule(pattern, status, message, **more))

    def calls(self, part: str) -> list[Asked]:
        """The requests whose path has `part`."""
        return [one for one in self.asked if part in one.path]

    def rule_for(self, target: str) -> Rule | None:
        with self.lock:
            for rule in self.rules:
                if rule.times > 0 and re.search(rule.pattern, target):
                    rule.times -= 1
                    return rule
        return None


def kubeconfig(path: Path, api: KubernetesApi, *, user: Json | None = None, **cluster: Any) -> Path:
    """Writes a kubeconfig with the context `test`; JSON is YAML."""
    document = {
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": api.url, **cluster}}],
        "users": [{"name": "u", "user": user or {}}],
    }
    path.write_text(json.dumps(document))
    return path


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[KubernetesApi]:
    """Serves an empty cluster on loopback."""
    api = KubernetesApi()

    class Handler(_Handler):
        cluster = api

    with http_server(Handler, context) as api.url:
        try:
            yield api
        finally:
            api.analysis.end_watches()


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: KubernetesApi

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Says nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.cluster.asked.append(Asked(url.path, query, dict(self.headers)))
        try:
            self._check_token()
            if rule := self.cluster.rule_for(self.path):
                self._answer_by(rule)
            else:
                self._route(url.path, query)
        except _RefusedError as error:
            self._send(error.status, _status(error.status, error.reason, error.message))

    def _check_token(self) -> None:
        tokens = self.cluster.tokens
        if tokens and self.headers.get("Authorization") not in {f"Bearer {one}" for one in tokens}:
            raise _RefusedError(401, "Unauthorized", "Unauthorized")

    def _answer_by(self, rule: Rule) -> None:
        body = rule.body
        if body is None:
            body = json.dumps(_status(rule.status, rule.reason, rule.message)).encode()
        self._send_bytes(rule.status, body, rule.headers)

    def _route(self, path: str, query: dict[str, str]) -> None:
        runs = re.fullmatch(
            r"/apis/argoproj\.io/v1alpha1(?:/namespaces/([^/]+))?/analysisruns(?:/([^/]+))?", path
        )
        if runs is not None:
            self._analysis_runs(runs[1] or "", runs[2], query)
            return
        one = re.fullmatch(r"/apis/argoproj\.io/v1alpha1/namespaces/([^/]+)/rollouts/([^/]+)", path)
        if one is not None:
            self._rollout(*one.groups())
            return
        part = re.fullmatch(r"/api/v1/namespaces/([^/]+)/(pods|events)(?:/([^/]+)/log)?", path)
        if part is None:
            raise _RefusedError(404, "NotFound", "the server could not find the requested resource")
        namespace, kind, name = part.groups()
        if name:
            self._log(namespace, name, query)
        else:
            self._list(namespace, kind, query)

    def _rollout(self, namespace: str, name: str) -> None:
        for rollout in self.cluster.rollouts:
            found = rollout["metadata"]
            if (found["namespace"], found["name"]) == (namespace, name):
                self._send(200, rollout)
                return
        raise _RefusedError(404, "NotFound", f'rollouts.argoproj.io "{name}" not found')

    def _analysis_runs(self, namespace: str, name: str | None, query: dict[str, str]) -> None:
        analysis, accept = self.cluster.analysis, self.headers.get("Accept", "")
        if name is not None:
            run = analysis.one(namespace, name, accept)
            if run is None:
                raise _RefusedError(404, "NotFound", f'analysisruns "{name}" not found')
            self._send(200, run)
        elif query.get("watch") == "true":
            self._stream(analysis.watched(namespace, query))
        else:
            self._send(200, analysis.listed(namespace, query, accept))

    def _list(self, namespace: str, kind: str, query: dict[str, str]) -> None:
        items = self.cluster.pods if kind == "pods" else self.cluster.events
        matching = [
            item
            for item in items
            if item["metadata"].get("namespace") == namespace
            and _labels_match(query.get("labelSelector", ""), item["metadata"].get("labels", {}))
            and _fields_match(query.get("fieldSelector", ""), item)
        ]
        begin = int(query.get("continue") or 0)
        end = begin + int(query.get("limit") or len(matching) + 1)
        metadata: Json = {"resourceVersion": "1"}
        if end < len(matching):
            metadata["continue"] = str(end)
        self._send(200, {"kind": "List", "metadata": metadata, "items": matching[begin:end]})

    def _log(self, namespace: str, name: str, query: dict[str, str]) -> None:
        found = next(
            (
                one
                for one in self.cluster.pods
                if (one["metadata"].get("name"), one["metadata"]["namespace"]) == (name, namespace)
            ),
            None,
        )
        if found is None:
            raise _RefusedError(404, "NotFound", f'pods "{name}" not found')
        wanted = query.get("container", "")
        previous = _instance(found, wanted, previous=query.get("previous") == "true")
        if stream := self.cluster.streams.get((name, wanted)):
            self._stream(stream())
            return
        lines = self.cluster.logs.get((name, wanted, previous), [])
        self._stream([_limited(lines, query)])

    def _stream(self, parts: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for part in parts:
                if part:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        except BreakOffError:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, status: int, document: Json) -> None:
        self._send_bytes(status, json.dumps(document).encode(), {})

    def _send_bytes(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _limited(lines: list[Line], query: Mapping[str, str]) -> bytes:
    """As ReadLogs does: the tail first, then what is too old, then bytes from the front."""
    if tail := query.get("tailLines"):
        lines = lines[-int(tail) :]
    if since := query.get("sinceTime"):
        lines = [line for line in lines if line[0] >= datetime.fromisoformat(since)]
    stamped = query.get("timestamps") == "true"
    text = "".join(
        (f"{moment:%Y-%m-%dT%H:%M:%S.%f}000+01:00 " if stamped else "") + line + "\n"
        for moment, line in lines
    ).encode()
    return text[: int(query.get("limitBytes") or len(text))]


def _instance(found: Json, wanted: str, *, previous: bool) -> bool:
    """Whether the log of the last instance is due: validateContainerLogStatus of pkg/kubelet."""
    name, spec = found["metadata"]["name"], found["spec"]
    names = [one["name"] for one in (*spec["initContainers"], *spec["containers"])]
    if wanted not in names:
        raise _RefusedError(400, "BadRequest", f"container {wanted} is not valid for pod {name}")
    statuses = found["status"]["containerStatuses"] + found["status"]["initContainerStatuses"]
    status: Json = next((one for one in statuses if one["name"] == wanted), {})
    if previous and not status.get("lastState"):
        raise _RefusedError(
            400,
            "BadRequest",
            f'previous terminated container "{wanted}" in pod "{name}" not found',
        )
    waiting = status.get("state", {}).get("waiting")
    if waiting and not status.get("lastState"):
        raise _RefusedError(
            400,
            "BadRequest",
            f'container "{wanted}" in pod "{name}" is waiting to start: {waiting["reason"]}',
        )
    return previous or bool(waiting)


def _status(code: int, reason: str, message: str) -> Json:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


def _labels_match(selector: str, labels: Mapping[str, str]) -> bool:
    return all(
        _label_matches(requirement.strip(), labels)
        for requirement in re.split(r",(?![^(]*\))", selector)
        if requirement.strip()
    )


def _label_matches(requirement: str, labels: Mapping[str, str]) -> bool:
    if among := re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", requirement):
        value = labels.get(among[1])
        holds = value in {one.strip() for one in among[3].split(",")}
        return holds if among[2] == "in" else not holds
    if "!=" in requirement:
        key, _, value = requirement.partition("!=")
        return labels.get(key.strip()) != value.strip()
    if "=" in requirement:
        key, _, value = requirement.replace("==", "=").partition("=")
        return labels.get(key.strip()) == value.strip()
    if requirement.startswith("!"):
        return requirement[1:].strip() not in labels
    return requirement in labels


def _fields_match(selector: str, item: Json) -> bool:
    for requirement in filter(None, selector.split(",")):
        path, _, wanted = requirement.partition("=")
        value: Any = item
        for key in path.split("."):
            value = value.get(key, "") if isinstance(value, dict) else ""
        if value != wanted:
            return False
    return True
