"""The agent's figures by the conventions of Prometheus: base units, `_total` for what only grows.

Each replica counts what it does itself; sum over them. The queue is one for all that share a database: take its
greatest value.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from canary_agent import __version__, figures
from canary_agent.store import AnalysisEngine, TaskRecord
from canary_agent.store.records import OPEN_STATES
from canary_verdict import Verdict

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 7200)
_STEPS = frozenset({"collect", "examine", "models", "model call"})
_GITHUB = {"githubOk": "ok", "githubRefused": "refused", "githubUnreachable": "unreachable"}

logger = logging.getLogger(__name__)


class Metrics:
    """All figures of one agent process.

    Args:
        engine: a launched engine; its `on_final` and `on_figures` are listened to, whoever else does.
        clock: seconds since the epoch.
    """

    def __init__(self, engine: AnalysisEngine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        # Of its own, so that two agents in one process, as in tests, do not meet.
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        registry.register(_Queue(engine, clock))
        Gauge(
            "canary_agent_build_info", "1, with the version.", ["version"], registry=registry
        ).labels(__version__).set(1)
        self._verdicts = Counter(
            "canary_agent_verdicts", "Verdicts reached.", ["verdict"], registry=registry
        )
        self._ended = Counter(
            "canary_agent_tasks_ended",
            "Tasks that got their final state: completed, failed or canceled.",
            ["state"],
            registry=registry,
        )
        self._analysis = Histogram(
            "canary_agent_analysis_seconds",
            "From question to verdict, the time in the queue included.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._steps = Histogram(
            "canary_agent_step_seconds",
            "Time in one step of an analysis.",
            ["step"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._bytes = Counter(
            "canary_agent_collected_bytes", "Bytes of logs read.", registry=registry
        )
        self._tokens = Counter(
            "canary_agent_model_tokens", "Tokens of models.", ["direction"], registry=registry
        )
        self._cost = Counter(
            "canary_agent_model_cost_dollars",
            "What models cost, in US dollars; of those whose price is known.",
            registry=registry,
        )
        self._votes = Counter(
            "canary_agent_model_votes",
            "Votes asked of models: answered or silent.",
            ["result"],
            registry=registry,
        )
        self._github = Counter(
            "canary_agent_github_requests", "Calls to GitHub.", ["result"], registry=registry
        )
        self.requests = Counter(
            "canary_agent_http_requests",
            "Requests answered.",
            ["method", "route", "code"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "canary_agent_http_request_seconds",
            "From a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._begin_at_zero()
        self._listen()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The figures as a scrape has them, and their media type, as the Accept header asks."""
        encoder, media_type = choose_encoder(accept)
        return encoder(self.registry), media_type

    def ended(self, record: TaskRecord) -> None:
        """Counts a task that is final now."""
        self._ended.labels(record.state.value).inc()
        if record.advice not in list(Verdict):
            return
        self._verdicts.labels(record.advice).inc()
        self._analysis.observe(max(0.0, record.updated_at - record.created_at))
        self._add_usage(json.loads(record.verdict).get("usage", {}))

    def add_figures(self, text: str) -> None:
        """Adds what a child told of its work."""
        told = figures.read(text)
        for step in told.steps:
            if step.name in _STEPS:
                self._steps.labels(step.name).observe(step.seconds)
        self._bytes.inc(told.counts.get("collectedBytes", 0.0))
        for name, result in _GITHUB.items():
            self._github.labels(result).inc(told.counts.get(name, 0.0))

    def _add_usage(self, usage: Mapping[str, float]) -> None:
        self._tokens.labels("input").inc(usage.get("tokensIn", 0.0))
        self._tokens.labels("output").inc(usage.get("tokensOut", 0.0))
        self._cost.inc(usage.get("costUsd", 0.0))
        asked, silent = usage.get("modelsAsked", 0.0), usage.get("modelsSilent", 0.0)
        self._votes.labels("answered").inc(max(0.0, asked - silent))
        self._votes.labels("silent").inc(silent)

    def _begin_at_zero(self) -> None:
        # A series that appears with its first event hides that event from `increase`.
        for verdict in Verdict:
            self._verdicts.labels(verdict.value)
        for state in ("completed", "failed", "canceled"):
            self._ended.labels(state)
        for direction in ("input", "output"):
            self._tokens.labels(direction)
        for result in ("answered", "silent"):
            self._votes.labels(result)
        for result in _GITHUB.values():
            self._github.labels(result)

    def _listen(self) -> None:
        final, told = self._engine.on_final, self._engine.on_figures

        def on_final(task_id: str) -> None:
            final(task_id)
            record = self._engine.tasks.get(task_id)
            if record is not None:
                self._guarded(lambda: self.ended(record))

        def on_figures(record: TaskRecord, text: str) -> None:
            told(record, text)
            self._guarded(lambda: self.add_figures(text))

        self._engine.on_final, self._engine.on_figures = on_final, on_figures

    def _guarded(self, add: Callable[[], None]) -> None:
        try:
            add()
        except Exception:  # whatever cannot be counted, the verdict stands
            logger.exception("cannot count")


class _Queue(Collector):
    """Open tasks, looked up when a scrape asks."""

    def __init__(self, engine: AnalysisEngine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock

    def describe(self) -> Iterator[Metric]:
        """What it gives, without asking the database."""
        yield GaugeMetricFamily("canary_agent_queue_tasks", "", labels=["state"])
        yield GaugeMetricFamily("canary_agent_queue_oldest_seconds", "")

    def collect(self) -> Iterator[Metric]:
        """Counts and age."""
        counts, oldest = self._engine.tasks.queue()
        tasks = GaugeMetricFamily(
            "canary_agent_queue_tasks",
            "Open tasks: submitted ones wait, working ones run.",
            labels=["state"],
        )
        for state in OPEN_STATES:
            tasks.add_metric([state.value], counts.get(state, 0))
        yield tasks
        yield GaugeMetricFamily(
            "canary_agent_queue_oldest_seconds",
            "How long the oldest waiting task has waited; 0 where none does.",
            value=max(0.0, self._clock() - oldest) if oldest else 0.0,
        )
