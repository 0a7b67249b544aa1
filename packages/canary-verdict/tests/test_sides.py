"""Whose pod it is, and which side it is on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict import SIDES, CanaryRequest, Origin, Run, Selection, side_of

HASH = "7c9b"


def request(rollout: str = "shop", pod_hash: str = HASH) -> CanaryRequest:
    return CanaryRequest(
        run=Run("uid", "run", "prod", "metric"),
        rollout=rollout,
        stable=Selection("role=stable"),
        canary=Selection("role=canary", pod_hash),
        window=600.0,
        deadline=datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
        lease_seconds=180,
    )


def pod(
    owner: str | None = "shop-7c9b",
    pod_hash: str = HASH,
    *,
    stable: bool = False,
    canary: bool = True,
) -> Origin:
    return Origin(owner, pod_hash, stable, canary)


@pytest.mark.parametrize("labels", [(True, False), (False, True), (True, True), (False, False)])
def test_the_hash_says_more_than_any_label(labels: tuple[bool, bool]) -> None:
    stable, canary = labels
    assert side_of(pod(stable=stable, canary=canary), request()) == ("canary", "")
    other = pod("shop-5d8f", "5d8f", stable=stable, canary=canary)
    assert side_of(other, request()) == ("stable", "")


@pytest.mark.parametrize(
    ("stranger", "why"),
    [
        (pod("other-7c9b"), "its ReplicaSet other-7c9b is not one of Rollout shop"),
        (pod("shop-api-7c9b"), "its ReplicaSet shop-api-7c9b is not one of Rollout shop"),
        (pod("shop-api-7c9b", "api-7c9b"), "it has no label rollouts-pod-template-hash"),
        (pod("shop-7c9b", ""), "it has no label rollouts-pod-template-hash"),
        (pod(""), "no ReplicaSet owns it"),
    ],
)
def test_pods_of_others_are_left_out(stranger: Origin, why: str) -> None:
    side, reason = side_of(stranger, request())
    assert side is None
    assert reason.startswith(why)
    unasked = Origin(stranger.owner, stranger.pod_hash, by_stable=False, by_canary=False)
    assert side_of(unasked, request()) == (None, "")


@pytest.mark.parametrize(("rollout", "pod_hash"), [("shop", ""), ("", ""), ("", HASH)])
def test_without_rollout_or_hash_the_selectors_decide(rollout: str, pod_hash: str) -> None:
    asked = request(rollout, pod_hash)
    assert side_of(pod(), asked) == ("canary", "")
    assert side_of(pod(stable=True, canary=False), asked) == ("stable", "")
    assert side_of(pod(stable=True), asked) == (None, "both selectors match it")
    assert side_of(pod(canary=False), asked) == (None, "")


def test_where_owners_are_not_known_labels_are_believed() -> None:
    assert side_of(pod(None), request()) == ("canary", "")
    assert side_of(pod(None, "5d8f"), request()) == ("stable", "")
    assert side_of(pod(None, ""), request()) == ("canary", "")
    assert side_of(pod(None, canary=False), request()) == (None, "")


@given(
    owner=st.none() | st.sampled_from(["", "shop-7c9b", "shop-5d8f", "shop-api-7c9b"]) | st.text(),
    pod_hash=st.sampled_from(["", HASH, "5d8f", "api-7c9b"]) | st.text(),
    stable=st.booleans(),
    canary=st.booleans(),
)
@settings(deadline=None)
def test_no_pod_has_both_a_side_and_a_reason(
    *, owner: str | None, pod_hash: str, stable: bool, canary: bool
) -> None:
    side, reason = side_of(Origin(owner, pod_hash, stable, canary), request())
    assert side in (*SIDES, None)
    assert side is None or not reason
    if side is not None and owner:
        assert owner == f"shop-{pod_hash}"
