"""Which address of a report people are shown: an agent's answer is data."""

from datetime import UTC, datetime

import pytest

from argo_rollouts_plugin.v1alpha1 import Metric
from canary_verdict import (
    MAX_STEPS,
    CanaryVerdict,
    Timeline,
    TimelineMark,
    TimelineSide,
    Verdict,
)
from rollouts_plugin_metric_ai.a2a_client import HostPolicy
from rollouts_plugin_metric_ai.mapping import Frame, concluded
from rollouts_plugin_metric_ai.report_link import with_own_report
from rollouts_plugin_metric_ai.summary import MAX_MESSAGE

AGENT = "http://agent.example:8080/a2a"
LINK = "http://agent.example:8080/reports/0b0e7a3c"
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def told(link: str, allowed: tuple[str, ...] = (), origins: tuple[str, ...] = ()) -> str:
    verdict = CanaryVerdict("u", Verdict.ROLLBACK, 97, report_link=link)
    return with_own_report(verdict, AGENT, HostPolicy(allowed, origins)).report_link


def test_the_agents_own_report_is_shown() -> None:
    assert told(LINK) == LINK


@pytest.mark.parametrize(
    "link",
    [
        "https://agent.example:8080/reports/1",
        "http://agent.example/reports/1",
        "http://elsewhere.example:8080/reports/1",
        "http://agent.example:8080@elsewhere.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//agent.example:8080/reports/1",
        "/reports/1",
        'http://agent.example:8080/"><script>',
        "http://agent.example:8080/)](http://elsewhere.example)",
        "http://agent.example:8080/reports/1?next=http://elsewhere.example",
        "http://agent.example:8080/reports/1#x",
        "http://agent.example:8080/re ports",
        "http://agent.example:8080/\u202egnp",
        "http://agent.example:8080/" + "x" * 600,
        "",
    ],
)
def test_no_other_address_is(link: str) -> None:
    assert told(link) == ""


@pytest.mark.parametrize(
    ("link", "allowed", "origins", "shown"),
    [
        ("https://reports.example/reports/1", ("reports.example",), (), True),
        ("https://a.reports.example/reports/1", ("*.reports.example",), (), True),
        ("https://10.1.2.3/reports/1", ("10.0.0.0/8",), (), True),
        ("https://reports.example/reports/1", (), ("https://reports.example",), True),
        ("https://reports.example/reports/1", ("agent.example",), (), False),
        ("https://11.1.2.3/reports/1", ("10.0.0.0/8",), (), False),
    ],
)
def test_the_operator_may_name_further_hosts(
    link: str, allowed: tuple[str, ...], origins: tuple[str, ...], *, shown: bool
) -> None:
    assert told(link, allowed, origins) == (link if shown else "")


@pytest.mark.parametrize(
    ("kind", "named"),
    [(Verdict.ROLLBACK, True), (Verdict.INCONCLUSIVE, True), (Verdict.PROMOTE, False)],
)
def test_a_measurement_names_it_in_metadata_and_a_bad_ones_message(
    kind: Verdict, *, named: bool
) -> None:
    verdict = CanaryVerdict("u", kind, 97, root_cause="x" * 4000, report_link=LINK)
    measurement = concluded(verdict, Metric(), 50, Frame(NOW, NOW))
    assert measurement.metadata["reportLink"] == LINK
    assert measurement.message.endswith(f"(report: {LINK})") is named
    assert len(measurement.message) <= MAX_MESSAGE


def test_the_timeline_stays_out_of_the_measurement() -> None:
    numbers = (2**53,) * MAX_STEPS
    side = TimelineSide(numbers, numbers, numbers, numbers)
    marks = (TimelineMark(0, "canary", "event", "told nowhere"),)
    without = CanaryVerdict("u", Verdict.ROLLBACK, 97)
    verdict = CanaryVerdict(
        "u", Verdict.ROLLBACK, 97, timeline=Timeline(NOW, 10.0, side, side, marks)
    )
    frame = Frame(NOW, NOW)
    assert concluded(verdict, Metric(), 50, frame) == concluded(without, Metric(), 50, frame)
