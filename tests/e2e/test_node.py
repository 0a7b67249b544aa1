"""The node of processes as everybody else sees it: through the API server."""

from collections.abc import Callable

import httpx2
import pytest
from control_plane import ARGO_NAMESPACE, ControlPlane, customers, service
from kube import Access, Json, KubeClient, KubeError, Namespace

TALKS = "import time\nfor n in range(5): print('line', n)\nprint(ENDING)\ntime.sleep(300)"


def pod(name: str, program: str = "", **container: object) -> Json:
    """A pod that runs a few lines of Python."""
    spec = {"name": "main", "image": "python:3", "args": ["-c", program], **container}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [spec]},
    }


@pytest.fixture
def until(
    plane: ControlPlane, namespace: Namespace
) -> Callable[[str, str, Callable[[Json], bool]], Json]:
    """The status of the pod's container once it is as asked."""

    def wait(name: str, what: str, holds: Callable[[Json], bool]) -> Json:
        def reached() -> Json | None:
            statuses = namespace.get("Pod", name).get("status", {}).get("containerStatuses")
            return statuses[0] if statuses and holds(statuses[0]) else None

        return plane.wait_until(f"pod {name} {what}", reached, namespace)

    return wait


Until = Callable[[str, str, Callable[[Json], bool]], Json]


def reasons(namespace: Namespace, name: str) -> dict[str, int]:
    return {
        one["reason"]: one["count"]
        for one in namespace.objects("Event", fields=f"involvedObject.name={name}")
    }


def test_a_crash_is_seen_restarted_and_kept(
    plane: ControlPlane, namespace: Namespace, until: Until
) -> None:
    program = "print('no feed'); raise SystemExit(3)"
    namespace.apply(pod("crashing", program))
    status = until("crashing", "back off", lambda one: one["restartCount"] >= 2)
    ended = status["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (3, "Error")
    until(
        "crashing",
        "wait",
        lambda one: one["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff",
    )
    assert namespace.log("crashing") == "no feed\n"
    assert namespace.log("crashing", previous="true") == "no feed\n"
    plane.wait_until("event", lambda: reasons(namespace, "crashing").get("BackOff"), namespace)
    assert reasons(namespace, "crashing")["Started"] >= 2


def test_logs_answer_to_the_options_of_the_api(
    plane: ControlPlane, namespace: Namespace, until: Until
) -> None:
    namespace.apply(pod("talking", TALKS.replace("ENDING", "'end'")))
    until("talking", "run", lambda one: one["ready"])
    plane.wait_until("last line", lambda: "end\n" in namespace.log("talking"), namespace)
    assert namespace.log("talking", tailLines=2) == "line 4\nend\n"
    assert namespace.log("talking", limitBytes=6) == "line 0"
    stamped = namespace.log("talking", timestamps="true").splitlines()
    assert stamped[0].endswith("Z line 0")
    since = stamped[-1].split()[0]
    assert namespace.log("talking", sinceTime=since, container="main").endswith("end\n")
    with pytest.raises(
        KubeError, match='previous terminated container "main" in pod "talking" not found'
    ):
        namespace.log("talking", previous="true")


def test_an_image_that_is_not_there(namespace: Namespace, until: Until) -> None:
    namespace.apply(pod("missing", image="registry.example/nothing:1"))
    status = until(
        "missing",
        "wait",
        lambda one: one["state"].get("waiting", {}).get("reason") == "ImagePullBackOff",
    )
    assert "registry.example/nothing:1" in status["state"]["waiting"]["message"]
    with pytest.raises(KubeError, match="is waiting to start: ImagePullBackOff"):
        namespace.log("missing")


def test_variables_come_from_secrets_and_the_pod(namespace: Namespace, until: Until) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"k": "v"},
    }
    env = [
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "BOTH", "value": "$(KEY)@$(IP)"},
    ]
    reading = pod("reading", "import os; print(os.environ['BOTH'])", env=env)
    reading["spec"]["restartPolicy"] = "Never"
    namespace.apply(secret, reading)
    until("reading", "end", lambda one: "terminated" in one["state"])
    status = namespace.get("Pod", "reading")["status"]
    assert status["phase"] == "Succeeded"
    address = status["podIP"]
    assert namespace.log("reading") == f"v@{address}\n"


def test_a_missing_secret_is_a_configuration_error(namespace: Namespace, until: Until) -> None:
    env = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "none", "key": "k"}}}]
    namespace.apply(pod("unconfigured", env=env))
    status = until(
        "unconfigured", "wait", lambda one: "none" in str(one["state"].get("waiting", {}))
    )
    assert status["state"]["waiting"]["reason"] == "CreateContainerConfigError"


def test_too_much_memory_is_an_oom_kill(namespace: Namespace, until: Until) -> None:
    program = "data = b'x' * (256 << 20)\nimport time; time.sleep(300)"
    namespace.apply(pod("greedy", program, resources={"limits": {"memory": "128Mi"}}))
    status = until("greedy", "die", lambda one: "terminated" in one["lastState"])
    ended = status["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")


def test_probes_decide_over_readiness_and_life(
    plane: ControlPlane, namespace: Namespace, until: Until
) -> None:
    never = {"tcpSocket": {"port": 9}, "periodSeconds": 1, "failureThreshold": 1}
    sleeps = "import time; time.sleep(300)"
    namespace.apply(
        pod("unready", sleeps, readinessProbe=never), pod("stuck", sleeps, livenessProbe=never)
    )
    until("stuck", "restart", lambda one: one["restartCount"] > 0)
    assert until("unready", "run", lambda one: "running" in one["state"])["ready"] is False

    def told() -> bool:
        stuck = reasons(namespace, "stuck")
        return (
            "Killing" in stuck
            and "Unhealthy" in stuck
            and "Unhealthy" in reasons(namespace, "unready")
        )

    plane.wait_until("events", told, namespace)


def test_a_service_leads_to_its_ready_pods(plane: ControlPlane, namespace: Namespace) -> None:
    shop = {
        "name": "shop",
        "image": "shop:stable",
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    shop["env"] = [{"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]
    made = namespace.apply(service("web", "web"), pod("web") | {"spec": {"containers": [shop]}})
    url = f"http://{made[0]['spec']['clusterIP']}:8080/healthz"

    def answers() -> bool:
        try:
            return httpx2.get(url, trust_env=False).is_success
        except httpx2.TransportError:
            return False

    plane.wait_until("answer through the Service", answers, namespace)
    namespace.delete("Pod", "web")
    plane.wait_until("end of the answers", lambda: not answers(), namespace)


def test_a_deleted_pod_ends_in_order(plane: ControlPlane, namespace: Namespace) -> None:
    namespace.apply(
        service("shop-stable", "shop"), service("shop-canary", "shop"), customers("shop")
    )
    plane.wait_until(
        "running customers",
        lambda: namespace.get("Pod", "shop-customers").get("status", {}).get("phase") == "Running",
        namespace,
    )
    namespace.delete("Pod", "shop-customers")
    plane.wait_until(
        "end of the pod", lambda: not namespace.find("Pod", "shop-customers"), namespace
    )


def test_the_controllers_account_has_the_official_rights_alone(plane: ControlPlane) -> None:
    admin = plane.client
    token = admin.token("argo-rollouts", ARGO_NAMESPACE)
    with KubeClient(Access(admin.access.server, admin.access.ca, token)) as client:
        assert client.objects("AnalysisRun") is not None
        with pytest.raises(KubeError, match="403 Forbidden"):
            client.objects("Node")
