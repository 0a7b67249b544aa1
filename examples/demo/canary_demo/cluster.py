"""One stable shop and its canaries, customers for all of them, and the folder that the agent reads."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from .kubernetes import event_objects, pod_object
from .names import NAMESPACE, Role, identity_of, rollout_name
from .pods import CONTAINER, SHOP_FOLDER, Pod
from .processes import ChildProcess

__all__ = ["Cluster"]

_LOOK_SECONDS = 0.05
_SETTLE_SECONDS = 30.0
_STEADY_SECONDS = 4.0
_TRAFFIC_GRACE_SECONDS = 30.0


class Cluster:
    """The shops of the demo; `stack` ends them.

    All canaries stand beside one stable shop, so that everything is measured at the same time.

    Args:
        canaries: versions of the shop.
        folder: for the processes' own logs.
        seed: of shops and customers.
        stack: takes over the children.
    """

    def __init__(self, canaries: Sequence[str], folder: Path, seed: int, stack: ExitStack) -> None:
        self._folder = folder
        self._seed = seed
        self._stack = stack
        self._stable = self._pod("stable", "stable")
        self._canaries = {version: self._pod(version, f"canary {version}") for version in canaries}
        self._pods = [self._stable, *self._canaries.values()]

    def wait_until_listening(self) -> None:
        """Returns once every shop answers; raises DemoError where one does not come up."""
        self._urls = {pod.version: pod.wait_until_listening() for pod in self._pods}

    def send_traffic(
        self, rate: float, seconds: float, weight: float, progress: Callable[[float], None]
    ) -> str:
        """Sends customers for a while, restarting what crashes meanwhile.

        Args:
            rate: requests a second to all shops together.
            seconds: how long.
            weight: each canary's share in percent, where it stands alone beside stable.
            progress: called often with the seconds gone.

        Returns:
            What came back, one line a shop.
        """
        stable_url = self._urls["stable"]
        sides = ["--stable", stable_url]
        for version in self._canaries:
            sides += ["--canary", self._urls[version]]
        pace = ["--rate", str(rate), "--seconds", str(seconds), "--canary-weight", str(weight)]
        traffic = self._stack.enter_context(
            ChildProcess(
                "traffic",
                [sys.executable, "-m", "shop.traffic", *sides, *pace, "--seed", str(self._seed)],
                self._folder / "traffic.log",
                folder=SHOP_FOLDER,
            )
        )
        deadline = time.monotonic() + seconds + _TRAFFIC_GRACE_SECONDS
        while traffic.exit_code is None and time.monotonic() < deadline:
            self._look()
            progress(time.time() - traffic.started_at)
        traffic.wait(0.1)
        self._settle()
        return traffic.log.read_text()

    def write(self, root: Path) -> None:
        """Writes `<root>/<namespace>/<rollout>/` for each canary, as the agent reads it."""
        for version, canary in self._canaries.items():
            folder = root / NAMESPACE / rollout_name(version)
            sides: list[tuple[Role, Pod]] = [("stable", self._stable), ("canary", canary)]
            pods, events = [], []
            for role, pod in sides:
                identity = identity_of(version, role)
                _copy_logs(pod, folder / role / identity.pod)
                pods.append(pod_object(pod, identity))
                events += event_objects(pod, identity)
            document = json.dumps({"pods": pods, "events": events}, indent=1)
            (folder / "kubernetes.json").write_text(document)

    def stop(self) -> None:
        """Ends all shops, at the same time."""
        for pod in self._pods:
            pod.ask_to_end()
        for pod in self._pods:
            pod.stop()

    def _pod(self, version: str, name: str) -> Pod:
        pod = Pod(version, name, self._folder / name.replace(" ", "-"), self._seed)
        self._stack.callback(pod.stop)
        return pod

    def _look(self) -> None:
        for pod in self._pods:
            pod.look()
        time.sleep(_LOOK_SECONDS)

    def _settle(self) -> None:
        """Lets a pod that has just been started again show whether it crashes again."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and any(_is_young(pod) for pod in self._pods):
            self._look()


def _is_young(pod: Pod) -> bool:
    if pod.restarts == 0:
        return not pod.running
    # Counted from when it listens: on a busy machine a shop takes its time to get there.
    since = pod.instances[-1].listening_at
    return pod.running and (since is None or time.time() - since < _STEADY_SECONDS)


def _copy_logs(pod: Pod, folder: Path) -> None:
    """The logs that the API would still give: of the last instance, and of the one before."""
    folder.mkdir(parents=True)
    shutil.copyfile(pod.instances[-1].log, folder / f"{CONTAINER}.log")
    if pod.restarts:
        shutil.copyfile(pod.instances[-2].log, folder / f"{CONTAINER}.previous.log")
