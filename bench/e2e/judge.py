"""The real agent, which reads 1 MB of logs from the cluster for each of 50 analyses at once."""

import time
from collections.abc import Sequence

from control_plane import Agent
from kube import Json, Namespace

from bench._figures import Beside, Figure, Findings, percentile

from ._case import Case
from ._errors import BenchError
from ._processes import Usage, group_of, usage
from ._runs import Request, create
from ._stage import Stage, Subject, say
from ._volley import ended
from ._watch import RunWatch

_RUNS = 50
_LIMIT_SECONDS = 420.0
_POD_SECONDS = 60.0
_DECIDED = frozenset({"Successful", "Inconclusive", "Failed"})


def measure(stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with our plugin: the agent is what is measured."""
    ours = subjects[0]
    stage.use(ours)
    with stage.namespace() as namespace, stage.plane.agent("bench-agent") as agent:
        pods = {role: _pod(role, seed) for seed, role in enumerate(("stable", "canary"))}
        try:
            namespace.apply(*pods.values())
            _wait_for_logs(stage, namespace)
            with RunWatch(namespace) as watch:
                return _measure(stage, ours, namespace, agent, watch)
        finally:
            for role in pods:
                namespace.delete("Pod", role, at_once=True)


def _measure(
    stage: Stage, ours: Subject, namespace: Namespace, agent: Agent, watch: RunWatch
) -> Findings:
    say("one analysis to warm up")
    create(namespace, [Request("warm-up", agent.url)])
    ended(watch, ["warm-up"], _LIMIT_SECONDS, ours, _DECIDED)
    _, plugin_before = stage.plugin()
    before = _agent_usage(agent)
    say(f"{_RUNS} analyses at once")
    began = create(namespace, [Request(f"load-{number}", agent.url) for number in range(_RUNS)])
    runs = ended(watch, list(began), _LIMIT_SECONDS, ours, _DECIDED)
    after, (_, plugin) = _agent_usage(agent), stage.plugin()
    took = [runs[name].ended - at for name, at in began.items()]
    idle = Beside("idle", [sum(one.resident for one in before)])
    processor = sum(one.processor for one in after) - sum(one.processor for one in before)
    rejected = float(sum(run.errors for run in runs.values()))
    figures = [
        Figure(
            "all done after", "s", [max(run.ended for run in runs.values()) - min(began.values())]
        ),
        Figure("creation to verdict, p50", "s", [percentile(took, 0.5)]),
        Figure("  p95", "s", [percentile(took, 0.95)]),
        Figure("rejected: measurements that were an Error", "", [rejected], at_most=0.0),
        Figure("status patches a run", "", [sum(one.changes for one in runs.values()) / _RUNS]),
        Figure(
            "RSS of the agent, its processes' most", "MB", [sum(one.most for one in after)], [idle]
        ),
        Figure("CPU of the agent an analysis", "ms", [processor * 1000 / _RUNS]),
        Figure(
            "RSS of the plugin, most", "MB", [plugin.most], [Beside("before", [plugin_before.most])]
        ),
    ]
    phases = sorted({f"{run.phase}: {run.message}"[:120] for run in runs.values()})
    return Findings(
        figures, [f"the agent's processes: {len(after)}", *(f"ended as {one}" for one in phases)]
    )


def _agent_usage(agent: Agent) -> list[Usage]:
    found = []
    for pid in group_of(f"--port={agent.url.rpartition(':')[2]}"):
        try:
            found.append(usage(pid))
        except OSError:
            continue  # a worker that has just ended
    if not found:
        raise BenchError("found no process of the agent")
    return found


def _pod(role: str, seed: int) -> Json:
    container = {"name": "shop", "image": "chatter:1", "args": [str(seed)]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": role, "labels": {"role": role}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }


def _wait_for_logs(stage: Stage, namespace: Namespace) -> None:
    began = time.monotonic()

    def written() -> bool:
        pods = namespace.objects("Pod")
        return all(
            pod.get("status", {}).get("phase") == "Running"
            and len(namespace.log(pod["metadata"]["name"])) > 450_000
            for pod in pods
        )

    stage.plane.wait_until("pods that have written their logs", written, namespace, _POD_SECONDS)
    say(f"both pods have written their logs after {time.monotonic() - began:.0f} s")


CASE = Case("judge", "the real agent with 50 analyses of 1 MB of logs at once", measure)
