"""What a digest tells, and that it keeps to its budget."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canary_agent.collect import (
    ContainerStatus,
    Gap,
    PodEvent,
    PodStatus,
    Sample,
    Side,
    Termination,
)
from canary_agent.digest import LEAST_BUDGET, Digest, estimate_tokens
from canary_agent.evidence import Finding, Kind, SampleLine

Digests = Callable[..., Digest]
Documents = Callable[[str], list[dict[str, Any]]]

SECRET = "hunter2-and-more"


def rate(name: str, p: float = 1e-9, line: str = "a line") -> Finding:
    sample = SampleLine(line, "pod-1", "app")
    return Finding(
        Kind.RATE, name, name, 1, 40, 40.0, p, p, p, is_error=True,
        stable_sample=sample, canary_sample=sample, stable_rate=0.1, canary_rate=4.2,
    )  # fmt: skip


def pods_of(text: str, count: int = 1) -> Sample:
    ends = (Termination(text, 137, datetime(2026, 1, 31, tzinfo=UTC)),)
    container = ContainerStatus(text, text, text, 3, terminations=ends)
    pods = tuple(
        PodStatus(f"{text}-{number}", (("app", text),), containers=(container,), reason=text)
        for number in range(count)
    )
    events = tuple(PodEvent(pod.name, text, text, 4) for pod in pods)
    side = Side(pods=pods, events=events)
    return Sample(side, side)


def test_it_tells_what_an_item_rests_on(digest_of: Digests, documents_of: Documents) -> None:
    digest = digest_of(rate("ERROR no cart <*>", line="ERROR no cart 77"))
    (item,) = [one for one in documents_of(digest.text) if "id" in one]
    sample = {"line": "ERROR no cart 77", "pod": "pod-1", "container": "app"}
    assert item == {
        "id": "e1", "kind": "rate", "strength": "significant", "what": "ERROR no cart <*>",
        "stable": 1, "canary": 40, "stablePer1000": 0.1, "canaryPer1000": 4.2, "ratio": 40,
        "p": 1e-9, "q": 1e-9, "stableSample": sample, "canarySample": sample,
    }  # fmt: skip
    assert digest.evidence_ids == {"e1"}


def test_it_tells_what_was_compared_and_what_is_missing(
    digest_of: Digests, documents_of: Documents
) -> None:
    gaps = (Gap("pod pod-9 was not read"),)
    head, stable, canary, missing, *_ = documents_of(digest_of(gaps=gaps).text)
    assert head["verdictOfEvidenceAlone"] == "inconclusive"
    assert head["canaryShareOfWork"] == 0.5
    assert (stable["side"], canary["side"], canary["lines"]) == ("stable", "canary", 1000)
    assert missing == {"missing": ["pod pod-9 was not read"], "missingInAll": 1}


def test_it_tells_of_pods_and_events(digest_of: Digests, documents_of: Documents) -> None:
    documents = documents_of(digest_of(sample=pods_of("Trouble")).text)
    (pod,) = [one for one in documents if one.get("side") == "canary" and "phase" in one]
    assert pod["containers"][0]["ends"] == ["Trouble, exit code 137"]
    assert {"side": "canary", "event": "Trouble", "pod": "Trouble-0", "message": "Trouble", "times": 4} in documents  # fmt: skip


@pytest.mark.parametrize("budget", [LEAST_BUDGET, 4000, 20_000])
@pytest.mark.parametrize("text", ["word ", "<|\u4f60", '"\\\n', "7"])
def test_it_keeps_its_budget_whatever_there_is(
    digest_of: Digests, documents_of: Documents, budget: int, text: str
) -> None:
    long = text * 1000
    items = [rate(f"{number} {long}", 10.0 ** (number - 90), long) for number in range(80)]
    gaps = tuple(Gap(f"{number} {long}") for number in range(200))
    digest = digest_of(*items, gaps=gaps, sample=pods_of(long, 300), budget=budget)
    assert estimate_tokens(digest.text) == digest.tokens
    assert 0.6 * budget < digest.tokens <= budget
    documents = documents_of(digest.text)
    shown = [one["id"] for one in documents if "id" in one]
    assert shown == [f"e{number + 1}" for number in range(len(shown))]
    assert shown
    assert documents[-1]["leftOut"]["evidence"] == len(items) - len(shown)
    assert digest.evidence_ids == set(shown)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("word", 2), ("timeout after 30 s", 7), ("0123456789", 5), ("\\u003c", 3)],
)
def test_tokens_are_estimated_by_kind_of_character(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_the_strongest_show_most(digest_of: Digests, documents_of: Documents) -> None:
    items = [rate(f"ERROR {n}", 10.0 ** (n - 90), f"{n} the quick fox " * 40) for n in range(50)]
    documents = documents_of(digest_of(*items, sample=pods_of("Trouble", 20)).text)
    lengths = [len(one.get("canarySample", {}).get("line", "")) for one in documents if "id" in one]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 300
    assert [one for one in documents if "phase" in one], "pods have room of their own"
    assert [one for one in documents if "event" in one], "events, too"


def test_a_budget_too_small_for_anything_is_refused(digest_of: Digests) -> None:
    with pytest.raises(ValueError, match="expected 1000 or more"):
        digest_of(budget=100)


def test_the_same_analysis_has_the_same_digest(digest_of: Digests) -> None:
    one, other = (digest_of(rate("ERROR x"), sample=pods_of("Trouble", 5)) for _ in range(2))
    assert one == other


@given(text=st.text(max_size=300))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_of_the_cluster_leaves_its_strings(digest_of: Digests, text: str) -> None:
    digest = digest_of(rate(text, line=text), gaps=(Gap(text),), sample=pods_of(text))
    lines = digest.text.splitlines()
    assert digest.text.isascii()
    assert sum(line.startswith("=== DATA ") for line in lines) == 2
    begin, end = (lines.index(line) for line in lines if line.startswith("=== DATA "))
    assert all(line.startswith("{") for line in lines[begin + 1 : end])
    assert end == len(lines) - 1


def test_no_secret_leaves(digest_of: Digests) -> None:
    text = f"login password={SECRET} failed"
    digest = digest_of(rate(text, line=text), gaps=(Gap(text),), sample=pods_of(text))
    assert SECRET not in digest.text
    assert "hunter2" not in digest.text


def test_the_users_own_words_are_not_in_it(digest_of: Digests) -> None:
    assert "colour" not in digest_of(rate("ERROR x")).text
