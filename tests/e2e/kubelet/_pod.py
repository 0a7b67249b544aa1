"""The life of one pod on this node."""

import asyncio
import logging
from contextlib import suppress

import httpx2
from kube import Json

from ._api import ApiRefusedError
from ._container import Container
from ._runner import Placement, Runner, Settings
from ._status import pod_status

__all__ = ["Pod"]

_log = logging.getLogger("kubelet.pod")
_RETRY_SECONDS = 1.0


class Pod:
    """Runs the containers of a pod until it is deleted, and keeps its status."""

    def __init__(self, settings: Settings, pod: Json, ip: str) -> None:
        self._placed = Placement(settings, pod, ip)
        folder = settings.folder / pod["metadata"]["uid"]

        def made(specs: list[Json]) -> dict[str, Container]:
            return {
                one["name"]: Container(one["name"], folder / one["name"], settings.watchdog)
                for one in specs
            }

        self._first_run = made(pod["spec"].get("initContainers", []))
        self._containers = made(pod["spec"]["containers"])
        self._status: Json = {}
        self._task = asyncio.create_task(self._live())

    @property
    def object(self) -> Json:
        """The pod as the API server last showed it."""
        return self._placed.object

    @property
    def ip(self) -> str:
        """The pod's address."""
        return self._placed.ip

    @property
    def ready(self) -> bool:
        """Whether Services may send to it."""
        ready = all(one.ready for one in self._containers.values())
        return ready and not self._placed.ending.is_set()

    def container(self, name: str) -> Container | None:
        """A container by name."""
        return self._containers.get(name) or self._first_run.get(name)

    def seen(self, pod: Json) -> None:
        """Takes the pod's new state; one that is to be deleted is ended."""
        self._placed.object = pod
        if pod["metadata"].get("deletionTimestamp"):
            self._placed.ending.set()

    async def gone(self) -> None:
        """Ends a pod that the API server has forgotten already."""
        self._placed.ending.set()
        await self._task

    async def _live(self) -> None:
        work = asyncio.create_task(self._work())
        work.add_done_callback(_log_failure)
        publisher = asyncio.create_task(self._publish())
        try:
            await self._placed.ending.wait()
            await self._end(work)
        finally:
            publisher.cancel()

    async def _work(self) -> None:
        self._placed.changed.set()
        spec = self.object["spec"]
        for one in spec.get("initContainers", []):
            await Runner(self._placed, one, self._first_run[one["name"]], "OnFailure").run()
        policy = spec.get("restartPolicy", "Always")
        async with asyncio.TaskGroup() as group:
            for one in spec["containers"]:
                runner = Runner(self._placed, one, self._containers[one["name"]], policy)
                group.create_task(runner.run())

    async def _end(self, work: asyncio.Task[None]) -> None:
        """Stops what runs, writes the last status, and lets the API server forget the pod."""
        every = [*self._first_run.values(), *self._containers.values()]
        running = [one for one in every if one.running]
        for one in running:
            self._placed.tell("Killing", f"Stopping container {one.name}", one.name)
        await asyncio.gather(*(one.stop(self._placed.grace) for one in running))
        work.cancel()
        await asyncio.wait([work])
        with suppress(ApiRefusedError, httpx2.TransportError):
            await self._write_status()
        uid = self.object["metadata"]["uid"]
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        with suppress(ApiRefusedError, httpx2.TransportError):
            await self._placed.settings.api.call("DELETE", self._placed.path, json=options)

    async def _publish(self) -> None:
        """Writes the status whenever it has changed, for ever."""
        changed = self._placed.changed
        while True:
            await changed.wait()
            changed.clear()
            try:
                await self._write_status()
            except (ApiRefusedError, httpx2.TransportError) as error:
                _log.info("status of %s: %s", self._placed.path, error)
                await asyncio.sleep(_RETRY_SECONDS)
                if not isinstance(error, ApiRefusedError) or error.status != httpx2.codes.NOT_FOUND:
                    changed.set()

    async def _write_status(self) -> None:
        settings = self._placed.settings
        status = pod_status(
            self.object,
            (self.ip, settings.node),
            list(self._first_run.values()),
            list(self._containers.values()),
            self._status,
        )
        if status != self._status:
            change = {"metadata": {"uid": self.object["metadata"]["uid"]}, "status": status}
            await settings.api.patch(f"{self._placed.path}/status", change)
            self._status = status


def _log_failure(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and (error := work.exception()):
        _log.error("a pod's work failed", exc_info=error)
