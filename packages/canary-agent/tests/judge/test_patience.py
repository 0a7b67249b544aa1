"""Waiting for lines and time, and ending at once on hard evidence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from canary_agent.analysis import AnalysisCancelled
from canary_agent.collect import ContainerLog, ContainerStatus, PodStatus, Sample, Side
from canary_agent.patience import analyse_patiently
from canary_verdict import CanaryRequest, Policy, Verdict

Requests = Callable[..., CanaryRequest]

CRASHED = (
    PodStatus(
        "c", phase="Running", containers=(ContainerStatus("app", "CrashLoopBackOff", ran=True),)
    ),
)


@dataclass
class Growing:
    """A canary that has a hundred lines more at each look, and crashes at one of them."""

    crashes_at: int = 1000
    looks: int = field(default=0)

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        del request, cancelled
        self.looks += 1
        stable = Side((log("s", 1000),))
        pods = CRASHED if self.looks >= self.crashes_at else ()
        return Sample(stable, Side((log("c", 100 * self.looks),), pods))


def log(pod: str, lines: int) -> ContainerLog:
    def read() -> Iterator[bytes]:
        yield b"INFO served\n" * lines

    return ContainerLog(pod, "app", read)


def until(request: CanaryRequest, seconds: float) -> CanaryRequest:
    return replace(request, deadline=datetime.now(UTC) + timedelta(seconds=seconds))


def test_it_waits_for_the_lines_that_the_policy_asks_for(request_of: Requests) -> None:
    source = Growing()
    request = until(request_of(Policy(min_lines=350)), 600)
    verdict = analyse_patiently(request, source, lambda: False, look_again=0.01)
    assert (verdict.verdict, source.looks) == (Verdict.PROMOTE, 4)


def test_hard_evidence_ends_the_wait(request_of: Requests) -> None:
    source = Growing(crashes_at=3)
    request = until(request_of(Policy(min_lines=10_000)), 600)
    verdict = analyse_patiently(request, source, lambda: False, look_again=0.01)
    assert (verdict.verdict, source.looks) == (Verdict.ROLLBACK, 3)


def test_what_is_waived_does_not_end_the_wait(request_of: Requests) -> None:
    source = Growing(crashes_at=1)
    request = until(request_of(Policy(min_lines=350, waive=("CrashLoopBackOff",))), 600)
    verdict = analyse_patiently(request, source, lambda: False, look_again=0.01)
    assert (verdict.verdict, source.looks) == (Verdict.PROMOTE, 4)


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (Policy(), 600.0),  # asks for nothing
        (Policy(min_lines=50), 600.0),  # has it
        (Policy(min_lines=10_000), 20.0),  # the deadline is near
        (Policy(min_duration=60.0), -5.0),  # it has passed
    ],
)
def test_there_is_one_look_where_waiting_is_of_no_use(
    request_of: Requests, policy: Policy, seconds: float
) -> None:
    source = Growing()
    analyse_patiently(until(request_of(policy), seconds), source, lambda: False)
    assert source.looks == 1


def test_a_waiting_analysis_can_be_cancelled(request_of: Requests) -> None:
    source = Growing()
    request = until(request_of(Policy(min_duration=3600.0)), 7200)
    with pytest.raises(AnalysisCancelled):
        analyse_patiently(request, source, lambda: source.looks >= 2, look_again=0.01)
    assert source.looks == 2
