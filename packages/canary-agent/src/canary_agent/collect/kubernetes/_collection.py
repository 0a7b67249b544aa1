"""From listed pods to a sample: which ones count, what is read of them, and what was missing."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from canary_agent.collect import Gap, PodEvent, Sample, Side, TrafficShare
from canary_verdict import CanaryRequest, SideName

from ._api import Api
from ._choose import Choice, choose, not_sampled, sampled
from ._events import pod_events
from ._limits import KubernetesLimits
from ._listing import Listing
from ._logs import LogPlan, Reading, read_logs
from ._pods import Pod
from ._streams import Stream, not_started, streams
from ._traffic import traffic_share


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection at work.

    Attributes:
        end: when it has to be over, by the monotonic clock.
    """

    api: Api
    request: CanaryRequest
    limits: KubernetesLimits
    end: float

    async def sample(self, listing: Listing, now: datetime) -> Sample:
        """Reads logs and events of the pods that count."""
        choice = choose(listing.pods, self.request)
        since = window_start(choice.canary, now, self.request.window)
        async with asyncio.TaskGroup() as group:
            stable = group.create_task(self._logs("stable", choice.stable, since))
            canary = group.create_task(self._logs("canary", choice.canary, since))
            events = group.create_task(self._events((*choice.stable, *choice.canary), since))
            traffic = group.create_task(self._traffic(choice))
        (stable_readings, stable_gaps), (canary_readings, canary_gaps) = (
            stable.result(),
            canary.result(),
        )
        found, missing = events.result()
        gaps = [*listing.gaps, *choice.gaps, *stable_gaps, *canary_gaps]
        return Sample(
            _side(choice.stable, stable_readings, found),
            _side(choice.canary, canary_readings, found),
            (*gaps, missing) if missing else tuple(gaps),
            traffic.result(),
        )

    async def _logs(
        self, side: SideName, pods: Sequence[Pod], since: datetime
    ) -> tuple[list[Reading], list[Gap]]:
        limits = self.limits
        wanted = streams(side, sampled(pods, limits.pods), since)
        gaps = [*not_sampled(side, pods, limits.pods), *not_started(side, pods)]
        if len(wanted) > limits.logs:
            text = f"{side}: of {len(wanted)} logs {limits.logs} were read, which is the limit"
            gaps.append(Gap(text, blocking=side == "canary"))
            wanted = wanted[: limits.logs]
        readings = await read_logs(self.api, self._plan(wanted), wanted, self._left())
        return readings, [*gaps, *(one.gap for one in readings if one.gap)]

    def _plan(self, wanted: Sequence[Stream]) -> LogPlan:
        share = self.limits.side_bytes // max(1, len(wanted))
        return LogPlan(
            namespace=self.request.run.namespace,
            bytes_each=min(self.limits.container_bytes, share),
            # They make every line longer, and are of use only where the span of logs is asked for.
            timestamps=bool(self.request.policy.min_duration),
        )

    async def _events(
        self, pods: Sequence[Pod], since: datetime
    ) -> tuple[list[PodEvent], Gap | None]:
        if not pods:
            return [], None
        namespace, limit = self.request.run.namespace, self.limits.events
        try:
            async with asyncio.timeout(self._left()):
                return await pod_events(self.api, namespace, pods, since, limit)
        except TimeoutError:
            return [], Gap("events were not read: the time for reading was over")

    async def _traffic(self, choice: Choice) -> TrafficShare | None:
        try:
            async with asyncio.timeout(self._left()):
                return await traffic_share(self.api, self.request, choice.stable, choice.canary)
        except TimeoutError:
            return None

    def _left(self) -> float:
        return max(0.0, self.end - time.monotonic())


def window_start(canary: Sequence[Pod], now: datetime, window: float) -> datetime:
    """Since when logs count, for both sides: the later of the canary's start and `now` - `window`.

    The canary starts with its first pod; one without any that has started yet has no start.
    """
    begin = now - timedelta(seconds=window)
    start = min((pod.status.started_at for pod in canary if pod.status.started_at), default=begin)
    return max(begin, start)


def _side(pods: Sequence[Pod], readings: Sequence[Reading], events: Sequence[PodEvent]) -> Side:
    names = {pod.name for pod in pods}
    return Side(
        logs=tuple(one.log for one in readings if one.log),
        pods=tuple(pod.status for pod in pods),
        events=tuple(event for event in events if event.pod in names),
    )
