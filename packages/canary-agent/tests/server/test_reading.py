"""Which requests are found in a message, and which messages are refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from a2a.helpers.proto_helpers import new_data_part
from a2a.types import Message, Part
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.server.reading import read_request
from canary_verdict import REQUEST_MEDIA_TYPE, ContractError

Question = Callable[..., dict[str, Any]]


def _message(*parts: Part) -> Message:
    return Message(message_id="m", parts=parts)


def test_a_data_part_of_our_media_type_goes_first(question: Question) -> None:
    ours, theirs = question(), question()
    message = _message(
        Part(text=json.dumps(theirs)),
        new_data_part({"some": "thing"}),
        new_data_part({"other": 1}, "application/json"),
        new_data_part(ours, REQUEST_MEDIA_TYPE),
    )
    assert read_request(message).run.uid == ours["run"]["uid"]


@pytest.mark.parametrize("key", ["mediaType", "mimeType", "contentType"])
def test_a_media_type_may_stand_in_the_metadata(question: Question, key: str) -> None:
    asked = question()
    part = new_data_part(asked)
    part.metadata.update({key: REQUEST_MEDIA_TYPE})
    assert read_request(_message(new_data_part({}), part)).run.uid == asked["run"]["uid"]


def test_a_data_part_without_media_type_will_do(question: Question) -> None:
    asked = question()
    assert read_request(_message(new_data_part(asked))).run.uid == asked["run"]["uid"]


def test_whole_numbers_of_data_parts_are_whole_again(question: Question) -> None:
    asked = question(policy={"minLines": 20, "accepted": ["a", "b"]})
    assert read_request(_message(new_data_part(asked))).policy.min_lines == 20


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "\n{}\n",
        "Judge this.\n```json\n{}\n```\nThank you.",
        "```\n{}\n```",
        "```vnd.metric-ai+json\n{}\n```\n```\nno JSON\n```\n```json\n[1]\n```",
    ],
)
def test_the_one_object_of_a_text_is_read(question: Question, text: str) -> None:
    asked = question()
    found = read_request(_message(Part(text=text.replace("{}", json.dumps(asked)))))
    assert found.run.uid == asked["run"]["uid"]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([], "no JSON object"),
        ([Part(text="Is the canary fine?")], "no JSON object"),
        ([Part(text="[" * 100_000)], "no JSON object"),
        ([Part(text="```\n{}\n```\n```\n{}\n```")], "2 JSON objects"),
        ([Part(text="{}"), Part(text="{}")], "2 JSON objects"),
        ([new_data_part({}), new_data_part({})], "2 JSON objects"),
        ([new_data_part({}, "application/json")], "no JSON object"),
        ([new_data_part([1.5], REQUEST_MEDIA_TYPE)], "a list"),
        ([Part(text="{}")], "run.uid"),
        ([Part(url="http://example.test/")], "no JSON object"),
    ],
)
def test_other_messages_are_refused(parts: list[Part], found: str) -> None:
    with pytest.raises(ContractError, match=found):
        read_request(_message(*parts))


def test_data_that_is_no_json_is_refused() -> None:
    part = new_data_part({"a": 1})
    part.data.struct_value.fields["a"].number_value = float("nan")
    with pytest.raises(ContractError):
        read_request(_message(part))


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(ContractError):
        read_request(_message(Part(text=text)))
