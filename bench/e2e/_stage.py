"""One control plane in which plugins are measured one after the other."""

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control_plane import (
    ARGO_NAMESPACE,
    PLUGIN_NAME,
    ControlPlane,
    Programs,
    RolloutsController,
)
from kube import Namespace

from ._errors import BenchError
from ._processes import Usage, usage

__all__ = ["Stage", "Subject", "quiet_programs", "say"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A plugin to be measured.

    Attributes:
        name: how tables call it.
        program: its executable.
        older: whether it speaks the older dialect alone.
    """

    name: str
    program: Path
    older: bool = False


def say(text: str) -> None:
    """A line on stderr about how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def quiet_programs(programs: Programs, folder: Path) -> Programs:
    """The same programs, with a controller that logs as by default: tests let it log all it can."""
    folder.mkdir()
    for program in programs.folder.iterdir():
        (folder / program.name).symlink_to(program)
    controller = folder / "rollouts-controller"
    controller.unlink()
    real = programs.path("rollouts-controller")
    controller.write_text(f'#!/bin/sh\nexec "{real}" "$@" --loglevel=info\n')
    controller.chmod(0o755)
    return Programs(folder)


class Stage:
    """A control plane, and the plugin that its controller has now."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        controller = plane.controller
        if not isinstance(controller, RolloutsController):
            raise BenchError(
                "the controller is no process of this machine: nothing can be measured"
            )
        self._controller = controller
        self._names = itertools.count(1)

    def use(self, subject: Subject) -> None:
        """Starts a new controller with this plugin."""
        entries = f"- name: {PLUGIN_NAME}\n  location: file://{subject.program.resolve()}\n"
        change = {"data": {"metricProviderPlugins": entries}}
        self.plane.client.patch("ConfigMap", "argo-rollouts-config", change, ARGO_NAMESPACE)
        self._controller.environment["LOG_LEVEL"] = "info"
        self._controller.restart(wait_for_lease=False)

    def plugin(self) -> tuple[int, Usage]:
        """The plugin's process id, and what it has used.

        Raises:
            BenchError: it is not exactly one process.
        """
        pids = self._controller.plugin_pids()
        if len(pids) != 1:
            raise BenchError(f"found {len(pids)} processes of the plugin, expected 1")
        return pids[0], usage(pids[0])

    def controller(self) -> Usage:
        """What the controller has used."""
        return usage(self._controller.pid)

    @property
    def metrics_url(self) -> str:
        """Where the controller tells its metrics."""
        argv = Path(f"/proc/{self._controller.pid}/cmdline").read_text().split("\0")
        ports = [one.partition("=")[2] for one in argv if one.startswith("--metricsPort=")]
        return f"http://127.0.0.1:{ports[0]}/metrics"

    @contextmanager
    def namespace(self) -> Iterator[Namespace]:
        """One for a case; its AnalysisRuns are removed at the end, which the next case would feel."""
        namespace = self.plane.add_namespace(f"bench-{next(self._names)}")
        try:
            yield namespace
        finally:
            path = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace.name}/analysisruns"
            namespace.client.call("DELETE", path)
