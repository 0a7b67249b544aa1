"""Keeping one container of a pod running."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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

__all__ = ["Placement", "Runner", "Settings"]

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


@dataclass(slots=True)
class Placement:
    """A pod on this node.

    Attributes:
        settings: the node's.
        object: the pod as the API server last showed it.
        ip: the pod's address.
        changed: set whenever the status is another.
        ending: set once the pod is to be deleted.
    """

    settings: Settings
    object: Json
    ip: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def path(self) -> str:
        """Where the API server has it."""
        metadata = self.object["metadata"]
        return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"

    @property
    def grace(self) -> float:
        """Seconds between SIGTERM and SIGKILL."""
        metadata, spec = self.object["metadata"], self.object["spec"]
        asked = metadata.get(
            "deletionGracePeriodSeconds", spec.get("terminationGracePeriodSeconds", 30)
        )
        return min(float(asked), self.settings.grace)

    def tell(self, reason: str, message: str, container: str, *, warning: bool = False) -> None:
        """Records an event about a container."""
        events = self.settings.events
        events.tell(self.object, reason, message, container=container, warning=warning)


class Runner:
    """Starts a container, and starts it again as its pod's restart policy says.

    Args:
        pod: whose container it is.
        spec: the container's part of the pod's specification.
        container: its instances so far.
        policy: Always, OnFailure or Never.
    """

    def __init__(self, pod: Placement, spec: Json, container: Container, policy: str) -> None:
        self._pod = pod
        self._spec = spec
        self._name: str = spec["name"]
        self._container = container
        self._policy = policy
        self._back_off = BackOff(*pod.settings.back_off)

    async def run(self) -> None:
        """Returns when the container shall not be started any more."""
        while True:
            instance = await self._run()
            if self._pod.ending.is_set():
                return
            if instance is not None:
                failed = instance.exit_code != 0
                if self._policy == "Never" or (self._policy == "OnFailure" and not failed):
                    self._pod.changed.set()
                    return
                self._container.restarts += 1
            await self._wait(self._back_off.next())

    async def _run(self) -> Instance | None:
        """One instance to its end; None where it could not be started."""
        try:
            start = await self._start()
        except (ImageMissingError, ConfigError, ApiRefusedError, httpx2.TransportError) as error:
            missing = isinstance(error, ImageMissingError)
            reason = "ErrImagePull" if missing else "CreateContainerConfigError"
            self._failed(reason, str(error))
            return None
        probes: list[asyncio.Task[None]] = []

        async def started() -> None:
            self._pod.tell("Started", f"Started container {self._name}", self._name)
            self._container.ready = "readinessProbe" not in self._spec
            probes.extend(self._probes())
            self._pod.changed.set()

        try:
            return await self._container.run(start, started)
        except OSError as error:
            self._failed("RunContainerError", f"{start.argv[0]}: {error.strerror}")
            return None
        finally:
            for one in probes:
                one.cancel()

    async def _start(self) -> Start:
        spec, pod, node = self._spec, self._pod.object, self._pod.settings
        image = node.images.find(spec["image"])
        services = service_variables(node.services(), pod["metadata"]["namespace"])
        own = await variables(node.api, pod, spec, self._pod.ip, node.node)
        base = {"PATH": node.path, "HOME": "/", "HOSTNAME": pod["metadata"]["name"]}
        environment = base | dict(image.environment) | services | own
        argv = [fill_in(word, environment) for word in image.command(spec)]
        folder = Path(spec.get("workingDir", image.folder))
        return Start(argv, folder, environment, memory_limit(spec))

    def _failed(self, reason: str, message: str) -> None:
        self._container.waiting = (reason, message)
        self._warn("Failed", f"Error: {reason}: {message}")
        self._pod.changed.set()

    async def _wait(self, seconds: float) -> None:
        """Back-off: none before the first restart."""
        if seconds:
            self._say_why(seconds)
        self._pod.changed.set()
        await asyncio.sleep(seconds)

    def _say_why(self, seconds: float) -> None:
        container = self._container
        metadata = self._pod.object["metadata"]
        where = f"{self._name} in pod {metadata['name']}_{metadata['namespace']}"
        if container.instances:
            text = f"back-off {seconds:g}s restarting failed container={where}"
            container.waiting = ("CrashLoopBackOff", text)
            self._warn("BackOff", f"Back-off restarting failed container {where}")
        elif container.waiting and container.waiting[0] in _PULLING:
            text = f"Back-off pulling image {self._spec['image']!r}"
            reason = container.waiting[1].removeprefix(f"{text}: ")
            container.waiting = ("ImagePullBackOff", f"{text}: {reason}")
            self._pod.tell("BackOff", text, self._name)

    def _probes(self) -> list[asyncio.Task[None]]:
        async def readiness(holds: bool, text: str) -> None:  # noqa: FBT001 - a callback
            self._container.ready = holds
            if not holds:
                self._warn("Unhealthy", f"Readiness probe failed: {text}")
            self._pod.changed.set()

        async def liveness(holds: bool, text: str) -> None:  # noqa: FBT001 - a callback
            if not holds:
                self._warn("Unhealthy", f"Liveness probe failed: {text}")
                message = f"Container {self._name} failed liveness probe, will be restarted"
                self._pod.tell("Killing", message, self._name)
                await self._container.stop(self._pod.grace)

        wanted = [("readinessProbe", readiness), ("livenessProbe", liveness)]
        return [
            asyncio.create_task(probe(self._spec[name], self._spec, self._pod.ip, report))
            for name, report in wanted
            if name in self._spec
        ]

    def _warn(self, reason: str, message: str) -> None:
        self._pod.tell(reason, message, self._name, warning=True)
