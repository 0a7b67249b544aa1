"""The verdict in an answer: where it may stand, and what is none."""

import json
from typing import Any

import pytest

from canary_verdict import VERDICT_MEDIA_TYPE, Verdict
from rollouts_plugin_metric_ai.a2a_client import (
    Artifact,
    Message,
    Part,
    PartKind,
    Task,
    TaskState,
    UnreadableAnswer,
    read_answer,
)

RUN_UID = "3f0c5f9e-6f6e-4a4b-9c3e-2f9f6a1f0b11"


def data(value: object, media_type: str = "") -> Part:
    return Part(PartKind.DATA, media_type, value)


def text(value: str) -> Part:
    return Part(PartKind.TEXT, "", value)


def task(
    *parts: Part, state: TaskState = TaskState.COMPLETED, status: tuple[Part, ...] = ()
) -> Task:
    return Task("t", "c", state, status, (Artifact("result", parts),))


@pytest.fixture
def rollback(verdict: dict[str, object]) -> dict[str, object]:
    return verdict | {"verdict": "rollback"}


FENCED = "The canary is fine.\n\n```json\n{}\n```\nMind the {{braces}} in {{}}."


@pytest.mark.parametrize("form", ["media type", "data", "text", "fence", "prose", "status"])
def test_where_a_verdict_may_stand(form: str, verdict: dict[str, object]) -> None:
    document = json.dumps(verdict, indent=2)
    answers: dict[str, Task] = {
        "media type": task(text("prose"), data({"x": 1}), data(verdict, VERDICT_MEDIA_TYPE)),
        "data": task(text("prose {not json}"), data([1]), data({"x": 1}), data(verdict)),
        "text": task(text(f"\n{document}\n")),
        "fence": task(text("prose"), text(FENCED.replace("{}", document, 1))),
        "prose": task(text(f"My answer: {document} and that is all.")),
        "status": task(status=(text(document),)),
    }
    read = read_answer(answers[form], RUN_UID)
    assert (read.verdict, read.confidence) == (Verdict.PROMOTE, 90)
    message = Message(tuple(answers[form].artifacts[0].parts) + answers[form].status_parts)
    assert read_answer(message, RUN_UID) == read


def test_same_verdict_twice(verdict: dict[str, object]) -> None:
    answer = task(text(json.dumps(verdict)), data(verdict, VERDICT_MEDIA_TYPE))
    assert read_answer(answer, RUN_UID).confidence == 90


@pytest.mark.parametrize(
    "state", [state for state in TaskState if state is not TaskState.COMPLETED]
)
def test_task_that_is_not_completed(state: TaskState, verdict: dict[str, object]) -> None:
    with pytest.raises(UnreadableAnswer, match=f"a task that is {state}"):
        read_answer(task(data(verdict, VERDICT_MEDIA_TYPE), state=state), RUN_UID)


@pytest.mark.parametrize("media_type", [VERDICT_MEDIA_TYPE, "", "application/json"])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"runUid": "another"}, "runUid"),
        ({"confidence": 101}, "confidence"),
        ({"confidence": "NaN"}, "confidence"),
        ({"confidence": None}, "confidence"),
        ({"confidence": 0, "analysis": "Unable to parse"}, "confidence"),
        ({"verdict": "yes"}, "verdict"),
        ({"promote": False}, "promote"),
        ({"schemaVersion": "9"}, "schemaVersion"),
    ],
)
def test_document_that_is_no_verdict(
    media_type: str, change: dict[str, object], found: str, verdict: dict[str, object]
) -> None:
    with pytest.raises(UnreadableAnswer, match=found):
        read_answer(task(data(verdict | change, media_type)), RUN_UID)
    with pytest.raises(UnreadableAnswer, match=found):
        read_answer(task(text(json.dumps(verdict | change))), RUN_UID)


def test_bad_verdict_of_our_type_is_not_passed_over(verdict: dict[str, object]) -> None:
    other = verdict | {"runUid": "another"}
    with pytest.raises(UnreadableAnswer, match="the verdict cannot be used: runUid"):
        read_answer(task(data(verdict), data(other, VERDICT_MEDIA_TYPE)), RUN_UID)


def test_verdicts_that_contradict_each_other(verdict: Any, rollback: Any) -> None:
    for parts in (
        (data(verdict, VERDICT_MEDIA_TYPE), text(json.dumps(rollback))),
        (data(verdict), data(rollback)),
        (text(json.dumps(verdict)), text(json.dumps(rollback))),
    ):
        with pytest.raises(UnreadableAnswer, match="contradict"):
            read_answer(task(*parts), RUN_UID)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Promote it, I am 100 % sure.", "no JSON object in the text 'Promote it"),
        ("", "no JSON object"),
        ("{", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ("{" * 200, "more than 100 braces"),
        ('{"a": 1} {"b": 2}', "2 JSON objects"),
        ('{"a": NaN}', "a JSON object that is not whole"),
        ('{"runUid": "a", "runUid": "b"}', "a JSON object that is not whole"),
        ('{"a": ' * 70 + "1" + "}" * 70, "nested deeper"),
        ('{"a": ' * 5000 + "1" + "}" * 5000, "a JSON object that is not whole"),
    ],
)
def test_text_without_a_verdict(said: str, found: str) -> None:
    with pytest.raises(UnreadableAnswer, match=found) as caught:
        read_answer(task(text(said)), RUN_UID)
    assert len(str(caught.value)) < 400


def pieces(document: str, size: int) -> list[Part]:
    return [text(document[start : start + size]) for start in range(0, len(document), size)]


@pytest.mark.parametrize("size", [1, 7, 30])
def test_verdict_that_a_streaming_server_left_in_pieces(
    size: int, verdict: dict[str, object]
) -> None:
    document = f"```json\n{json.dumps(verdict, indent=2)}\n```"
    answer = task(*pieces(document, size), data({"unrelated": 1}))
    assert read_answer(answer, RUN_UID).verdict is Verdict.PROMOTE


@pytest.mark.parametrize("cut", [5, 40, -1])
def test_verdict_beside_a_torn_one_never_promotes(cut: int, verdict: Any, rollback: Any) -> None:
    whole, torn = json.dumps(verdict), json.dumps(rollback)[:cut]
    rest = json.dumps(rollback)[cut:]
    others = Artifact("other", (text(torn),))
    for answer in (
        task(text(whole), text(torn)),
        task(text(whole), text(torn), text(rest)),
        task(text(f"{whole} {torn}")),
        task(text(torn), text(whole)),
        Message((text(whole), text(torn))),
        Task("t", "c", TaskState.COMPLETED, (), (Artifact("one", (text(whole),)), others)),
    ):
        with pytest.raises(UnreadableAnswer):
            read_answer(answer, RUN_UID)


def test_data_part_counts_whatever_a_text_beside_it_says(verdict: Any, rollback: Any) -> None:
    torn = json.dumps(rollback)[:40]
    read = read_answer(task(data(verdict, VERDICT_MEDIA_TYPE), text(torn)), RUN_UID)
    assert read.verdict is Verdict.PROMOTE


def test_structured_output_that_stands_in_a_field_result(verdict: dict[str, object]) -> None:
    assert read_answer(task(data({"result": verdict})), RUN_UID).verdict is Verdict.PROMOTE
    with pytest.raises(UnreadableAnswer):
        read_answer(task(data({"result": verdict, "more": 1})), RUN_UID)


def test_two_verdicts_in_one_text(verdict: Any, rollback: Any) -> None:
    said = f"If all were well: {json.dumps(verdict)}. But it is: {json.dumps(rollback)}"
    with pytest.raises(UnreadableAnswer, match="2 JSON objects"):
        read_answer(task(text(said)), RUN_UID)


def test_answer_with_nothing_in_it() -> None:
    with pytest.raises(UnreadableAnswer, match="without parts"):
        read_answer(task(), RUN_UID)
    with pytest.raises(UnreadableAnswer, match="found a file"):
        read_answer(Message((Part(PartKind.FILE, "", None),)), RUN_UID)


def test_first_reason_is_told_and_the_others_counted() -> None:
    with pytest.raises(UnreadableAnswer, match=r"\(and 2 more parts like it\)"):
        read_answer(task(text("a"), text("b"), text("c")), RUN_UID)
