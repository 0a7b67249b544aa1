"""Which pods are read, and what of them."""

from collections.abc import Callable

import pytest
from kubernetes_api import KubernetesApi
from kubernetes_objects import Json, container, event, pod, terminated

from canary_agent.collect import CollectError, Sample, Side
from canary_agent.collect.kubernetes import KubernetesLimits

Collected = Callable[..., Sample]


def canary(name: str, **more: object) -> Json:
    return pod(name, pod_hash="7c9b", role="canary", **more)  # type: ignore[arg-type]


def names(side: Side) -> list[str]:
    return [one.name for one in side.pods]


def gaps(sample: Sample) -> list[str]:
    return [gap.text for gap in sample.gaps]


def test_two_rollouts_with_the_same_labels_never_mix(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [
        pod("shop-5d8f-a"),
        canary("shop-7c9b-a"),
        pod("cart-5d8f-a", rollout="cart"),
        canary("cart-7c9b-a", rollout="cart"),
        # Its name begins as ours does, and its hash is ours.
        canary("shop-eu-7c9b-a", rollout="shop-eu"),
    ]
    sample = collected()
    assert names(sample.stable) == ["shop-5d8f-a"]
    assert names(sample.canary) == ["shop-7c9b-a"]
    assert {log.pod for log in sample.canary.logs} == {"shop-7c9b-a"}
    assert gaps(sample) == [
        "pod cart-5d8f-a was left out: its ReplicaSet cart-5d8f is not one of Rollout shop",
        "pod cart-7c9b-a was left out: its ReplicaSet cart-7c9b is not one of Rollout shop",
        "pod shop-eu-7c9b-a was left out: its ReplicaSet shop-eu-7c9b is not one of Rollout shop",
    ]
    assert not any(gap.blocking for gap in sample.gaps)
    assert not [one for one in api.calls("/log") if "cart" in one.path or "eu" in one.path]


def test_the_hash_says_more_than_the_role(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [
        pod("s", pod_hash="5d8f", role="canary"),
        pod("old", pod_hash="44aa", role="canary"),
        pod("c", pod_hash="7c9b", role="stable"),
    ]
    sample = collected()
    assert names(sample.stable) == ["old", "s"]
    assert names(sample.canary) == ["c"]


def test_pods_of_nobody_and_of_deployments_are_left_out(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [
        canary("bare", ownerReferences=[]),
        canary("deployed", labels={"role": "canary", "pod-template-hash": "7c9b"}),
        canary("odd", labels={"role": "canary", "rollouts-pod-template-hash": "eu-7c9b"}),
    ]
    sample = collected()
    assert sample.canary.pods == ()
    assert gaps(sample) == [
        "pod bare was left out: no ReplicaSet owns it",
        "pod deployed was left out: it has no label rollouts-pod-template-hash of a Rollout's making",
        "pod odd was left out: it has no label rollouts-pod-template-hash of a Rollout's making",
    ]


def test_without_a_rollout_the_selectors_decide_and_coverage_says_so(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary("c"), pod("s"), canary("bare", ownerReferences=[])]
    sample = collected(rollout="", pod_hash="5d8f")
    assert names(sample.canary) == ["bare", "c"]
    assert names(sample.stable) == ["s"]
    assert gaps(sample) == [
        "the run belongs to no Rollout, so its label selectors alone say which pods are meant"
    ]


def test_without_a_hash_a_pod_of_both_selectors_is_left_out(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod("s"), canary("c")]
    sample = collected(pod_hash="", stable="app=shop")
    assert names(sample.stable) == ["s"]
    assert gaps(sample) == ["pod c was left out: both selectors match it"]
    assert len(api.calls("/pods")) >= 2


def test_only_the_first_pods_left_out_are_named(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [pod(f"cart-{number:02}", rollout="cart") for number in range(25)]
    assert len(gaps(collected())) == 21
    assert gaps(collected())[-1] == "5 more pods were left out"


def test_lists_are_read_page_by_page(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [pod(f"shop-5d8f-{number:03}") for number in range(600)]
    sample = collected(KubernetesLimits(pods=2), stable="role in (stable, other),app")
    assert len(sample.stable.pods) == 600
    lists = [one for one in api.asked if one.path.endswith("/pods")]
    assert [one.query.get("continue") for one in lists] == [None, "250", "500", None]


def test_a_list_that_expires_goes_on(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [pod(f"shop-5d8f-{number:03}") for number in range(300)]
    api.refuse(
        "continue=250",
        410,
        "",
        times=1,
        body=b'{"kind": "Status", "message": "too old", "metadata": {"continue": "200"}}',
    )
    assert len(collected(KubernetesLimits(pods=2)).stable.pods) == 300


def test_more_pods_than_the_limit_are_sampled_the_same_way_each_time(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod(f"s{number}") for number in range(9)]
    api.pods += [canary(f"c{number}") for number in range(5)]
    limits = KubernetesLimits(pods=4)
    first, second = collected(limits), collected(limits)
    read = {log.pod for log in first.stable.logs}
    assert len(read) == 4
    assert read == {log.pod for log in second.stable.logs}
    assert len(first.stable.pods) == 9
    blocking = {gap.text[:6]: gap.blocking for gap in first.gaps if "is the limit" in gap.text}
    assert blocking == {"stable": False, "canary": True}


def test_pods_beyond_the_list_limit_and_logs_beyond_theirs_are_named(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [
        canary(f"c{number}", containers=[container(), container("b")]) for number in range(5)
    ]
    sample = collected(KubernetesLimits(listed_pods=3, logs=4))
    assert len(sample.canary.pods) == 3
    assert len(sample.canary.logs) == 4
    assert any("more than 3 pods match role=canary" in text for text in gaps(sample))
    assert "canary: of 6 logs 4 were read, which is the limit" in gaps(sample)


def test_init_and_sidecar_containers_are_read_and_labelled(
    api: KubernetesApi, collected: Collected
) -> None:
    init = [
        container("migrate", state=terminated(0, "Completed"), restarts=1, last=terminated(1)),
        container("proxy", sidecar=True, restarts=2, last=terminated(137, "OOMKilled")),
    ]
    api.pods = [canary("c", init=init)]
    for name in ("migrate", "proxy", "app"):
        api.log("c", name, f"{name} now")
        api.log("c", name, f"{name} before", previous=True)
    sample = collected()
    read = {(log.container, log.previous): b"".join(log.read()) for log in sample.canary.logs}
    assert read == {
        ("migrate (init)", False): b"migrate now\n",
        ("migrate (init)", True): b"migrate before\n",
        ("proxy (sidecar)", False): b"proxy now\n",
        ("proxy (sidecar)", True): b"proxy before\n",
        ("app", False): b"app now\n",
    }
    states = {one.name: one for one in sample.canary.pods[0].containers}
    # An init container may fail while it waits for something; a sidecar must not.
    assert states["migrate"].restarts == 0
    assert states["proxy"].restarts == 2
    assert [end.reason for end in states["proxy"].terminations] == ["OOMKilled"]


def test_events_are_those_of_the_pods_since_the_window_began(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod("s"), canary("c")]
    later, before = "2026-01-31T12:01:00Z", "2026-01-31T11:00:00Z"
    api.events = [
        event("c", "Unhealthy", "Readiness probe failed", 4),
        event("s", "Old", "before", lastTimestamp=before),
        event("s", "Series", "goes on", lastTimestamp=None, series={"lastObservedTime": later}),
        event("s", "Bad", "no time", lastTimestamp="soon"),
        event(
            "c", "Other", "its predecessor", involvedObject={"kind": "Pod", "name": "c", "uid": "x"}
        ),
        event("z", "Else", "of nobody here"),
        event("n", "Node", "a node", involvedObject={"kind": "Node", "name": "c"}),
    ]
    sample = collected()
    assert [(one.reason, one.count) for one in sample.canary.events] == [("Unhealthy", 4)]
    assert [one.reason for one in sample.stable.events] == ["Bad", "Series"]
    assert api.calls("/events")[0].query["fieldSelector"] == "involvedObject.kind=Pod"


def test_too_many_events_leave_none(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary("c")]
    api.events = [event("c", "Unhealthy", "failed") for _ in range(3)]
    sample = collected(KubernetesLimits(events=2))
    assert sample.canary.events == ()
    assert gaps(sample) == ["events: namespace prod has more than 2; none was read"]


def test_pods_of_strange_shape_are_passed_over(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [
        {"metadata": {"name": "../../x", "namespace": "prod", "labels": {"role": "canary"}}},
        {"metadata": {"namespace": "prod", "labels": {"role": "canary"}}},
        canary("c", containers=[container("a/b"), container()]),
    ]
    sample = collected()
    assert names(sample.canary) == ["c"]
    assert gaps(sample) == []
    assert [log.container for log in sample.canary.logs] == ["app"]


def test_no_pods_at_all_ask_for_nothing_more(api: KubernetesApi, collected: Collected) -> None:
    assert collected() == Sample(Side(), Side())
    assert {one.path.rpartition("/")[2] for one in api.asked} == {"pods"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"namespace": "../kube-system"}, "namespace: found"),
        ({"namespace": "a" * 64}, "namespace: found"),
        ({"namespace": "Prod"}, "namespace: found"),
        ({"rollout": "a/b"}, "rollout: found"),
        ({"stable": "role=a b"}, "label selector"),
        ({"stable": " "}, "stable.selector is empty"),
        ({"canary": "role=x&limit=1"}, "label selector"),
    ],
)
def test_what_tenants_write_is_looked_at_before_any_call(
    api: KubernetesApi, collected: Collected, fields: dict[str, str], words: str
) -> None:
    with pytest.raises(CollectError, match=words):
        collected(**fields)
    assert api.asked == []
