"""Reads both sides' logs and sends them along with a request, redacted and bounded."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from canary_verdict import (
    MAX_GAP,
    SIDES,
    AttachedGap,
    AttachedLog,
    Attachments,
    CanaryRequest,
    clip,
)
from canary_verdict.redaction import redact_lines
from rollouts_plugin_metric_ai._shorten import shortened
from rollouts_plugin_metric_ai.clock import Clock
from rollouts_plugin_metric_ai.summary import one_line, without

from ._api import KubeApi
from ._errors import KubeError, KubeRefusedError, KubeUnreachableError
from ._limits import DEFAULT_LIMITS, KubeLimits
from ._plan import WantedLog, attached_pods, log_begin, wanted_logs
from ._sides import Sides, sides_of

log = logging.getLogger(__name__)

_MAX_GAPS = 50
_FORBIDDEN = frozenset({401, 403})


class LogAttacher:
    """Attaches logs to requests, a few requests at a time. Keeps nothing of them."""

    def __init__(self, api: KubeApi, clock: Clock, limits: KubeLimits = DEFAULT_LIMITS) -> None:
        """`api` is used on the event loop that `attach` runs on."""
        self._api = api
        self._clock = clock
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.at_once)

    async def attach(self, request: CanaryRequest, secrets: Sequence[str] = ()) -> CanaryRequest:
        """The request with what could be read; what could not is a gap in it, never an error.

        Args:
            request: whose pods, and how far back.
            secrets: texts that no log may hold, besides those that look like secrets.
        """
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._limits.turn_seconds):
                await self._turns.acquire()
        except TimeoutError:
            attached = _nothing("too many other analyses were reading logs")
        else:
            try:
                attached = await self._read(request, secrets)
            finally:
                self._turns.release()
        _report(request, attached, asyncio.get_running_loop().time() - began)
        return replace(request, attached=attached)

    async def _read(self, request: CanaryRequest, secrets: Sequence[str]) -> Attachments:
        deadline = asyncio.get_running_loop().time() + self._limits.attach_seconds
        try:
            sides, gaps = await self._sides(request, deadline)
        except KubeRefusedError as error:
            log.debug("The pods could not be listed: %s", one_line(error.message))
            return _nothing(f"the pods could not be listed: {_refusal(error, request, 'list', '')}")
        except KubeError as error:
            return _nothing(f"the pods could not be listed: {one_line(str(error))}")
        if not sides.stable and not sides.canary:
            gaps.append(AttachedGap("no pod matches either selector"))
        logs: list[AttachedLog] = []
        since = log_begin(sides, request, self._clock())
        for side in reversed(SIDES):  # the canary first: time may run out
            wanted, left_out = wanted_logs(side, sides.of(side), since, self._limits)
            read = await self._read_logs(request, wanted, deadline, gaps)
            logs += await asyncio.to_thread(self._redacted, read, secrets)
            gaps += left_out
        pods = attached_pods(sides, gaps, self._limits)
        return Attachments(tuple(logs), pods, _bounded(gaps))

    async def _sides(
        self, request: CanaryRequest, deadline: float
    ) -> tuple[Sides, list[AttachedGap]]:
        namespace = request.run.namespace
        stable = await self._api.list_pods(namespace, request.stable.selector, deadline)
        canary = await self._api.list_pods(namespace, request.canary.selector, deadline)
        sides = sides_of(stable.pods, canary.pods, request)
        gaps = [AttachedGap(text, blocking=False) for text in sides.left_out]
        for side, listed in (("stable", stable), ("canary", canary)):
            if not listed.complete:
                text = f"{side}: the selector matches more than {len(listed.pods)} pods"
                gaps.append(AttachedGap(text))
        return sides, gaps

    async def _read_logs(
        self,
        request: CanaryRequest,
        wanted: Sequence[WantedLog],
        deadline: float,
        gaps: list[AttachedGap],
    ) -> list[AttachedLog]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._read_log(request, entry, deadline)) for entry in wanted
            ]
        results = [task.result() for task in tasks]
        gaps += [gap for _, gap in results if gap]
        return [read for read, _ in results if read]

    async def _read_log(
        self, request: CanaryRequest, wanted: WantedLog, deadline: float
    ) -> tuple[AttachedLog | None, AttachedGap | None]:
        query = wanted.query
        try:
            text = await self._api.read_log(request.run.namespace, query, deadline)
        except KubeRefusedError as error:
            log.debug("%s: the log was not read: %s", wanted, one_line(error.message))
            return None, _refused_log(error, request, wanted)
        except KubeUnreachableError as error:
            return None, AttachedGap(clip(f"{wanted}: the log was not read: {error}", MAX_GAP))
        except KubeError as error:
            return None, AttachedGap(clip(f"logs were not read: {one_line(str(error))}", MAX_GAP))
        part = f"{wanted}: the log was read in part: {text.broken}"
        return AttachedLog(
            wanted.side, query.pod, query.container, text.text, query.previous, text.truncated
        ), AttachedGap(clip(part, MAX_GAP)) if text.broken else None

    def _redacted(
        self, logs: Sequence[AttachedLog], secrets: Sequence[str]
    ) -> tuple[AttachedLog, ...]:
        """Cut before, since redaction costs a quarter of a second a MiB, and after: marks take room."""
        limits = self._limits
        cut = shortened(logs, limits.side_bytes, limits.log_bytes)
        clean = [
            replace(each, text="\n".join(redact_lines(without(each.text, secrets).split("\n"))))
            for each in cut
        ]
        return shortened(clean, limits.side_bytes, limits.log_bytes)


def _refused_log(error: KubeRefusedError, request: CanaryRequest, wanted: WantedLog) -> AttachedGap:
    if error.status in _FORBIDDEN:  # the same for all logs, so one sentence
        return AttachedGap(f"logs were not read: {_refusal(error, request, 'get', '/log')}")
    gone = error.status == 404 or (error.status == 400 and wanted.query.previous)
    why = "the log is gone" if gone else f"the log was not read: {error}"
    return AttachedGap(f"{wanted}: {why}", blocking=not (gone and wanted.expendable))


def _refusal(error: KubeRefusedError, request: CanaryRequest, verb: str, part: str) -> str:
    need = (
        f"; the controller's account needs {verb} on pods{part} in the namespace "
        f"{request.run.namespace}"
        if error.status in _FORBIDDEN
        else ""
    )
    return f"{error}{need}"


def _nothing(why: str) -> Attachments:
    return Attachments(gaps=(AttachedGap(clip(why, MAX_GAP)),))


def _bounded(gaps: Sequence[AttachedGap]) -> tuple[AttachedGap, ...]:
    # Those that keep a canary from being promoted first, each once: of a 403 there is one for each log.
    ordered = sorted(dict.fromkeys(gaps), key=lambda gap: not gap.blocking)
    kept = [AttachedGap(clip(gap.text, MAX_GAP), gap.blocking) for gap in ordered[:_MAX_GAPS]]
    if len(ordered) > _MAX_GAPS:
        blocking = ordered[_MAX_GAPS].blocking
        kept.append(AttachedGap(f"{len(ordered) - _MAX_GAPS} more gaps", blocking))
    return tuple(kept)


def _report(request: CanaryRequest, attached: Attachments, seconds: float) -> None:
    """What was fetched, never its text."""
    about = {
        "namespace": request.run.namespace,
        "run": request.run.name,
        "pods": sorted({each.pod for each in attached.logs}),
        "containers": len({(each.pod, each.container) for each in attached.logs}),
        "bytes": sum(len(each.text.encode()) for each in attached.logs),
        "gaps": [gap.text for gap in attached.gaps],
        "seconds": round(seconds, 3),
    }
    if attached.logs:
        log.debug("Logs are attached", extra=about)
    else:
        log.warning("No logs are attached", extra=about)
