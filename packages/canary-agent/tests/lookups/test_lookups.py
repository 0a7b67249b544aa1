"""What may be looked up, and what not."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from canary_agent import judge
from canary_agent.collect import ContainerLog, PodEvent, PodStatus, Sample, Side
from canary_agent.evidence import examine
from canary_agent.lookups import LookupLimits, LookupRefused, Lookups
from canary_verdict import Policy

SECRET = "hunter2-and-more"
KEY = ["-----BEGIN RSA " + "PRIVATE KEY-----", "MIIEowIBAAKCAQEAq1", "b3BlbnNlc2FtZQ=="]


def log_of(pod: str, lines: list[str]) -> ContainerLog:
    def read() -> Iterator[bytes]:
        yield "\n".join(lines).encode()

    return ContainerLog(pod, "app", read)


def side_of(pod: str, lines: list[str]) -> Side:
    usual = [f"2026-01-31T12:00:{n % 60:02}Z INFO served /item/{n}" for n in range(200)]
    event = PodEvent(pod, "Unhealthy", f"probe failed: password={SECRET}", 7)
    status = PodStatus(pod, (("app", "shop"), ("token", SECRET)), phase="Running", ready=True)
    return Side((log_of(pod, [*usual, *lines, *usual]),), (status,), (event,))


@pytest.fixture
def lookups() -> Callable[..., Lookups]:
    """Of a canary that declines forty payments, each error between two other lines."""

    def make(*more: str, **limits: int) -> Lookups:
        lines = [
            line
            for n in range(40)
            for line in (f"before {n}", f"ERROR payment declined for {n}, password={SECRET}", f"after {n}")
        ]  # fmt: skip
        sample = Sample(side_of("stable-1", []), side_of("canary-1", [*lines, *more]))
        decision = judge.decide(examine(sample, (), lambda: False), Policy())
        assert decision.verdict.value == "rollback"
        return Lookups(sample, decision, LookupLimits(**limits))

    return make


def documents(text: str) -> list[dict[str, Any]]:
    begin, *lines, end = text.splitlines()
    assert begin.replace("BEGINS", "ENDS") == end
    return [json.loads(line) for line in lines]


def test_more_lines_are_of_the_same_form(lookups: Callable[..., Lookups]) -> None:
    found = documents(lookups(answer_bytes=10_000).more_lines("e1"))
    assert len(found) == 20
    assert {(one["side"], one["pod"], one["container"]) for one in found} == {("canary", "canary-1", "app")}  # fmt: skip
    assert found[7]["line"] == "ERROR payment declined for 7, password=[secret]"


def test_lines_around_are_those_of_the_log(lookups: Callable[..., Lookups]) -> None:
    lines = [one["line"] for one in documents(lookups().lines_around("e1"))]
    at = lines.index("ERROR payment declined for 0, password=[secret]")
    assert (lines[at - 1], lines[at + 1], len(lines)) == ("before 0", "after 0", 21)


def test_pods_and_their_events(lookups: Callable[..., Lookups]) -> None:
    (event,) = documents(lookups().events("canary-1"))
    assert (event["event"], event["times"], event["message"]) == ("Unhealthy", 7, "probe failed: password=[secret]")  # fmt: skip
    (pod,) = documents(lookups().describe("stable-1"))
    assert (pod["pod"], pod["side"], pod["labels"]) == ("stable-1", "stable", ["app=shop", "token=[secret]"])  # fmt: skip


@pytest.mark.parametrize("name", ["e0", "e999", "", "../e1", "E1", "canary-1", "*"])
def test_evidence_that_does_not_exist_is_refused(
    lookups: Callable[..., Lookups], name: str
) -> None:
    for ask in (lookups().more_lines, lookups().lines_around):
        with pytest.raises(LookupRefused, match="no evidence with this id"):
            ask(name)


@pytest.mark.parametrize(
    "name", ["kube-system/coredns", "coredns", "", "*", "canary-1 ", "../stable-1", "secrets/db"]
)
def test_pods_of_others_are_refused(lookups: Callable[..., Lookups], name: str) -> None:
    for ask in (lookups().events, lookups().describe):
        with pytest.raises(LookupRefused, match="no pod with this name"):
            ask(name)


def test_calls_are_limited_refused_ones_too(lookups: Callable[..., Lookups]) -> None:
    asked = lookups(calls=2)
    with pytest.raises(LookupRefused, match="no evidence"):
        asked.more_lines("e999")
    asked.describe("canary-1")
    with pytest.raises(LookupRefused, match="no more than 2 look-ups"):
        asked.describe("canary-1")


def test_bytes_are_limited(lookups: Callable[..., Lookups]) -> None:
    asked = lookups(answer_bytes=600, all_bytes=1000, calls=100)
    answers = [asked.more_lines("e1") for _ in range(2)]
    with pytest.raises(LookupRefused, match="no more than 1000 bytes"):
        asked.more_lines("e1")
    assert all(len(answer) <= 600 for answer in answers)
    assert 600 < sum(map(len, answers)) <= 1000


def test_reading_is_limited(lookups: Callable[..., Lookups]) -> None:
    assert lookups(read_bytes=100).more_lines("e1").startswith("There is nothing of that kind")


def test_no_secret_leaves_nor_a_part_of_a_key(lookups: Callable[..., Lookups]) -> None:
    asked = lookups(*KEY, *[f"ERROR key {n} was read" for n in range(40)], calls=100)
    answers = ""
    for name in ("e1", "e2", "e3"):
        answers += asked.lines_around(name)
    assert "ERROR key 0 was read" in answers
    for part in (SECRET, "hunter2", *KEY[1:]):
        assert part not in answers
