"""The life of one pod on this node."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from kube import Json
from processes import Watchdog

from ._api import Api, ApiRefusedError
from ._container import BackOff, Container, Instance, Start
from ._environment import ConfigError, fill_in, service_variables, variables
from ._events import Events
from ._images import ImageMissingError, ImageTable
from ._memory import memory_limit
from ._probes import probe
from ._status import pod_status

__all__ = ["Pod", "Settings"]

_log = logging.getLogger("kubelet.pod")
_RETRY_SECONDS = 1.0
_PULLING = ("ErrImagePull", "ImagePullBackOff")


@dataclass(frozen=True, slots=True)
class Settings:
    """What all pods of the node share.

    Attributes:
        node: the node's address.
        folder: for logs.
        path: PATH of the containers.
        back_off: seconds before the second restart, and the longest wait.
        grace: longest time between SIGTERM and SIGKILL, whatever the pod asks for.
        services: the Services there are now.
    """

    api: Api
    events: Events
    images: ImageTable
    watchdog: Watchdog
    node: str
    folder: Path
    path: str
    back_off: tuple[float, float]
    grace: float
    services: Callable[[], Iterable[Json]]


class Pod:
    """Runs the containers of a pod until it is deleted, and keeps its status.

    Attributes:
        object: the pod as the API server last showed it.
    """

    def __init__(self, settings: Settings, pod: Json, ip: str) -> None:
        self.object = pod
        self.ip = ip
        self._node = settings
        folder = settings.folder / pod["metadata"]["uid"]

        def made(specs: list[Json]) -> dict[str, Container]:
            return {
                one["name"]: Container(one["name"], folder / one["name"], settings.watchdog)
                for one in specs
            }

        self._first_run = made(pod["spec"].get("initContainers", []))
        self._containers = made(pod["spec"]["containers"])
        self._status: Json = {}
        self._changed = asyncio.Event()
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    @property
    def ready(self) -> bool:
        """Whether Services may send to it."""
        return not self._ending.is_set() and all(one.ready for one in self._containers.values())

    def container(self, name: str) -> Container | None:
        """A container by name."""
        return self._containers.get(name) or self._first_run.get(name)

    def seen(self, pod: Json) -> None:
        """Takes the pod's new state; one that is to be deleted is ended."""
        self.object = pod
        if pod["metadata"].get("deletionTimestamp"):
            self._ending.set()

    async def gone(self) -> None:
        """Ends a pod that the API server has forgotten already."""
        self._ending.set()
        await self._task

    async def _live(self) -> None:
        work = asyncio.create_task(self._work())
        work.add_done_callback(_log_failure)
        publisher = asyncio.create_task(self._publish())
        try:
            await self._ending.wait()
            await self._end(work)
        finally:
            publisher.cancel()

    async def _work(self) -> None:
        self._change()
        for spec in self.object["spec"].get("initContainers", []):
            await self._keep_running(spec, self._first_run[spec["name"]], until_success=True)
        async with asyncio.TaskGroup() as group:
            for spec in self.object["spec"]["containers"]:
                group.create_task(self._keep_running(spec, self._containers[spec["name"]]))

    async def _keep_running(
        self, spec: Json, container: Container, *, until_success: bool = False
    ) -> None:
        back_off = BackOff(*self._node.back_off)
        policy = (
            "OnFailure" if until_success else self.object["spec"].get("restartPolicy", "Always")
        )
        while True:
            instance = await self._run(spec, container)
            if self._ending.is_set():
                return
            if instance is not None:
                failed = instance.exit_code != 0
                if policy == "Never" or (policy == "OnFailure" and not failed):
                    self._change()
                    return
                container.restarts += 1
            await self._wait(spec, container, back_off.next())

    async def _run(self, spec: Json, container: Container) -> Instance | None:
        """One instance to its end; None where it could not be started."""
        try:
            start = await self._start_of(spec)
        except (ImageMissingError, ConfigError, ApiRefusedError, httpx2.TransportError) as error:
            missing = isinstance(error, ImageMissingError)
            reason = "ErrImagePull" if missing else "CreateContainerConfigError"
            self._failed(spec, container, reason, str(error))
            return None
        probes: list[asyncio.Task[None]] = []

        async def started() -> None:
            self._tell("Started", f"Started container {spec['name']}", spec)
            container.ready = "readinessProbe" not in spec
            probes.extend(self._probes(spec, container))
            self._change()

        try:
            return await container.run(start, started)
        except OSError as error:
            self._failed(spec, container, "RunContainerError", f"{start.argv[0]}: {error.strerror}")
            return None
        finally:
            for one in probes:
                one.cancel()

    async def _start_of(self, spec: Json) -> Start:
        image = self._node.images.find(spec["image"])
        namespace = self.object["metadata"]["namespace"]
        services = service_variables(self._node.services(), namespace)
        own = await variables(self._node.api, self.object, spec, self.ip, self._node.node)
        base = {"PATH": self._node.path, "HOME": "/", "HOSTNAME": self.object["metadata"]["name"]}
        environment = base | dict(image.environment) | services | own
        argv = [fill_in(word, environment) for word in image.command(spec)]
        return Start(
            argv, Path(spec.get("workingDir", image.folder)), environment, memory_limit(spec)
        )

    def _failed(self, spec: Json, container: Container, reason: str, message: str) -> None:
        container.waiting = (reason, message)
        self._tell("Failed", f"Error: {reason}: {message}", spec, warning=True)
        self._change()

    async def _wait(self, spec: Json, container: Container, seconds: float) -> None:
        if seconds:
            metadata = self.object["metadata"]
            where = f"{spec['name']} in pod {metadata['name']}_{metadata['namespace']}"
            if container.instances and not container.running:
                text = f"back-off {seconds:g}s restarting failed container={where}"
                container.waiting = ("CrashLoopBackOff", text)
                self._tell(
                    "BackOff", f"Back-off restarting failed container {where}", spec, warning=True
                )
            elif container.waiting and container.waiting[0] in _PULLING:
                text = f"Back-off pulling image {spec['image']!r}"
                reason = container.waiting[1].removeprefix(f"{text}: ")
                container.waiting = ("ImagePullBackOff", f"{text}: {reason}")
                self._tell("BackOff", text, spec)
        self._change()
        await asyncio.sleep(seconds)

    def _probes(self, spec: Json, container: Container) -> list[asyncio.Task[None]]:
        async def readiness(holds: bool, text: str) -> None:  # noqa: FBT001 - a callback
            container.ready = holds
            if not holds:
                self._tell("Unhealthy", f"Readiness probe failed: {text}", spec, warning=True)
            self._change()

        async def liveness(holds: bool, text: str) -> None:  # noqa: FBT001 - a callback
            if not holds:
                self._tell("Unhealthy", f"Liveness probe failed: {text}", spec, warning=True)
                message = f"Container {spec['name']} failed liveness probe, will be restarted"
                self._tell("Killing", message, spec)
                await container.stop(self._grace())

        wanted = [("readinessProbe", readiness), ("livenessProbe", liveness)]
        return [
            asyncio.create_task(probe(spec[name], spec, self.ip, report))
            for name, report in wanted
            if name in spec
        ]

    async def _end(self, work: asyncio.Task[None]) -> None:
        """Stops what runs, writes the last status, and lets the API server forget the pod."""
        every = [*self._first_run.values(), *self._containers.values()]
        running = [one for one in every if one.running]
        for one in running:
            self._tell("Killing", f"Stopping container {one.name}", {"name": one.name})
        await asyncio.gather(*(one.stop(self._grace()) for one in running))
        work.cancel()
        await asyncio.wait([work])
        with suppress(ApiRefusedError, httpx2.TransportError):
            await self._write_status()
        metadata = self.object["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": metadata["uid"]}}
        with suppress(ApiRefusedError, httpx2.TransportError):
            await self._node.api.call("DELETE", path, json=options)

    def _grace(self) -> float:
        metadata, spec = self.object["metadata"], self.object["spec"]
        asked = metadata.get(
            "deletionGracePeriodSeconds", spec.get("terminationGracePeriodSeconds", 30)
        )
        return min(float(asked), self._node.grace)

    def _change(self) -> None:
        self._changed.set()

    async def _publish(self) -> None:
        """Writes the status whenever it has changed, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._write_status()
            except (ApiRefusedError, httpx2.TransportError) as error:
                _log.info("status of %s: %s", self.object["metadata"]["name"], error)
                await asyncio.sleep(_RETRY_SECONDS)
                if not isinstance(error, ApiRefusedError) or error.status != httpx2.codes.NOT_FOUND:
                    self._change()

    async def _write_status(self) -> None:
        status = pod_status(
            self.object,
            (self.ip, self._node.node),
            list(self._first_run.values()),
            list(self._containers.values()),
            self._status,
        )
        if status != self._status:
            metadata = self.object["metadata"]
            path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
            await self._node.api.patch(
                path, {"metadata": {"uid": metadata["uid"]}, "status": status}
            )
            self._status = status

    def _tell(self, reason: str, message: str, spec: Json, *, warning: bool = False) -> None:
        self._node.events.tell(
            self.object, reason, message, container=spec["name"], warning=warning
        )


def _log_failure(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and (error := work.exception()):
        _log.error("a pod's work failed", exc_info=error)
