"""Whose pods they are, and how logs are cut to size."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubernetes_objects import pod

from canary_verdict import AttachedLog, CanaryRequest
from rollouts_plugin_metric_ai._shorten import shortened
from rollouts_plugin_metric_ai.kube import Pod, read_pod
from rollouts_plugin_metric_ai.kube._sides import Sides, sides_of

Make = Callable[..., CanaryRequest]


def parsed(*pods: dict[str, Any]) -> list[Pod]:
    found = [read_pod(one) for one in pods]
    return [one for one in found if one]


def names(sides: Sides) -> tuple[list[str], list[str]]:
    return [one.name for one in sides.stable], [one.name for one in sides.canary]


OURS = parsed(pod("old", pod_hash="5d8f"), pod("older", pod_hash="41aa"))
NEW = parsed(pod("new", pod_hash="7c9b", role="canary"))


def test_the_hash_says_more_than_any_label(request_for: Make) -> None:
    mislabelled = parsed(pod("late", pod_hash="7c9b"), pod("back", pod_hash="5d8f", role="canary"))
    sides = sides_of([*OURS, mislabelled[0]], [*NEW, mislabelled[1]], request_for())
    assert names(sides) == (["back", "old", "older"], ["late", "new"])
    assert not sides.left_out


@pytest.mark.parametrize(
    ("stranger", "why"),
    [
        (pod("x", rollout="other"), "its ReplicaSet other-5d8f is not one of Rollout shop"),
        (pod("x", rollout="shop-api"), "its ReplicaSet shop-api-5d8f is not one of Rollout shop"),
        (
            pod("x", pod_hash="api-5d8f"),
            "no label rollouts-pod-template-hash of a Rollout's making",
        ),
        (pod("x", ownerReferences=[]), "no ReplicaSet owns it"),
    ],
)
def test_pods_of_others_are_left_out_and_named(
    request_for: Make, stranger: dict[str, Any], why: str
) -> None:
    sides = sides_of([*OURS, *parsed(stranger)], NEW, request_for())
    assert names(sides) == (["old", "older"], ["new"])
    assert why in sides.left_out[0]


@pytest.mark.parametrize(("rollout", "pod_hash"), [("shop", ""), ("", ""), ("", "7c9b")])
def test_without_rollout_or_hash_the_selectors_decide(
    request_for: Make, rollout: str, pod_hash: str
) -> None:
    both = parsed(pod("both"))
    sides = sides_of([*OURS, *both], [*NEW, *both], request_for(rollout=rollout, pod_hash=pod_hash))
    assert names(sides) == (["old", "older"], ["new"])
    assert sides.left_out == ["pod both was left out: both selectors match it"]


def test_of_many_strangers_some_are_named_and_all_counted(request_for: Make) -> None:
    strangers = parsed(*(pod(f"x-{number}", rollout="other") for number in range(50)))
    left_out = sides_of(strangers, [], request_for()).left_out
    assert len(left_out) == 21
    assert left_out[-1] == "30 more pods were left out"


def log(text: str) -> AttachedLog:
    return AttachedLog("canary", "p", "c", text)


def test_small_logs_stay_whole_and_large_ones_share() -> None:
    small, one, other = shortened([log("ab\n"), log("x\n" * 500), log("é\n" * 500)], 303, 1000)
    assert small == log("ab\n")
    assert len(one.text.encode()) == 150
    assert len(other.text.encode()) == 150
    assert one.truncated
    assert one.text == "x\n" * 75


@given(
    st.lists(st.text(alphabet="aé\n", max_size=60).map(log), max_size=8),
    st.integers(0, 200),
    st.integers(0, 100),
)
@settings(deadline=None)
def test_no_log_and_no_sum_goes_beyond_its_bound(
    logs: list[AttachedLog], total: int, each: int
) -> None:
    cut = shortened(logs, total, each)
    sizes = [len(one.text.encode()) for one in cut]
    assert sum(sizes) <= total
    assert max(sizes, default=0) <= each
    for before, after in zip(logs, cut, strict=True):
        assert before.text.endswith(after.text)
        assert after.truncated == (after.text != before.text)
