import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from canary_agent.collect import CollectError, CollectLimits, FolderSource, Sample, Side
from canary_verdict import CanaryRequest

MakeRequest = Callable[..., CanaryRequest]
WriteLog = Callable[[Path, str], None]


def text(side: Side) -> list[tuple[str, str, bool, bytes]]:
    return [(log.pod, log.container, log.previous, b"".join(log.read())) for log in side.logs]


def collected(folder: Path, request: CanaryRequest, limits: CollectLimits | None = None) -> Sample:
    source = FolderSource(folder, limits) if limits else FolderSource(folder)
    return source.collect(request, lambda: False)


def test_reads_pods_and_containers_of_both_sides(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s1/app.log", "one\n")
    write_log(tmp_path / "canary/c1/app.log", "two\n")
    write_log(tmp_path / "canary/c1/app.previous.log", "three\n")
    write_log(tmp_path / "canary/c1/notes.txt", "not a log\n")
    sample = collected(tmp_path, make_request())
    assert text(sample.stable) == [("s1", "app", False, b"one\n")]
    assert text(sample.canary) == [("c1", "app", False, b"two\n"), ("c1", "app", True, b"three\n")]
    assert sample.gaps == ()


def test_a_pod_that_never_ran_is_on_the_side_of_its_empty_folder(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s1/app.log", "one\n")
    (tmp_path / "canary/c1").mkdir(parents=True)
    waiting = {"waiting": {"reason": "ImagePullBackOff"}}
    pod = {
        "metadata": {"name": "c1"},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "app", "state": waiting}]},
    }
    (tmp_path / "kubernetes.json").write_text(json.dumps({"pods": [pod]}))
    sample = collected(tmp_path, make_request())
    assert [one.name for one in sample.canary.pods] == ["c1"]
    assert sample.stable.pods == ()


def test_a_folder_for_each_rollout_comes_before_the_folder_itself(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/root/app.log", "root")
    write_log(tmp_path / "default/shop/stable/own/app.log", "own")
    own = collected(tmp_path, make_request())
    other = collected(tmp_path, make_request(rollout="cart"))
    assert [log.pod for log in own.stable.logs] == ["own"]
    assert [log.pod for log in other.stable.logs] == ["root"]


@pytest.mark.parametrize("name", ["..", "../other", "a/b", ".", "UPPER", "x" * 254])
def test_names_from_the_network_cannot_leave_the_folder(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog, name: str
) -> None:
    write_log(tmp_path / "other/stable/secret/app.log", "secret")
    (tmp_path / "mine").mkdir()
    request = make_request(namespace=name, rollout="other")
    assert collected(tmp_path / "mine", request).stable.logs == ()


def test_the_newest_lines_are_kept_within_the_limit(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    lines = "".join(f"line {number:07}\n" for number in range(200_000))
    write_log(tmp_path / "canary/c/app.log", lines)
    (log,) = collected(tmp_path, make_request(), CollectLimits(container_bytes=1 << 20)).canary.logs
    kept = b"".join(log.read())
    assert log.truncated
    assert len(kept) <= 1 << 20
    assert kept.startswith(b"line ")
    assert kept.endswith(b"line 0199999\n")


def test_a_single_line_beyond_the_limit_leaves_nothing(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "canary/c/app.log", "x" * (3 << 20))
    (log,) = collected(tmp_path, make_request(), CollectLimits(container_bytes=1 << 20)).canary.logs
    assert b"".join(log.read()) == b""


def test_more_pods_than_the_limit_are_named(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    for number in range(5):
        write_log(tmp_path / f"stable/s{number}/app.log", "x\n")
    sample = collected(tmp_path, make_request(), CollectLimits(pods=2))
    assert [log.pod for log in sample.stable.logs] == ["s0", "s1"]
    assert any("stable: more pods" in gap.text and gap.blocking for gap in sample.gaps)


@pytest.mark.parametrize("content", ["{", "[]", '{"pods": 3}', "\x00", "[" * 100_000])
def test_an_unreadable_kubernetes_json_is_a_blocking_gap(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog, content: str
) -> None:
    write_log(tmp_path / "kubernetes.json", content)
    (gap,) = collected(tmp_path, make_request()).gaps
    assert gap.blocking
    assert "kubernetes.json could not be read" in gap.text


def test_a_large_kubernetes_json_is_a_gap(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "kubernetes.json", '{"pods": []}')
    (gap,) = collected(tmp_path, make_request(), CollectLimits(kubernetes_bytes=5)).gaps
    assert "larger than 5 bytes" in gap.text


def test_a_pod_that_ran_and_has_no_log_is_a_gap(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(
        tmp_path / "kubernetes.json",
        '{"pods": [{"metadata": {"name": "c", "labels": {"role": "canary"}}, "status":'
        ' {"containerStatuses": [{"name": "app", "state": {"running": {}}}]}}],'
        ' "events": [{"involvedObject": {"kind": "Pod", "name": "c"}, "reason": "Unhealthy"},'
        ' {"involvedObject": {"kind": "Pod", "name": "zzz"}, "reason": "Unhealthy"}]}',
    )
    sample = collected(tmp_path, make_request(rollout=""))
    assert [gap.text for gap in sample.gaps] == ["canary: no log of pod c, which has run"]
    assert [event.pod for event in sample.canary.events] == ["c"]


def test_a_fifo_is_no_log(tmp_path: Path, make_request: MakeRequest, write_log: WriteLog) -> None:
    write_log(tmp_path / "canary/c/app.log", "x\n")
    os.mkfifo(tmp_path / "canary/c/trap.log")
    assert len(collected(tmp_path, make_request()).canary.logs) == 1


def test_sides_and_pods_that_are_files_are_not_read(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable", "a file")
    write_log(tmp_path / "canary/pod", "a file")
    sample = collected(tmp_path, make_request())
    assert sample.canary.logs == ()
    assert any("stable: the folder could not be listed" in gap.text for gap in sample.gaps)


def test_no_folder_at_all_is_an_error(tmp_path: Path, make_request: MakeRequest) -> None:
    with pytest.raises(CollectError, match="is no folder; expected one with stable/"):
        collected(tmp_path / "missing", make_request())


def test_stops_listing_when_cancelled(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "canary/c/app.log", "x\n")
    sample = FolderSource(tmp_path).collect(make_request(), lambda: True)
    assert sample.canary.logs == ()
