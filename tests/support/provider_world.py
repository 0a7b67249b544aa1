"""A provider, a scripted agent and an AnalysisRun, for tests of the provider's life cycle."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from scripted_agent import Answer, HangUpError, RpcError, ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import (
    AnalysisPhase,
    AnalysisRun,
    AnalysisRunStatus,
    Measurement,
    Metric,
    MetricProvider,
    MetricResult,
    ObjectMeta,
    OwnerReference,
)
from rollouts_plugin_metric_ai import PLUGIN_NAME
from rollouts_plugin_metric_ai.a2a_client import AgentClient
from rollouts_plugin_metric_ai.issues import LazyIssues
from rollouts_plugin_metric_ai.operator import Operator
from rollouts_plugin_metric_ai.provider import MetricAiProvider

UID = "5f1c0e1e-7d0b-4f3e-9a55-0f5a7b7e9f10"
TOKEN = "s3cr3t-t0ken"  # planted: must not come out anywhere
PROMOTE: Answer = {"runUid": UID, "verdict": "promote", "confidence": 92, "analysis": "all quiet"}
ROLLBACK: Answer = {"runUid": UID, "verdict": "rollback", "confidence": 97, "rootCause": "no db"}


class HeldClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class World:
    """A provider, an agent, and an AnalysisRun with one metric between them."""

    def __init__(self, agent: ScriptedAgent, client: AgentClient) -> None:
        self.agent = agent
        self.clock = HeldClock()
        self.client = client
        self.operator = Operator.from_environment({})
        self.environment: dict[str, str] = {}
        self.restart()
        self.stanza: dict[str, Any] = {
            "agentUrl": agent.url,
            "stableLabel": "role=stable",
            "canaryLabel": "role=canary",
        }
        self.result = MetricResult(name="ai-analysis")
        self.success_condition = ""

    def restart(self) -> None:
        """As after a kill of the plugin's process: nothing is remembered."""
        self.issues = LazyIssues(self.environment)
        self.provider = MetricAiProvider(
            self.client, self.operator, clock=self.clock, issues=self.issues
        )

    @property
    def metric(self) -> Metric:
        stanza = json.dumps(self.stanza).encode()
        return Metric(
            name="ai-analysis",
            success_condition=self.success_condition,
            provider=MetricProvider(plugin={PLUGIN_NAME: stanza}),
        )

    @property
    def analysis_run(self) -> AnalysisRun:
        owner = OwnerReference(kind="Rollout", name="shop", controller=True)
        return AnalysisRun(
            metadata=ObjectMeta(
                name="shop-6d9",
                namespace="prod",
                uid=UID,
                labels={"rollouts-pod-template-hash": "abc"},
                owner_references=(owner,),
            ),
            status=AnalysisRunStatus(metric_results=(self.result,)),
        )

    async def run(self) -> Measurement:
        return await self.provider.run(self.analysis_run, self.metric)

    async def resume(self, measurement: Measurement) -> Measurement:
        return await self.provider.resume(self.analysis_run, self.metric, measurement)

    async def terminate(self, measurement: Measurement) -> Measurement:
        return await self.provider.terminate(self.analysis_run, self.metric, measurement)


def running(measurement: Measurement) -> Measurement:
    assert measurement.phase is AnalysisPhase.RUNNING, measurement.message
    assert measurement.finished_at is None
    assert measurement.resume_at is not None
    return measurement


def error(measurement: Measurement) -> str:
    assert measurement.phase is AnalysisPhase.ERROR
    assert measurement.finished_at is not None
    return measurement.message


async def never(_: Answer) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def hang_up(_: Answer) -> Answer:
    raise HangUpError


async def not_known(_: Answer) -> Answer:
    raise RpcError(-32601)
