"""Samples from a folder of files."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from canary_verdict import CanaryRequest, SideName

from ._kubernetes import read_event, read_pod
from ._model import CollectError, ContainerLog, Gap, PodEvent, PodStatus, Sample, Side
from ._sides import assign
from ._window import within

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_PREVIOUS = ".previous.log"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CollectLimits:
    """Bounds of one sample; what goes beyond is left out, oldest first, and named in coverage."""

    container_bytes: int = 64 << 20
    side_bytes: int = 256 << 20
    pods: int = 1000
    containers: int = 2000
    kubernetes_bytes: int = 64 << 20


DEFAULT_LIMITS = CollectLimits()


class FolderSource:
    """A folder of files.

    Its form:

        stable/<pod>/<container>.log      and <container>.previous.log of the last instance
        canary/<pod>/<container>.log
        baseline/<pod>/<container>.log    of an earlier, healthy time, where there is one
        kubernetes.json                   {"pods": [...], "events": [...]}, where there is one

    One source serves many requests: where the folder has `<namespace>/<rollout>/` with such content,
    that is read; otherwise the folder itself.

    Args:
        path: of the folder.
        limits: what is kept of the logs.
        windowed: whether the request's window counts. Who hands over recorded logs wants all of them
            judged; who serves a folder is asked about the newest part of it.
    """

    def __init__(
        self, path: Path | str, limits: CollectLimits = DEFAULT_LIMITS, *, windowed: bool = False
    ) -> None:
        self._path = Path(path)
        self._limits = limits
        self._windowed = windowed

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`; logs are opened only when they are read."""
        folder = self._folder_of(request)
        if not folder.is_dir():
            raise CollectError(
                f"{folder} is no folder; expected one with stable/ and canary/, each with"
                " <pod>/<container>.log"
            )
        gaps: list[Gap] = []
        stable_logs = self._logs(folder, "stable", gaps, cancelled)
        canary_logs = self._logs(folder, "canary", gaps, cancelled)
        pods, events = self._kubernetes(folder, gaps)
        # A pod that never ran has a folder at most, and nothing in it.
        known: dict[str, SideName] = dict.fromkeys(_pod_names(folder / "stable"), "stable")
        known |= dict.fromkeys(_pod_names(folder / "canary"), "canary")
        assignment = assign(pods, request, known, owners_known=False)
        gaps += assignment.gaps
        stable = _side(stable_logs, assignment.stable, events)
        canary = _side(canary_logs, assignment.canary, events)
        gaps += [*_without_log("stable", stable), *_without_log("canary", canary)]
        baseline = Side(self._logs(folder, "baseline", gaps, cancelled))
        sample = Sample(stable, canary, tuple(gaps), baseline=baseline)
        return within(sample, request.window) if self._windowed else sample

    def _folder_of(self, request: CanaryRequest) -> Path:
        names = (request.run.namespace, request.rollout)
        # The names come over the network: anything but a Kubernetes name could leave the folder.
        if all(_NAME.fullmatch(name) for name in names):
            candidate = self._path.joinpath(*names)
            if any((candidate / part).exists() for part in ("stable", "canary", "kubernetes.json")):
                return candidate
        return self._path

    def _logs(
        self,
        folder: Path,
        side: str,
        gaps: list[Gap],
        cancelled: Callable[[], bool],
    ) -> tuple[ContainerLog, ...]:
        files: list[Path] = []
        try:
            pods = sorted(path for path in folder.joinpath(side).iterdir() if path.is_dir())
        except FileNotFoundError:
            return ()
        except OSError as error:
            gaps.append(Gap(f"{side}: the folder could not be listed: {error.strerror}"))
            return ()
        for pod in pods[: self._limits.pods]:
            if cancelled():
                break
            files += _log_files(pod, gaps)
        if len(pods) > self._limits.pods or len(files) > self._limits.containers:
            gaps.append(Gap(f"{side}: more pods or containers than the limit allows"))
        files = files[: self._limits.containers]
        share = self._limits.side_bytes // max(1, len(files))
        limit = max(_CHUNK, min(self._limits.container_bytes, share))
        return tuple(self._log(path, limit) for path in files)

    def _log(self, path: Path, limit: int) -> ContainerLog:
        previous = path.name.endswith(_PREVIOUS)
        return ContainerLog(
            pod=path.parent.name,
            container=path.name.removesuffix(_PREVIOUS).removesuffix(".log"),
            read=lambda: _newest(path, limit),
            previous=previous,
            truncated=path.stat().st_size > limit,
        )

    def _kubernetes(self, folder: Path, gaps: list[Gap]) -> tuple[list[PodStatus], list[PodEvent]]:
        path = folder / "kubernetes.json"
        if not path.is_file():
            return [], []
        try:
            with path.open("rb") as file:
                content = file.read(self._limits.kubernetes_bytes + 1)
            if len(content) > self._limits.kubernetes_bytes:
                raise ValueError(f"larger than {self._limits.kubernetes_bytes} bytes")
            document = json.loads(content)
            pods, events = list(document.get("pods") or ()), list(document.get("events") or ())
        except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
            gaps.append(Gap(f"kubernetes.json could not be read: {error}"[:300]))
            return [], []
        return (
            [pod for item in pods if (pod := read_pod(item))],
            [event for item in events if (event := read_event(item))],
        )


def _pod_names(side: Path) -> list[str]:
    try:
        return [path.name for path in side.iterdir() if path.is_dir()]
    except OSError:  # named where its logs are looked for
        return []


def _log_files(pod: Path, gaps: list[Gap]) -> list[Path]:
    try:
        # Regular files only: a FIFO in the folder would hold the analysis for ever.
        return sorted(path for path in pod.iterdir() if path.suffix == ".log" and path.is_file())
    except OSError as error:
        gaps.append(Gap(f"pod {pod.name}: its folder could not be listed: {error.strerror}"))
        return []


def _newest(path: Path, limit: int) -> Iterator[bytes]:
    """The last `limit` bytes, from the first whole line on."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        skipping = size > limit
        file.seek(max(0, size - limit))
        left = min(size, limit)
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            if skipping:
                _, newline, chunk = chunk.partition(b"\n")
                skipping = not newline
            yield chunk


def _side(logs: tuple[ContainerLog, ...], pods: list[PodStatus], events: list[PodEvent]) -> Side:
    names = {log.pod for log in logs} | {pod.name for pod in pods}
    return Side(
        logs=logs,
        pods=tuple(sorted(pods, key=lambda pod: pod.name)),
        events=tuple(event for event in events if event.pod in names),
    )


def _without_log(name: str, side: Side) -> Iterator[Gap]:
    read = {log.pod for log in side.logs}
    for pod in side.pods:
        if pod.name not in read and any(container.ran for container in pod.containers):
            yield Gap(f"{name}: no log of pod {pod.name}, which has run")
