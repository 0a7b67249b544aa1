"""Which of many lines says why: the rule of `root_cause`, on whole samples."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from canary_agent.collect import ContainerStatus, PodEvent, PodStatus, Termination
from canary_verdict import CanaryVerdict

Verdicts = Callable[..., CanaryVerdict]

USUAL = "".join(f"2026-01-31T12:00:{n % 60:02} INFO order {n} stored\n" for n in range(400))
ACCESS = '10.0.0.1 - - [31/Jan/2026:12:00:00 +0000] "POST /pay HTTP/1.1" 503 12\n' * 40


def ended(exit_code: int) -> PodStatus:
    container = ContainerStatus("app", restarts=2, terminations=(Termination("Error", exit_code),))
    return PodStatus("canary-1", phase="Running", ready=True, containers=(container,))


STABLE = PodStatus("stable-1", phase="Running", ready=True)


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        # What says why comes before what is only seen, however seldom.
        (ACCESS + "2026-01-31 12:00:00 ERROR x509: certificate has expired\n", "certificate has expired"),
        (ACCESS + "[WARNING]  (7) : Server pay/p1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"\n", "refuses connections"),
        # Of equal ones the first in time.
        (
            "2026-01-31 12:00:09 ERROR index out of range in cart\n" * 9
            + "2026-01-31 12:00:01 ERROR lookup db.shop on 10.0.0.1:53: no such host\n" * 9,
            "cannot be resolved (DNS): db.shop",
        ),
        # Nothing but the answers.
        (ACCESS, "it, or a service behind it, is not available (HTTP 503, service unavailable)"),
        # No signature: the exception and its place.
        (
            "2026-01-31 12:00:00 ERROR order failed\nshop.OrderException: too odd\n\tat shop.Cart.add(Cart.java:7)\n" * 9,
            "evidence: shop.OrderException: too odd, at Cart.java:7.",
        ),
    ],
)  # fmt: skip
def test_the_line_that_says_why(verdict_of: Verdicts, lines: str, cause: str) -> None:
    assert cause in verdict_of(USUAL, USUAL + lines).root_cause


@pytest.mark.parametrize(
    ("exit_code", "lines", "cause"),
    [
        # It ended by itself: any line that only it has may say why.
        (1, "Invalid command 'ProxyPas', perhaps misspelled\n", "does not know): ProxyPas. The program ends by it"),
        # It was killed: its own lines do not say by whom.
        (137, "Invalid command 'ProxyPas', perhaps misspelled\n", "killed from outside"),
        (137, "2026-01-31 12:00:00 WARN GET /x 404 Not Found\n", "killed from outside"),
        (1, "", "The program ends by itself"),
        # No signature knows it: its own words.
        (1, "ERROR the moon is in the wrong phase\n", "What only it writes: ERROR the moon is in the wrong phase"),
    ],
)  # fmt: skip
def test_why_a_program_ended(verdict_of: Verdicts, exit_code: int, lines: str, cause: str) -> None:
    verdict = verdict_of(
        USUAL, USUAL + lines, stable_pods=(STABLE,), canary_pods=(ended(exit_code),)
    )
    assert cause in verdict.root_cause


@pytest.mark.parametrize(
    ("probe", "cause"),
    [
        # It hangs, so the kubelet kills it; it was killed, so there is nobody to answer.
        ("Liveness probe failed: context deadline exceeded", "does not answer its health probes"),
        ("Readiness probe failed: dial tcp 10.0.0.1:80: connection refused", "killed from outside"),
    ],
)
def test_who_is_killed_for_its_probes_hangs(verdict_of: Verdicts, probe: str, cause: str) -> None:
    failing = replace(ended(137), ready=False)
    verdict = verdict_of(
        USUAL,
        USUAL,
        stable_pods=(STABLE,),
        canary_pods=(failing,),
        canary_events=(PodEvent("canary-1", "Unhealthy", probe, count=5),),
    )
    assert cause in verdict.root_cause
