"""What Kubernetes says of the canary, and when it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from canary_agent.collect import ContainerStatus, PodEvent, PodStatus, Side, Termination
from canary_agent.evidence import Finding, Kind, _hard
from canary_agent.evidence._hard import hard_findings
from canary_verdict import WAIVABLE

BORN = datetime(2026, 1, 31, 12, tzinfo=UTC)


def pod(
    name: str,
    *ends: Termination,
    waiting: str = "",
    restarts: int = 0,
    ready: bool = True,
    reason: str = "",
    deleting: bool = False,
    started: datetime | None = BORN,
    phase: str = "Running",
) -> PodStatus:
    status = ContainerStatus("app", waiting, "", restarts, ready, ran=True, terminations=ends)
    return PodStatus(
        name,
        phase=phase,
        ready=ready,
        reason=reason,
        deleting=deleting,
        started_at=started,
        containers=(status,),
    )


def names(stable: Side, canary: Side) -> dict[str, Kind]:
    return {one.name: one.kind for one in findings(stable, canary)}


def findings(stable: Side, canary: Side) -> list[Finding]:
    return list(hard_findings(stable, canary))


HEALTHY = Side(pods=(pod("s1"), pod("s2")))
ERROR = Termination("Error", 1)


def test_a_healthy_canary_has_none() -> None:
    assert names(HEALTHY, Side(pods=(pod("c"),))) == {}


@pytest.mark.parametrize(
    ("waiting", "name"),
    [
        ("CrashLoopBackOff", "CrashLoopBackOff"),
        ("ImagePullBackOff", "ImagePullBackOff"),
        ("ErrImagePull", "ImagePullBackOff"),
        ("InvalidImageName", "ImagePullBackOff"),
        ("CreateContainerConfigError", "ContainerConfigError"),
        ("RunContainerError", "ContainerConfigError"),
    ],
)
def test_waiting_states(waiting: str, name: str) -> None:
    canary = Side(pods=(pod("c", waiting=waiting, ready=False),))
    assert names(HEALTHY, canary) == {name: Kind.HARD}


def test_a_state_that_stable_shares_is_no_proof_but_no_candidate_either() -> None:
    stable = Side(pods=(pod("s", waiting="CrashLoopBackOff", ready=False),))
    canary = Side(pods=(pod("c", waiting="CrashLoopBackOff", ready=False),))
    assert names(stable, canary) == {"CrashLoopBackOff": Kind.STATE}


def test_ends_for_lack_of_memory_and_with_an_error() -> None:
    canary = Side(pods=(pod("c", Termination("OOMKilled", 137), ERROR, restarts=2),))
    assert names(HEALTHY, canary) == {
        "OOMKilled": Kind.HARD,
        "NonZeroExit": Kind.HARD,
        "Restarts": Kind.HARD,
    }


def test_restarts_and_ends_of_both_sides_say_nothing() -> None:
    stable = Side(pods=(pod("s", ERROR, restarts=2),))
    assert names(stable, Side(pods=(pod("c", ERROR, restarts=2),))) == {}
    assert names(stable, Side(pods=(pod("c", ERROR, restarts=5),))) == {"Restarts": Kind.HARD}


def test_what_befell_stable_before_the_canary_does_not_excuse_it() -> None:
    long_ago = Termination("Error", 1, BORN - timedelta(days=3))
    now = Termination("Error", 1, BORN + timedelta(minutes=3))
    stable = Side(pods=(pod("s", long_ago, restarts=9, started=BORN - timedelta(days=9)),))
    canary = Side(pods=(pod("c", now, restarts=1),))
    assert names(stable, canary) == {"NonZeroExit": Kind.HARD, "Restarts": Kind.HARD}


@pytest.mark.parametrize(
    "canary",
    [
        pod("c", Termination("Unknown", 255), restarts=1),
        pod("c", ERROR, restarts=1, reason="NodeShutdown", ready=False),
        pod("c", Termination("Error", 143), deleting=True),
        pod("c", Termination("Completed", 0)),
    ],
)
def test_what_the_node_or_a_deletion_did_is_not_the_canarys_fault(canary: PodStatus) -> None:
    assert names(HEALTHY, Side(pods=(canary,))) == {}


def test_restarts_without_a_known_end() -> None:
    assert names(HEALTHY, Side(pods=(pod("c", restarts=1),))) == {"Restarts": Kind.HARD}


def event(name: str, message: str, count: int = 3) -> PodEvent:
    return PodEvent(name, "Unhealthy", message, count)


def test_probes_that_keep_failing() -> None:
    readiness, liveness = "Readiness probe failed: 503", "Liveness probe failed: timeout"
    failing = Side(pods=(pod("c", ready=False),), events=(event("c", readiness),))
    assert names(HEALTHY, failing)["ProbeFailure"] is Kind.HARD
    alive = Side(pods=(pod("c"),), events=(event("c", liveness),))
    assert names(HEALTHY, alive) == {"ProbeFailure": Kind.HARD}


def test_probes_that_failed_while_starting_or_seldom() -> None:
    started = Side(pods=(pod("c"),), events=(event("c", "Startup probe failed: refused", 9),))
    seldom = Side(pods=(pod("c"),), events=(event("c", "Liveness probe failed: timeout", 2),))
    assert names(HEALTHY, started) == names(HEALTHY, seldom) == {}


def test_probes_that_fail_on_stable_as_often() -> None:
    message = "Liveness probe failed: timeout"
    stable = Side(pods=(pod("s"),), events=(event("s", message, 4),))
    canary = Side(pods=(pod("c"),), events=(event("c", message, 4),))
    assert names(stable, canary) == {}


def test_a_canary_that_is_not_ready_while_stable_is() -> None:
    pending = Side(pods=(pod("c", ready=False, phase="Pending"),))
    assert names(HEALTHY, pending) == {"NotReady": Kind.STATE}
    assert names(Side(pods=(pod("s", ready=False),)), pending) == {}
    assert names(HEALTHY, Side(pods=(pod("c", ready=False, phase=""),))) == {}


def test_a_finding_shows_one_case() -> None:
    canary = Side(pods=(pod("b", ERROR), pod("a", Termination("", 2))))
    (finding,) = findings(HEALTHY, canary)
    assert finding.canary == 2
    assert finding.canary_sample is not None
    assert (finding.canary_sample.pod, finding.canary_sample.text) == ("a", "ended, exit code 2")


def test_the_contract_names_all_hard_evidence() -> None:
    names = {name for key, name in vars(_hard).items() if key.isupper() and isinstance(name, str)}
    assert names | {"NotReady"} == set(WAIVABLE)
