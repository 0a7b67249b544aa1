"""The calls: what AnalysisRuns there are changes of, and how one of them is doing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from rollouts_plugin_metric_ai.kube._access import ClusterAccess
from rollouts_plugin_metric_ai.kube._answers import check, decoded, refusal
from rollouts_plugin_metric_ai.kube._errors import KubeRefusedError, KubeUnreachableError
from rollouts_plugin_metric_ai.kube._http import KubeHttp
from rollouts_plugin_metric_ai.kube._json import as_count, as_mapping, as_text
from rollouts_plugin_metric_ai.kube._limits import DEFAULT_LIMITS, KubeLimits

from ._lines import Lines
from ._row import DELETED, TABLE, RowReader, RunRef, RunRow, why_ended

_GROUP = "/apis/argoproj.io/v1alpha1"


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A change of an AnalysisRun, or a bookmark, whose `row` is None.

    Attributes:
        version: where a later watch goes on; empty where the server did not say.
    """

    row: RunRow | None
    version: str


class RunApi:
    """Reads AnalysisRuns of one cluster. Each call has a deadline of its own."""

    def __init__(
        self,
        find: Callable[[], ClusterAccess],
        limits: KubeLimits = DEFAULT_LIMITS,
        user_agent: str = "metric-ai",
    ) -> None:
        """Opens nothing; `find` says where the cluster is, and is asked in a thread for each request."""
        self._find = find
        self._limits = limits
        self._http = KubeHttp(
            find, replace(limits, connections=limits.watch_connections), user_agent
        )

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def own_namespace(self) -> str:
        """The account's namespace; empty where it is not known.

        Raises:
            NoAccessError: there is no cluster.
        """
        return (await asyncio.to_thread(self._find)).namespace

    async def version(self, namespace: str) -> str:
        """The version that the cluster's AnalysisRuns have now, without reading more than one of them.

        Args:
            namespace: whose runs; empty for all.

        Raises:
            KubeError: nobody says.
        """
        table = await self._get(f"{_runs_of(namespace)}?limit=1", TABLE, self._limits.event_bytes)
        version = as_text(as_mapping(table.get("metadata")).get("resourceVersion"))
        if not version:
            raise KubeUnreachableError("found a list without resourceVersion")
        return version

    async def end_of(self, ref: RunRef) -> str:
        """Why nobody will ask for a run's measurements again; empty while somebody may.

        The run is read whole only where the table leaves a doubt.

        Raises:
            KubeError: nobody says.
        """
        try:
            row = RowReader().read(await self._get(_run(ref), TABLE, self._limits.event_bytes))
            if row is None or row.ref.uid != ref.uid:
                return DELETED
            if row.end or not row.unclear:
                return row.end
            run = await self._get(_run(ref), "application/json", self._limits.run_bytes)
        except KubeRefusedError as error:
            if error.status == 404:
                return DELETED
            raise
        metadata, spec = as_mapping(run.get("metadata")), as_mapping(run.get("spec"))
        phase = as_text(as_mapping(run.get("status")).get("phase"))
        return why_ended(metadata, phase, terminate=spec.get("terminate") is True)

    async def watch(self, namespace: str, version: str, seen: Callable[[RunEvent], None]) -> None:
        """Tells `seen` of all changes since `version`, until the server ends the watch.

        Raises:
            KubeRefusedError: status 410 when `version` is too old.
            KubeError: the watch broke off.
        """
        seconds = self._limits.watch_seconds
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
        }
        lines, reader = Lines(self._limits.event_bytes), RowReader()
        deadline = asyncio.get_running_loop().time() + seconds + self._limits.watch_slack
        target = f"{_runs_of(namespace)}?{urlencode(query)}"
        async with self._http.get(target, deadline, TABLE) as answer:
            await check(answer)
            async for chunk in answer.chunks:
                for line in lines.feed(chunk):
                    seen(_event(decoded(line), reader))

    async def _get(self, target: str, accept: str, limit: int) -> Mapping[str, object]:
        deadline = asyncio.get_running_loop().time() + self._limits.call_seconds
        async with self._http.get(target, deadline, accept) as answer:
            await check(answer)
            return decoded(await answer.read(limit))


def _event(event: Mapping[str, object], reader: RowReader) -> RunEvent:
    kind, table = as_text(event.get("type")), as_mapping(event.get("object"))
    if kind == "ERROR":
        raise refusal(as_count(table.get("code")), table)
    row = reader.read(table)
    version = as_text(as_mapping(table.get("metadata")).get("resourceVersion"))
    if kind == "BOOKMARK" or row is None:
        return RunEvent(None, version)
    if kind == "DELETED":
        row = RunRow(row.ref, DELETED, unclear=False)
    return RunEvent(row, version)


def _runs_of(namespace: str) -> str:
    within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{_GROUP}{within}/analysisruns"


def _run(ref: RunRef) -> str:
    return f"{_runs_of(ref.namespace)}/{quote(ref.name, safe='')}"
