"""One measurement of the plugin's, as a controller would go through it."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from running import analysis_run, metric, typed

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric
from rollouts_plugin_metric_ai.a2a_client import AgentCard, AgentClient, AgentClientError, Task
from rollouts_plugin_metric_ai.card_text import read_card

SECONDS = 90.0


@dataclass(frozen=True)
class Asking:
    """An AnalysisRun with one metric that asks the agent at `url`."""

    url: str
    stanza: dict[str, Any] = field(default_factory=lambda: {"timeout": "2m"})
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def analysis_run(self) -> AnalysisRun:
        return typed(analysis_run(self.uid))

    @property
    def metric(self) -> Metric:
        return Metric.from_json(metric(self.url, **self.stanza))

    def run(self, plugin: MetricProviderClient) -> Measurement:
        return plugin.run(self.analysis_run, self.metric)

    def resume(self, plugin: MetricProviderClient, measurement: Measurement) -> Measurement:
        return plugin.resume(self.analysis_run, self.metric, measurement)

    def terminate(self, plugin: MetricProviderClient, measurement: Measurement) -> Measurement:
        return plugin.terminate(self.analysis_run, self.metric, measurement)

    def follow(self, plugin: MetricProviderClient, measurement: Measurement) -> Measurement:
        """The finished measurement; the controller would wait until ResumeAt, tests need not."""
        deadline = time.monotonic() + SECONDS
        while measurement.finished_at is None:
            assert time.monotonic() < deadline, measurement
            measurement = self.resume(plugin, measurement)
        return measurement

    def ask(self, plugin: MetricProviderClient) -> Measurement:
        """The finished measurement, from the start."""
        return self.follow(plugin, self.run(plugin))


def card_of(measurement: Measurement) -> AgentCard:
    """The agent's card, as the plugin keeps it."""
    return read_card(measurement.metadata["agentCard"])


def task_of(measurement: Measurement) -> Task | AgentClientError:
    """The agent's task as it is now, or why it cannot be had."""

    async def get() -> Task | AgentClientError:
        async with AgentClient(user_agent="interop") as client:
            deadline = asyncio.get_running_loop().time() + 20
            try:
                return await client.get_task(
                    card_of(measurement), measurement.metadata["taskId"], None, deadline
                )
            except AgentClientError as error:
                return error

    return asyncio.run(get())
