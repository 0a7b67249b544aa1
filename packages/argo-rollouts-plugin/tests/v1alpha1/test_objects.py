"""The typed objects: what Go wrote, round trips, other shapes, and what stays out of sight."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_rollouts_plugin import rpc
from argo_rollouts_plugin.v1alpha1 import (
    AnalysisPhase,
    AnalysisRun,
    AnalysisRunSpec,
    AnalysisRunStatus,
    Argument,
    DryRun,
    GoStruct,
    Measurement,
    Metric,
    MetricProvider,
    MetricResult,
    ObjectMeta,
    OwnerReference,
    SchemaError,
    TTLStrategy,
)
from goplugin.wire import gob

MANIFEST: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AnalysisRun",
    "metadata": {
        "name": "shop-1",
        "namespace": "prod",
        "uid": "u-1",
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "labels": {"rollouts-pod-template-hash": "7d9"},
        "ownerReferences": [
            {"kind": "Other", "name": "x"},
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "name": "shop",
                "controller": True,
            },
        ],
        "finalizers": ["a"],
    },
    "spec": {
        "metrics": [
            {
                "name": "m",
                "count": 3,
                "failureLimit": "2",
                "provider": {"plugin": {"a/b": {"token": "hunter2"}}},
            }
        ],
        "args": [{"name": "token", "value": "hunter2"}],
        "dryRun": [{"metricName": "m.*"}],
        "ttlStrategy": {"secondsAfterCompletion": 60},
    },
    "status": {
        "phase": "Running",
        "startedAt": None,
        "metricResults": [
            {"name": "m", "phase": "Running", "count": 2, "measurements": [{"phase": "Successful"}]}
        ],
    },
}


def through_gob(struct: GoStruct) -> object:
    decoder = gob.Decoder()
    decoder.receive_data(gob.Encoder().encode(struct.gob_type(), struct.to_gob()))
    return decoder.next_value()


def values(data: bytes) -> list[Any]:
    decoder = gob.Decoder()
    decoder.receive_data(data)
    found = []
    while (value := decoder.next_value()) is not gob.NEED_DATA:
        found.append(value)
    return found


def test_the_requests_of_argo_are_read(recorded_streams: dict[str, bytes]) -> None:
    sent = values(recorded_streams["requests"])[1::2]
    run = rpc.read_args(rpc.RunArgs, sent[2])
    analysis_run, metric = run.analysis_run, run.metric
    assert analysis_run is not None
    assert analysis_run.metadata.uid == "6f1c8a52-6a0e-4a4b-9d6e-0f3a52b1c001"
    assert analysis_run.metadata.creation_timestamp == datetime(2024, 5, 17, 8, 30, 15, tzinfo=UTC)
    assert analysis_run.metadata.labels["rollouts-pod-template-hash"] == "7d9c5b8f66"
    owner = analysis_run.metadata.controller
    assert owner is not None
    assert (owner.kind, owner.name) == ("Rollout", "shop")
    assert metric.count == 3
    assert metric.failure_limit == 0
    assert metric.consecutive_error_limit is None
    stanza = json.loads(metric.provider.plugin["argoproj-labs/metric-ai"])
    assert stanza["stableLabel"] == "app=shop,role=stable"
    assert analysis_run.spec.metrics[0] == metric
    assert analysis_run.spec.metrics[1].count == "10"
    result = analysis_run.metric_result("canary-analysis")
    assert result is not None
    assert result.count == 2
    assert result.measurements[3].phase is AnalysisPhase.RUNNING
    assert result.measurements[3].resume_at == datetime(2024, 5, 17, 8, 33, 27, tzinfo=UTC)
    assert analysis_run.spec.ttl_strategy == TTLStrategy(seconds_after_completion=3600)


def test_what_is_not_declared_is_kept(recorded_streams: dict[str, bytes]) -> None:
    sent = values(recorded_streams["requests"])[1::2]
    analysis_run = rpc.read_args(rpc.RunArgs, sent[2]).analysis_run
    assert analysis_run is not None
    prometheus: Any = analysis_run.spec.metrics[1].provider.extra["Prometheus"]
    assert prometheus["Address"] == "http://prometheus:9090"
    managed: Any = analysis_run.metadata.extra["ManagedFields"]
    assert managed[0]["Manager"] == "rollouts-controller"
    # Its type is known, so it is written again; those of other providers are not.
    again = AnalysisRun.from_gob(through_gob(analysis_run))
    assert again.metadata == analysis_run.metadata
    assert again.spec.metrics[0] == analysis_run.spec.metrics[0]
    assert again.spec.metrics[1].provider.extra == {}


def test_the_other_arguments_and_the_replies_of_argo_are_read(
    recorded_streams: dict[str, bytes],
) -> None:
    sent = values(recorded_streams["requests"])[1::2]
    resume = rpc.read_args(rpc.TerminateAndResumeArgs, sent[3])
    assert resume.analysis_run == AnalysisRun()
    assert resume.measurement.metadata["taskId"] == "task-1"
    collect = rpc.read_args(rpc.GarbageCollectArgs, sent[4])
    assert collect.limit == 10
    assert rpc.read_args(rpc.GetMetadataArgs, sent[5]).metric == collect.metric == resume.metric
    replies = values(recorded_streams["replies"])[1::2]
    assert Measurement.from_gob(replies[2]) == resume.measurement
    assert rpc.RpcError.from_gob(replies[4]).error_string == "no such run"


def test_a_manifest_and_its_gob_form_are_the_same() -> None:
    analysis_run = AnalysisRun.from_json(MANIFEST)
    assert analysis_run.type_meta.kind == "AnalysisRun"
    assert analysis_run.metadata.finalizers == ("a",)
    assert analysis_run.spec.metrics[0].failure_limit == "2"
    assert analysis_run.spec.metrics[0].count == 3
    assert AnalysisRun.from_gob(through_gob(analysis_run)) == analysis_run


MICROSECONDS = 7_000_000_000_000_000
moments = st.none() | st.integers(1, MICROSECONDS).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
phases = st.sampled_from(AnalysisPhase) | texts.map(AnalysisPhase)
measurements = st.builds(
    Measurement,
    extra=st.just({}),
    phase=phases,
    message=texts,
    started_at=moments,
    finished_at=moments,
    value=texts,
    metadata=st.dictionaries(texts, texts, max_size=3),
    resume_at=moments,
)


@settings(deadline=None)
@given(measurements)
def test_measurements_come_back_as_they_were(measurement: Measurement) -> None:
    assert Measurement.from_gob(through_gob(measurement)) == measurement


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (5, "AnalysisRun: expected a struct, found int"),
        ({"ObjectMeta": 5}, r"AnalysisRun.ObjectMeta: ObjectMeta: expected a struct, found int"),
        ({"ObjectMeta": {"UID": 5}}, "ObjectMeta.UID: expected str, found int"),
        ({"ObjectMeta": {"Generation": True}}, "ObjectMeta.Generation: expected int, found bool"),
        ({"ObjectMeta": {"Labels": []}}, "ObjectMeta.Labels: expected a map, found list"),
        ({"ObjectMeta": {"Labels": {"a": 1}}}, "ObjectMeta.Labels: expected str, found int"),
        ({"ObjectMeta": {"CreationTimestamp": b"\x09"}}, "CreationTimestamp: time in binary form"),
        ({"Spec": {"Metrics": {}}}, "AnalysisRunSpec.Metrics: expected a list, found dict"),
        ({"Status": {"Phase": 1}}, "AnalysisRunStatus.Phase: expected str, found int"),
    ],
)
def test_other_shapes_are_refused_by_name(sent: object, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        AnalysisRun.from_gob(sent)


def test_fields_of_a_newer_controller_are_kept() -> None:
    newer = gob.Struct(
        "RunArgs", {"Metric": gob.Struct("Metric", {"Name": gob.STRING, "New": gob.INT})}
    )
    decoder = gob.Decoder()
    sent = gob.Interface("RunArgs", {"Metric": {"Name": "m", "New": 5}}, newer)
    decoder.receive_data(gob.Encoder().encode(gob.INTERFACE, sent))
    metric = rpc.read_args(rpc.RunArgs, decoder.next_value()).metric
    assert (metric.name, metric.extra) == ("m", {"New": 5})


def test_elements_are_converted_when_they_are_looked_at() -> None:
    run = AnalysisRun.from_gob({"Spec": {"Metrics": [{"Name": "m"}, {"Count": 5}]}})
    metrics = run.spec.metrics
    assert len(metrics) == 2
    with pytest.raises(SchemaError, match=r"Metric\.Count: expected a struct, found int"):
        metrics[0]


def test_sequences_are_like_tuples() -> None:
    sent = {"Spec": {"DryRun": [{"MetricName": "a"}, {"MetricName": "b"}]}}
    rules = AnalysisRun.from_gob(sent).spec.dry_run
    expected = (DryRun(metric_name="a"), DryRun(metric_name="b"))
    assert rules == expected == tuple(rules)
    assert rules == AnalysisRun.from_gob(sent).spec.dry_run
    others: list[object] = [expected[:1], list(expected), None]
    assert rules not in others
    assert rules[1:] == expected[1:]
    assert (rules[0], rules[-1]) == expected
    assert repr(rules) == repr(expected)
    with pytest.raises(TypeError, match="unhashable"):
        hash(rules)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([], "AnalysisRun: expected a struct, found list"),
        (
            {"spec": {"metrics": [{"count": True}]}},
            "Metric.count: expected int or string, found bool",
        ),
        ({"metadata": {"creationTimestamp": "soon"}}, "ObjectMeta.creationTimestamp: Invalid"),
    ],
)
def test_other_manifests_are_refused_by_name(sent: object, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        AnalysisRun.from_json(sent)


def test_a_manifest_may_say_null() -> None:
    sent = {"spec": {"metrics": None, "ttlStrategy": None}, "metadata": {"labels": None}}
    assert AnalysisRun.from_json(sent) == AnalysisRun()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Measurement(value=1), "Measurement.Value: expected str, found int"),  # type: ignore[arg-type]
        (Measurement(metadata={"a": 1}), "Measurement.Metadata: expected str, found int"),  # type: ignore[dict-item]
        (Measurement(resume_at=datetime(2026, 1, 1)), "Measurement.ResumeAt: .* no time zone"),  # noqa: DTZ001
    ],
)
def test_wrong_attributes_are_refused_when_written(wrong: Measurement, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        wrong.to_gob()


@pytest.mark.parametrize("sent", [None, gob.Interface("GetMetadataArgs", {}), {"Metric": {}}])
def test_arguments_of_another_type_are_refused(sent: object) -> None:
    with pytest.raises(SchemaError, match="invalid args: expected RunArgs, found"):
        rpc.read_args(rpc.RunArgs, sent)


def test_a_phase_of_a_newer_controller_is_kept() -> None:
    phase = AnalysisPhase("Paused")
    assert (phase.value, phase.name, str(phase)) == ("Paused", "Paused", "Paused")
    assert phase == AnalysisPhase("Paused")
    assert not phase.known
    assert not phase.completed
    with pytest.raises(ValueError, match="is not a valid AnalysisPhase"):
        AnalysisPhase(5)  # type: ignore[arg-type]


def test_completed_phases() -> None:
    completed = {phase for phase in AnalysisPhase if phase.completed}
    assert completed == {"Successful", "Failed", "Error", "Inconclusive"}
    assert {phase for phase in AnalysisPhase if phase.known} == completed | {"Pending", "Running"}


@pytest.mark.parametrize(
    "struct",
    [
        AnalysisRun.from_json(MANIFEST),
        AnalysisRun.from_json(MANIFEST).spec,
        MetricProvider(plugin={"a/b": b"hunter2"}),
        Argument(name="token", value="hunter2"),
        ObjectMeta(annotations={"last-applied": "hunter2"}),
        ObjectMeta(extra={"New": "hunter2"}),
    ],
    ids=lambda struct: type(struct).__name__,
)
def test_repr_tells_no_secret(struct: GoStruct) -> None:
    assert "hunter2" not in repr(struct)


def test_the_controller_is_the_owner_that_says_so() -> None:
    owners = (OwnerReference(name="a"), OwnerReference(name="b", controller=False))
    assert ObjectMeta(owner_references=owners).controller is None


def test_a_metric_without_measurements_has_no_result() -> None:
    assert AnalysisRun.from_json(MANIFEST).metric_result("other") is None


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("latency", True),
        ("lat", True),
        (".*", True),
        ("^lat.*y$", True),
        ("error|latency", True),
        ("error", False),
        ("*", False),
        ("(a+)+$", False),
        (".*a.*t.*y", False),
    ],
)
def test_dry_run_rules(rule: str, matches: bool) -> None:  # noqa: FBT001 - a parameter of the test
    run = AnalysisRun(spec=AnalysisRunSpec(dry_run=(DryRun(metric_name=rule),)))
    assert run.is_dry_run("latency") is matches


def test_the_controllers_own_mark_counts_more_than_the_rules() -> None:
    status = AnalysisRunStatus(metric_results=(MetricResult(name="m", dry_run=False),))
    run = replace(AnalysisRun.from_json(MANIFEST), status=status)
    assert not run.is_dry_run("m")


def test_objects_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Metric(name="m").name = "n"  # type: ignore[misc]
