"""The shop in the playground's cluster."""

from control_plane import ControlPlane, analysis_template, customers, rollout, service
from kube import Json, Namespace

__all__ = ["install_shop", "what_to_try"]

_SECONDS = 120.0
_STEPS: list[Json] = [
    {"setWeight": 25},
    {"analysis": {"templates": [{"templateName": "canary-logs"}]}},
    {"setWeight": 50},
    {"pause": {"duration": "10s"}},
]


def install_shop(plane: ControlPlane, namespace: Namespace, agent_url: str) -> None:
    """A Rollout of four pods with customers; returns once it is healthy."""
    stanza = {"policy": {"minLines": 100}}
    template = analysis_template("canary-logs", agent_url, stanza, initialDelay="15s")
    namespace.apply(service("shop-stable", "shop"), service("shop-canary", "shop"), template)
    namespace.apply(rollout("shop", "shop:stable", _STEPS, replicas=4))
    plane.wait_for_rollout(namespace, "shop", "Healthy", seconds=_SECONDS)
    (pod,) = namespace.apply(customers("shop", canary_weight=25.0))

    def buying() -> bool:
        found = namespace.get("Pod", pod["metadata"]["name"])
        return bool(found.get("status", {}).get("phase") == "Running")

    plane.wait_until("running customers", buying, namespace, _SECONDS)


def what_to_try(plane: ControlPlane, agent_url: str) -> str:
    """Commands to copy."""
    return f"""
A cluster runs on this machine. In another terminal:

  export KUBECONFIG={plane.kubeconfig} PATH={plane.programs.folder}:$PATH
  kubectl config set-context --current --namespace=shop
  kubectl argo rollouts get rollout shop --watch

Release something, well or badly (healthy, error-burst, crash-loop, slow, quiet-errors, injection):

  kubectl argo rollouts set image shop shop=shop:error-burst
  kubectl get analysisruns
  kubectl get analysisrun -o jsonpath='{{.items[-1:].status.metricResults}}'
  kubectl logs -l role=canary
  kubectl argo rollouts abort shop
  kubectl argo rollouts promote shop

The agent is at {agent_url}/.well-known/agent-card.json. Logs of all programs, the plugin's within
the controller's: {plane.folder}/*.log. Ctrl-C ends everything and removes them.
"""
