from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from canary_verdict import (
    MAX_ATTACHED_LOG,
    REQUEST_SCHEMA,
    SIDES,
    AttachedGap,
    AttachedLog,
    AttachedPod,
    Attachments,
    CanaryRequest,
    ContractError,
    Policy,
    Repository,
    Run,
    Selection,
    load_schema,
    parse_request,
)

DEADLINE = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

MINIMAL: dict[str, Any] = {
    "run": {"uid": "u-1", "namespace": "shop"},
    "stable": {"selector": "role=stable"},
    "canary": {"selector": "role=canary"},
    "deadline": "2026-01-31T12:00:00Z",
}

ATTACHED: dict[str, Any] = {"side": "canary", "pod": "p", "container": "c", "text": "up\n"}
POD: dict[str, Any] = {"side": "stable", "pod": "p"}
LONG = "x" * MAX_ATTACHED_LOG


def changed(path: str, value: object) -> dict[str, Any]:
    """MINIMAL with the field at the dotted `path` set."""
    document: dict[str, Any] = {
        key: dict(part) if isinstance(part, dict) else part for key, part in MINIMAL.items()
    }
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return document


def test_a_minimal_request_gets_the_defaults() -> None:
    request = parse_request(MINIMAL)
    assert request.run == Run("u-1", "", "shop", "")
    assert request.window == 600
    assert request.lease_seconds == 180
    assert request.deadline == DEADLINE
    assert request.policy == Policy()
    assert not request.dry_run
    assert not request.remediation_allowed


names = st.text(min_size=1, max_size=40)
sides = st.sampled_from(SIDES)
statuses = st.fixed_dictionaries({"phase": names}, optional={"conditions": st.lists(st.none())})
attachments = st.builds(
    Attachments,
    logs=st.lists(
        st.builds(
            AttachedLog,
            side=sides,
            pod=names,
            container=names,
            text=st.text(max_size=80),
            previous=st.booleans(),
            truncated=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    pods=st.lists(
        st.builds(AttachedPod, side=sides, pod=names, status=statuses, deleting=st.booleans()),
        max_size=2,
    ).map(tuple),
    gaps=st.lists(st.builds(AttachedGap, text=names, blocking=st.booleans()), max_size=2).map(
        tuple
    ),
)
requests = st.builds(
    CanaryRequest,
    run=st.builds(Run, uid=names, name=names, namespace=names, metric=names),
    rollout=st.text(max_size=40),
    stable=st.builds(Selection, selector=names),
    canary=st.builds(Selection, selector=names, pod_template_hash=st.text(max_size=10)),
    window=st.integers(1, 86_400).map(float),
    deadline=st.datetimes(timezones=st.just(UTC)),
    lease_seconds=st.integers(0, 86_400),
    extra_prompt=st.text(max_size=100),
    repository=st.just(Repository()) | st.builds(Repository, url=names, base_branch=names),
    policy=st.builds(
        Policy,
        min_lines=st.none() | st.integers(0, 1000),
        min_duration=st.none() | st.integers(0, 86_400).map(float),
        sensitivity=st.sampled_from(["low", "normal", "high"]),
        accepted=st.lists(names, max_size=3).map(tuple),
        waive=st.lists(names, max_size=3).map(tuple),
    ),
    dry_run=st.booleans(),
    remediation_allowed=st.booleans(),
    attached=attachments,
)


@given(requests)
@settings(deadline=None)
def test_what_is_written_is_read_again_and_keeps_the_schema(request: CanaryRequest) -> None:
    document = request.to_json()
    assert parse_request(document) == request
    Draft202012Validator(load_schema(REQUEST_SCHEMA)).validate(document)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("run", "u-1", "run: found the string 'u-1', expected an object"),
        ("run.uid", "", "run.uid: found the string '', expected some text"),
        ("run.uid", 7, "run.uid: found the number 7, expected a string"),
        ("run.namespace", None, "run.namespace: found nothing, expected some text"),
        ("canary.selector", None, "canary.selector: found nothing, expected some text"),
        ("deadline", "tomorrow", "deadline: found the string 'tomorrow', expected a time"),
        ("deadline", "2026-01-31T12:00:00", "with its zone"),
        ("window", "10", "window: found the string '10', expected a duration"),
        ("window", "25h", "expected at most 24h"),
        ("leaseSeconds", 1.5, "leaseSeconds: found the number 1.5, expected a whole number"),
        ("leaseSeconds", True, "leaseSeconds: found true, expected a number from 0 to 86400"),
        ("leaseSeconds", float("nan"), "leaseSeconds: found the number nan"),
        ("extraPrompt", "x" * 8193, "extraPrompt: found 8193 characters"),
        ("policy.sensitivity", "extreme", "expected low, normal or high"),
        ("policy.accepted", "x", "policy.accepted: found the string 'x', expected a list"),
        ("policy.accepted", [1], "policy.accepted[0]: found the number 1, expected a string"),
        ("policy.accepted", ["x"] * 101, "policy.accepted: found 101 items, expected at most 100"),
        ("attachedLogs", [ATTACHED] * 201, "attachedLogs: found more than 200 items"),
        ("attachedLogs", [ATTACHED | {"text": LONG}] * 5, "found 1310720 characters of text"),
        ("attachedLogs", [ATTACHED | {"text": LONG + "x"}], "attachedLogs[0].text: found 262145"),
        ("attachedLogs", [ATTACHED | {"side": "both"}], "[0].side: found the string 'both'"),
        ("attachedLogs", [ATTACHED | {"pod": ""}], "attachedLogs[0].pod: found the string ''"),
        ("attachedLogs", ["text"], "attachedLogs[0]: found the string 'text', expected an object"),
        ("attachedPods", [POD | {"status": []}], "attachedPods[0].status: found a list"),
        ("attachedPods", [POD | {"status": {"x": LONG}}], "at most 32768 characters of JSON"),
        ("attachedPods", [POD] * 201, "attachedPods: found more than 200 items"),
        ("attachedGaps", [{"text": "x" * 401}], "attachedGaps[0].text: found 401 characters"),
        ("attachedGaps", [{"text": "x"}] * 101, "attachedGaps: found more than 100 items"),
        ("dryRun", "yes", "dryRun: found the string 'yes', expected true or false"),
        ("schemaVersion", "2", "schemaVersion: found the string '2'"),
    ],
)
def test_a_bad_field_is_named_with_what_was_found_and_expected(
    path: str, value: object, said: str
) -> None:
    with pytest.raises(ContractError) as caught:
        parse_request(changed(path, value))
    assert said in str(caught.value)
    assert caught.value.path.startswith(path.split(".", maxsplit=1)[0])


@pytest.mark.parametrize("value", [None, [], "text", 3, {1: 2}])
def test_what_is_no_object_is_no_request(value: object) -> None:
    with pytest.raises(ContractError, match="expected an object"):
        parse_request(value)


def test_fields_of_a_newer_peer_are_passed_over() -> None:
    assert parse_request(changed("run.colour", "blue") | {"new": [1]}) == parse_request(MINIMAL)


def test_numbers_that_became_doubles_are_whole_again() -> None:
    request = parse_request(changed("leaseSeconds", 90.0))
    assert request.lease_seconds == 90
    assert isinstance(request.lease_seconds, int)


def test_a_long_foreign_value_is_shortened_in_the_error() -> None:
    with pytest.raises(ContractError) as caught:
        parse_request(changed("window", "9" * 39))
    assert len(str(caught.value)) < 200


def test_a_status_nested_without_end_is_refused() -> None:
    status: dict[str, Any] = {}
    for _ in range(20_000):
        status = {"x": status}
    with pytest.raises(ContractError, match="a longer status"):
        parse_request(changed("attachedPods", [POD | {"status": status}]))


def test_attached_logs_without_flags_are_whole_and_of_now() -> None:
    request = parse_request(changed("attachedLogs", [ATTACHED]))
    assert request.attached.logs == (AttachedLog("canary", "p", "c", "up\n"),)
    assert "attachedPods" not in request.to_json()
