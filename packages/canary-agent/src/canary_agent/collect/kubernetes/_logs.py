"""Reads logs concurrently, each into its own bounded tail; what goes wrong becomes a gap.

What the API can be asked for, and what not (pkg/kubelet/kuberuntime/logs, ReadLogs): `tailLines` seeks
from the end of the file, so it bounds what the node reads; `limitBytes` stops after so many bytes from
there, so it would drop the newest. Hence lines are asked for, and bytes are cut here. Of a file that
the kubelet has rotated (10 MiB by default) only the newest part can be had at all.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from canary_agent.collect import ContainerLog, Gap

from ._api import Api, ApiError, Chunks
from ._limits import LINE_BYTES
from ._streams import Stream
from ._tail import Tail

# Container runtimes cut lines at 16 KiB, and `tailLines` counts the pieces.
_PIECE = 16 << 10
# The kubelet says so with status 200: pkg/kubelet/kuberuntime, GetContainerLogs.
_LOST = re.compile(rb"unable to retrieve container logs for \S{1,300}\s*")
_ZONE = re.compile(rb"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9})[+-]\d\d:\d\d ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LogPlan:
    """How logs are read.

    Attributes:
        namespace: of all pods.
        bytes_each: kept of each log.
        timestamps: whether the kubelet puts its time before each line.
    """

    namespace: str
    bytes_each: int
    timestamps: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one log: its lines, a gap, or both where it broke off."""

    log: ContainerLog | None
    gap: Gap | None


async def read_logs(
    api: Api, plan: LogPlan, wanted: Sequence[Stream], seconds: float
) -> list[Reading]:
    """Reads all these logs, in at most so many seconds; the result has their order."""
    readers = [_Reader(api, plan, stream) for stream in wanted]
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=max(0.0, seconds))
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return [reader.reading() for reader in readers]


class _Reader:
    def __init__(self, api: Api, plan: LogPlan, stream: Stream) -> None:
        self._api = api
        self._plan = plan
        self._stream = stream
        self._tail = Tail(plan.bytes_each)
        self._lines = max(1, plan.bytes_each // LINE_BYTES)
        self._is_whole = False
        self._error: ApiError | None = None

    async def run(self) -> None:
        pod, container = self._stream.pod, self._stream.container
        path = f"/api/v1/namespaces/{self._plan.namespace}/pods/{pod.name}/log"
        params = {"container": container.name, "tailLines": str(self._lines)}
        if self._stream.since:
            params["sinceTime"] = self._stream.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self._stream.previous:
            params["previous"] = "true"
        if self._plan.timestamps:
            params["timestamps"] = "true"
        try:
            await self._api.read_log(path, params, self._keep)
        except ApiError as error:
            self._error = error
        else:
            self._is_whole = True

    async def _keep(self, chunks: Chunks) -> None:
        tail = Tail(self._plan.bytes_each)
        try:
            async for chunk in chunks:
                tail.append(chunk)
                await asyncio.sleep(0)  # a fast stream leaves room for others, and for a cancel
            self._tail = tail
        finally:
            # Of attempts that broke off, the longest counts.
            if tail.received > self._tail.received:
                self._tail = tail

    def reading(self) -> Reading:
        tail, gap = self._tail, None
        if self._error or not self._is_whole:
            gap = self._gap()
            if not tail.received:
                return Reading(None, gap)
        elif tail.received < 1024 and _LOST.fullmatch(b"".join(tail.chunks())):
            return Reading(None, self._lost())
        pieces = tail.lines + tail.received // _PIECE
        log = ContainerLog(
            pod=self._stream.pod.name,
            container=self._stream.container.label,
            read=_in_utc(tail) if self._plan.timestamps else tail.chunks,
            previous=self._stream.previous,
            truncated=tail.is_cut or pieces >= self._lines,
        )
        return Reading(log, gap)

    def _gap(self) -> Gap:
        error, what = self._error, self._stream.what
        if self._tail.received:
            why = str(error) if error else "the time for reading was over"
            return Gap(f"{what}: the log was read in part: {why}")
        if error is None:
            return Gap(f"{what}: the log was not read: the time for reading was over")
        if error.status == 404 or (error.status == 400 and self._stream.previous):
            return self._lost()
        if error.status == 400 and "is waiting to start" in error.message:
            return Gap(f"{what}: it has not started, so it has no log")
        if error.status == 403:
            return Gap(f"{what}: the agent's account may not get pods/log: {error.message}")
        return Gap(f"{what}: the log was not read: {error}")

    def _lost(self) -> Gap:
        # A former instance's log goes with its container, and a deleted pod's with the pod: neither is
        # the sample's fault. What a living pod wrote could decide.
        stream = self._stream
        expected = stream.previous or stream.pod.status.deleting or stream.container.kind == "init"
        return Gap(f"{stream.what}: the log is gone", blocking=not expected)


def _in_utc(tail: Tail) -> Callable[[], Iterator[bytes]]:
    """The kubelet writes its node's zone; the zone does not matter where only spans are measured."""

    def chunks() -> Iterator[bytes]:
        for chunk in tail.chunks():
            yield _ZONE.sub(rb"\1Z ", chunk)

    return chunks
