"""The calls: lists of pods, and logs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from ._access import ClusterAccess
from ._answers import check, decoded
from ._errors import KubeRefusedError, KubeUnreachableError
from ._http import KubeHttp
from ._json import as_mapping, as_text
from ._limits import DEFAULT_LIMITS, LINE_BYTES, KubeLimits
from ._objects import Pod, read_pod
from ._tail import Tail

# What is read of the lines asked for, since they may be longer than they are taken to be.
_LONG_LINE = 4096
# The kubelet says so with status 200: pkg/kubelet/kuberuntime, GetContainerLogs.
_GONE = re.compile(r"unable to retrieve container logs for \S{1,300}\s*")


@dataclass(frozen=True, slots=True)
class PodList:
    """Pods in the API's order; `complete` is false where a limit left some out."""

    pods: tuple[Pod, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which log, and how much of it.

    Attributes:
        since: lines before it are left out.
        keep: bytes of the newest lines that are kept.
        previous: the container's last, terminated instance.
    """

    pod: str
    container: str
    since: datetime
    keep: int
    previous: bool = False

    def parameters(self) -> dict[str, str]:
        """The query of the API.

        `limitBytes` counts from the oldest line asked for, so it only bounds what is sent; `tailLines`
        seeks from the end and says what is read (pkg/kubelet/kuberuntime/logs, ReadLogs).
        """
        return {
            "container": self.container,
            "previous": "true" if self.previous else "false",
            "timestamps": "true",
            "sinceTime": self.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tailLines": str(self.lines),
            "limitBytes": str(self.most),
        }

    @property
    def lines(self) -> int:
        """Lines that are asked for."""
        return max(50, self.keep // LINE_BYTES)

    @property
    def most(self) -> int:
        """Bytes that are read."""
        return self.lines * _LONG_LINE


@dataclass(frozen=True, slots=True)
class LogText:
    """Whole lines, oldest first, each with its time in UTC before it.

    Attributes:
        truncated: a limit left something out.
        broken: why the newest part is missing, where the stream broke off; empty otherwise.
    """

    text: str
    truncated: bool
    broken: str = ""


class KubeApi:
    """One cluster's API. Each call has a deadline on the running loop's clock."""

    def __init__(
        self,
        find: Callable[[], ClusterAccess],
        limits: KubeLimits = DEFAULT_LIMITS,
        user_agent: str = "metric-ai",
    ) -> None:
        """Opens nothing; `find` says where the cluster is, and is asked for each request."""
        self._http = KubeHttp(find, limits, user_agent)
        self._limits = limits

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def list_pods(self, namespace: str, selector: str, deadline: float) -> PodList:
        """The pods of `namespace` that `selector` matches, page by page.

        Raises:
            KubeError: they cannot be listed.
        """
        pods: list[Pod] = []
        query = {"labelSelector": selector, "limit": str(self._limits.page_pods)}
        for _ in range(self._limits.pages):
            target = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods?{urlencode(query)}"
            async with self._http.get(target, deadline) as answer:
                await check(answer)
                page = decoded(await answer.read(self._limits.page_bytes))
            items = page.get("items")
            pods += [
                pod
                for item in (items if isinstance(items, list) else [])
                if (pod := read_pod(item))
            ]
            more = as_text(as_mapping(page.get("metadata")).get("continue"))
            if not more:
                return PodList(tuple(pods), complete=True)
            query["continue"] = more
        return PodList(tuple(pods), complete=False)

    async def read_log(self, namespace: str, query: LogQuery, deadline: float) -> LogText:
        """The newest part of a log, read as a stream and kept within `query.keep` bytes.

        Raises:
            KubeError: it cannot be read.
        """
        path = (
            f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(query.pod, safe='')}/log"
        )
        tail, broken = Tail(query.keep), ""
        try:
            target = f"{path}?{urlencode(query.parameters())}"
            async with self._http.get(target, deadline) as answer:
                await check(answer)
                async for chunk in answer.chunks:
                    tail.append(chunk)
                    if tail.received >= query.most:
                        break
        except KubeUnreachableError as error:
            if not tail.received:
                raise
            broken = str(error)
        text = tail.text()
        if tail.received < 1024 and _GONE.fullmatch(text):
            raise KubeRefusedError(404, "NotFound", "the container's log is gone")
        cut = tail.is_cut or tail.lines >= query.lines or tail.received >= query.most
        return LogText(text, cut or bool(broken), broken)
