import json
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.collect import FolderSource, PodStatus, Side
from canary_agent.collect._kubernetes import read_event, read_pod
from canary_verdict import CanaryRequest

MakeRequest = Callable[..., CanaryRequest]


def pod(name: str, role: str = "", owner: str = "", pod_hash: str = "") -> dict[str, object]:
    labels = {"role": role} if role else {}
    if pod_hash:
        labels["rollouts-pod-template-hash"] = pod_hash
    references = [{"kind": "ReplicaSet", "name": owner}] if owner else []
    return {"metadata": {"name": name, "labels": labels, "ownerReferences": references}}


def names(side: Side) -> list[str]:
    return [one.name for one in side.pods]


def collect(
    folder: Path, request: CanaryRequest, pods: list[dict[str, object]]
) -> tuple[Side, Side, str]:
    (folder / "kubernetes.json").write_text(json.dumps({"pods": pods}))
    sample = FolderSource(folder).collect(request, lambda: False)
    return sample.stable, sample.canary, " ".join(gap.text for gap in sample.gaps)


def test_selectors_sort_pods_where_nothing_else_is_known(
    tmp_path: Path, make_request: MakeRequest
) -> None:
    stable, canary, gaps = collect(
        tmp_path,
        make_request(rollout=""),
        [pod("s", "stable"), pod("c", "canary"), pod("other"), pod("x", "none")],
    )
    assert (names(stable), names(canary), gaps) == (["s"], ["c"], "")


def test_the_canarys_hash_says_more_than_its_labels(
    tmp_path: Path, make_request: MakeRequest
) -> None:
    stable, canary, _ = collect(
        tmp_path,
        make_request(pod_hash="new"),
        [
            pod("s", "stable", "shop-old", "old"),
            pod("mislabelled", "stable", "shop-new", "new"),
            pod("unlabelled", "", "shop-new", "new"),
        ],
    )
    assert (names(stable), names(canary)) == (["s"], ["mislabelled", "unlabelled"])


def test_pods_of_another_rollout_are_left_out_and_named(
    tmp_path: Path, make_request: MakeRequest
) -> None:
    stable, canary, gaps = collect(
        tmp_path,
        make_request(pod_hash="new"),
        [
            pod("ours", "canary", "shop-new", "new"),
            pod("theirs", "canary", "cart-77", "77"),
            pod("unrelated", "db", "db-1", "1"),
        ],
    )
    assert (names(stable), names(canary)) == ([], ["ours"])
    assert "pod theirs was left out: its ReplicaSet cart-77 is not one of Rollout shop" in gaps
    assert "unrelated" not in gaps


def test_a_pod_that_both_selectors_match_is_nobodys(
    tmp_path: Path, make_request: MakeRequest
) -> None:
    request = make_request(rollout="", stable="role", canary="role=canary")
    stable, canary, gaps = collect(tmp_path, request, [pod("c", "canary")])
    assert (names(stable), names(canary)) == ([], [])
    assert "both selectors match it" in gaps


def test_hashed_pods_that_nobody_selects_are_nobodys(
    tmp_path: Path, make_request: MakeRequest
) -> None:
    stable, canary, gaps = collect(
        tmp_path, make_request(rollout="", pod_hash="new"), [pod("x", "db", pod_hash="zzz")]
    )
    assert (names(stable), names(canary), gaps) == ([], [], "")


def test_reads_states_restarts_and_ends() -> None:
    read = read_pod(
        {
            "metadata": {"name": "p", "deletionTimestamp": "2026-01-31T12:00:00Z"},
            "status": {
                "phase": "Running",
                "startTime": "2026-01-31T12:00:00Z",
                "conditions": [{"type": "Ready", "status": "True"}],
                "initContainerStatuses": [
                    {
                        "name": "wait",
                        "restartCount": 1,
                        "state": {"terminated": {"exitCode": 0, "reason": "Completed"}},
                        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
                    }
                ],
                "containerStatuses": [
                    {
                        "name": "app",
                        "restartCount": 3,
                        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
                    }
                ],
            },
        }
    )
    assert read is not None
    wait, app = read.containers
    assert read.ready
    assert read.deleting
    assert read.started_at is not None
    # An init container that waited for something has done its work by ending well.
    assert (wait.restarts, [end.exit_code for end in wait.terminations]) == (0, [0])
    assert (app.waiting, app.restarts, app.ran) == ("CrashLoopBackOff", 3, True)
    assert [(end.reason, end.exit_code) for end in app.terminations] == [("OOMKilled", 137)]


def test_reads_events_of_both_apis() -> None:
    core = read_event(
        {
            "involvedObject": {"kind": "Pod", "name": "p"},
            "reason": "Unhealthy",
            "message": "m",
            "count": 7,
        }
    )
    new = read_event(
        {
            "regarding": {"kind": "Pod", "name": "p"},
            "reason": "Unhealthy",
            "note": "n",
            "series": {"count": 4},
        }
    )
    assert core is not None
    assert new is not None
    assert (core.count, core.message, new.count, new.message) == (7, "m", 4, "n")
    assert read_event({"involvedObject": {"kind": "Node", "name": "n"}}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "metadata",
                    "name",
                    "labels",
                    "status",
                    "containerStatuses",
                    "state",
                    "lastState",
                    "terminated",
                    "exitCode",
                    "waiting",
                    "reason",
                    "restartCount",
                    "involvedObject",
                    "kind",
                    "count",
                    "startTime",
                    "conditions",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
@settings(deadline=None, max_examples=60)
def test_any_json_is_read_or_passed_over(value: object) -> None:
    assert isinstance(read_pod(value), PodStatus | None)
    read_event(value)
