"""`python -m playground --plugin FILE`: a control plane with the shop until Ctrl-C."""

import argparse
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from control_plane import (
    ControlPlane,
    NotInTimeError,
    ProgramsMissingError,
    built_programs,
    running_control_plane,
    shop_images,
)
from kube import Namespace
from processes import ChildError

from ._shop import install_shop, what_to_try

_LOOK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until a signal; 1 where something did not come up."""
    parser = argparse.ArgumentParser(prog="playground", description=__doc__)
    parser.add_argument("--plugin", type=Path, required=True, help="the plugin's executable")
    plugin = parser.parse_args(arguments).plugin.resolve()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    folder = Path(tempfile.mkdtemp(prefix="metric-ai-cluster-"))
    try:
        _run(folder, plugin, stopping)
    except (ChildError, NotInTimeError, ProgramsMissingError) as error:
        print(f"{error}\nlogs: {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


def _run(folder: Path, plugin: Path, stopping: threading.Event) -> None:
    def say(text: str) -> None:
        print(f"==> {text}", flush=True)

    say("starting a control plane (20 seconds)")
    with (
        running_control_plane(folder, built_programs(), plugin, shop_images(), say) as plane,
        plane.agent("agent", "--allowed-namespaces=*") as agent,
    ):
        say("the shop, its customers, and the agent")
        namespace = plane.add_namespace("shop")
        install_shop(plane, namespace, agent.url)
        print(what_to_try(plane, agent.url), flush=True)
        _wait(plane, namespace, stopping)
        say("ending all of it")


def _wait(plane: ControlPlane, namespace: Namespace, stopping: threading.Event) -> None:
    """Says how the Rollout gets on, until the signal."""
    said = ""
    while not stopping.wait(_LOOK_SECONDS):
        if not plane.controller.running:
            raise ChildError(f"rollouts-controller has ended\n{plane.controller.log_tail()}")
        rollout = namespace.find("Rollout", "shop") or {}
        status = rollout.get("status", {})
        now = f"Rollout shop: {status.get('phase', 'gone')} {status.get('message', '')}".strip()
        if now != said:
            said = now
            print(now, flush=True)


if __name__ == "__main__":
    sys.exit(main())
