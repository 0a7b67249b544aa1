"""The whole control plane, started together and ended together."""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from kube import Json, KubeClient, Namespace, kubeconfig_of
from kubelet import claim_network
from processes import Watchdog

from ._agent import Agent, agent_objects, may_read
from ._certificates import Authority
from ._controllers import Controller
from ._kubernetes import start_api_server, start_controller_manager, start_etcd
from ._node import node_is_ready, start_node
from ._programs import Programs
from ._rollouts import RolloutsController, install_rollouts
from ._setup import Setup
from ._watching import account_of, rollout_phase, wait_until

__all__ = ["ControlPlane", "running_control_plane"]

T = TypeVar("T")
# Generous: a machine that does much else takes minutes for what takes seconds. Nothing waits longer
# than it must.
_WAIT_SECONDS = 120.0
_OVER = {"Successful", "Failed", "Error", "Inconclusive"}


class ControlPlane:
    """An API server with Argo Rollouts, our plugin, and a node that runs pods as processes.

    Attributes:
        client: may do everything.
        kubeconfig: file for kubectl and the like, with the same rights.
        controller: the Argo Rollouts controller, and so the plugin.
        programs: kubectl, kustomize, helm and the others.
        folder: everything that was written; removed at the end.
    """

    def __init__(self, setup: Setup, client: KubeClient, controller: Controller) -> None:
        self._setup = setup
        self._names = itertools.count(1)
        self.client = client
        self.programs = setup.programs
        self.folder = setup.folder
        self.kubeconfig = setup.write_secret("kubeconfig", kubeconfig_of(client.access))
        self.controller = controller

    def add_namespace(self, name: str, labels: Mapping[str, str] | None = None) -> Namespace:
        """A namespace that the agent may read."""
        metadata = {"name": name, "labels": dict(labels or {})}
        self.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        self.client.apply(may_read(name))
        return Namespace(self.client, name)

    @contextmanager
    def namespace(
        self, prefix: str, labels: Mapping[str, str] | None = None
    ) -> Iterator[Namespace]:
        """One with a number in its name; at the end it is removed, and its pods have ended."""
        namespace = self.add_namespace(f"{prefix}-{next(self._names)}", labels)
        try:
            yield namespace
        finally:
            self._remove(namespace)

    @contextmanager
    def agent(
        self, name: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[Agent]:
        """A running agent of its own; `name` is that of its folder."""
        agent = Agent(self._setup, name, self.client, *options, environment=environment)
        try:
            agent.start()
            yield agent
        finally:
            agent.stop()

    def wait_until(
        self,
        what: str,
        check: Callable[[], T | None],
        namespace: Namespace,
        seconds: float = _WAIT_SECONDS,
    ) -> T:
        """What `check` gives once it is true; NotInTimeError shows the namespace and the logs."""
        return wait_until(what, check, seconds, lambda: self.explain(namespace))

    def wait_for_rollout(
        self, namespace: Namespace, name: str, *phases: str, seconds: float = _WAIT_SECONDS
    ) -> Json:
        """The Rollout once it is in one of the phases: Healthy, Progressing, Paused, Degraded.

        A phase counts only where it is about the latest change of the Rollout's spec.
        """

        def reached() -> Json | None:
            rollout = namespace.find("Rollout", name)
            return rollout if rollout and rollout_phase(rollout) in phases else None

        what = f"Rollout {name} that is {' or '.join(phases)}"
        return self.wait_until(what, reached, namespace, seconds)

    def wait_for_analysis_run(
        self,
        namespace: Namespace,
        *,
        phases: Collection[str] = frozenset(_OVER),
        known: Collection[str] = (),
        seconds: float = _WAIT_SECONDS,
    ) -> Json:
        """The first AnalysisRun in one of the phases; default: one that is over.

        Args:
            known: names of runs that do not count.
        """

        def reached() -> Json | None:
            runs = [
                run
                for run in namespace.objects("AnalysisRun")
                if run["metadata"]["name"] not in known
                and run.get("status", {}).get("phase") in phases
            ]
            return runs[0] if runs else None

        what = f"AnalysisRun that is {' or '.join(sorted(phases))}"
        return self.wait_until(what, reached, namespace, seconds)

    def explain(self, namespace: Namespace) -> str:
        """How a namespace stands, and the end of the controller's log, which holds the plugin's."""
        return f"{account_of(namespace)}\n--- controller\n{self.controller.log_tail()}"

    def _remove(self, namespace: Namespace) -> None:
        for kind in ("Rollout", "AnalysisRun", "Deployment", "Job", "Pod"):
            for one in namespace.objects(kind):
                namespace.delete(kind, one["metadata"]["name"])
        self.client.delete("Namespace", namespace.name)
        self.wait_until(
            f"namespace {namespace.name} without pods",
            lambda: not namespace.objects("Pod"),
            namespace,
        )


@contextmanager
def running_control_plane(
    folder: Path,
    programs: Programs,
    plugin: Path,
    images: Mapping[str, Json],
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[ControlPlane]:
    """A control plane whose controller leads and whose node is ready.

    Args:
        folder: empty; a short path, since sockets lie below it.
        programs: what scripts/build-control-plane built.
        plugin: the plugin's executable.
        images: what each image of a pod runs, see `kubelet`.
        say: told what is being started, for a person to read.
    """
    with ExitStack() as stack:
        setup = Setup(programs, folder, stack.enter_context(Watchdog()))
        authority = Authority(folder)
        network = stack.enter_context(claim_network())
        say("etcd and kube-apiserver")
        etcd, url = start_etcd(setup)
        stack.callback(etcd.stop)
        api = start_api_server(setup, authority, url, network.services)
        stack.callback(api.child.stop)
        client = stack.enter_context(KubeClient(api.admin))
        say("kube-controller-manager, the node, and Argo's manifests")
        stack.callback(start_controller_manager(setup, api).stop)
        node = start_node(setup, authority, api, network, images)
        stack.callback(node.stop)
        install_rollouts(client, programs, plugin)
        client.apply(*agent_objects())
        say("rollouts-controller with the plugin")
        controller = RolloutsController(setup, client)
        stack.callback(controller.stop)
        controller.start()
        node.wait_for("ready node", lambda: node_is_ready(client), _WAIT_SECONDS)
        yield ControlPlane(setup, client, controller)
