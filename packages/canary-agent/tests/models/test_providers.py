"""Providers' own wire formats, on real connections: good answers and all that goes wrong."""

import json
import time
from typing import Any

import pytest
from model_providers import KEYS, MODELS, Provider, Reply, named, providers
from voting import CLEAN, opinion, question

from canary_agent.analysis import AnalysisCancelled, analyse
from canary_agent.models import PanelSettings, read_models
from canary_agent.models.asking import model_panel
from canary_verdict import CanaryVerdict, Verdict

SHAPES = ["gemini", "openai", "anthropic"]
ENVIRONMENT = {name: f"key-of-{shape}" for shape, name in KEYS.items()}
GOOD = Reply(json.dumps(opinion("rollback")))


def judged(models: str, **settings: Any) -> CanaryVerdict:
    wanted = read_models(ENVIRONMENT | {"MODELS": models}, panel=PanelSettings(**settings))
    return analyse(question(), CLEAN, lambda: False, panel=model_panel(wanted))


def error_of(verdict: CanaryVerdict) -> str:
    [result] = verdict.model_results
    return result.error


def test_three_providers_vote() -> None:
    with providers(SHAPES) as servers:
        for server in servers:
            server.replies = [GOOD]
        verdict = judged(named(*servers))
    assert [one.error for one in verdict.model_results] == ["", "", ""]
    assert [one.model_name for one in verdict.model_results] == [MODELS[one] for one in SHAPES]
    assert verdict.verdict is Verdict.ROLLBACK
    assert (verdict.usage["tokensIn"], verdict.usage["tokensOut"]) == (3600, 270)
    assert verdict.usage["costUsd"] > 0
    assert [len(server.asked) for server in servers] == [1, 1, 1]


def test_what_is_sent_has_the_keys_place_a_limit_and_no_stream() -> None:
    with providers(SHAPES) as servers:
        for server in servers:
            server.replies = [GOOD]
        judged(named(*servers), output_tokens=1234)
    gemini, openai, anthropic = (server.asked[0] for server in servers)
    assert gemini.path.endswith("/models/gemini-2.5-flash:generateContent")
    assert gemini.headers["x-goog-api-key"] == "key-of-gemini"
    assert gemini.body["generationConfig"]["maxOutputTokens"] == 1234
    assert gemini.body["generationConfig"]["responseJsonSchema"]["required"]
    assert openai.path == "/v1/chat/completions"
    assert openai.headers["authorization"] == "Bearer key-of-openai"
    assert openai.body["max_completion_tokens"] == 1234
    assert openai.body["response_format"]["type"] == "json_schema"
    assert anthropic.path.startswith("/v1/messages")
    assert "Bearer key-of-anthropic" in anthropic.headers.values()
    assert anthropic.body["max_tokens"] == 1234
    for asked in (gemini, openai, anthropic):
        assert not asked.body.get("stream")
        assert asked.headers["accept-encoding"] == "identity"
        assert "=== DATA " in json.dumps(asked.body)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply("slow down", status=429, headers={"Retry-After": "3600"}), "rate limit is reached (HTTP 429)"),
        (Reply("no", status=401), "does not accept the key (HTTP 401)"),
        (Reply("no", status=403), "does not accept the key (HTTP 403)"),
        (Reply("no", status=404), "is not known there (HTTP 404)"),
        (Reply("no", status=400), "refused the request (HTTP 400)"),
        (Reply('{"verdict": "promo', how="length"), "cut off at the limit of output tokens"),
        (Reply(how="refusal"), "refused to answer"),
        (Reply(how="blocked"), "refused to answer"),
        (Reply('{"verdict": "yes!"}'), "has not the form"),
        (Reply(json.dumps(opinion(confidence="NaN"))), "has not the form"),
        (Reply(json.dumps(opinion(confidence=101))), "has not the form"),
        (Reply('["promote"]'), "has not the form"),
        (Reply(endless=True), "more than 4194304 bytes"),
        (Reply(raw=b" " * (5 << 20)), "more than 4194304 bytes"),
        (Reply(headers={"Location": "/elsewhere"}, status=307), "redirect, which is not followed"),
        (Reply(headers={"Location": "/elsewhere"}, status=302), "redirect, which is not followed"),
        (Reply(headers={"Content-Encoding": "gzip"}), "is compressed"),
    ],
)  # fmt: skip
def test_what_is_no_vote(shape: str, reply: Reply, words: str) -> None:
    with providers([shape]) as (server,):
        server.replies = [reply]
        verdict = judged(named(server))
    assert words in error_of(verdict)
    assert verdict.verdict is Verdict.PROMOTE
    assert f"Left out: {MODELS[shape]}: " in verdict.voting_rationale
    assert words in verdict.voting_rationale
    assert verdict.usage["modelsSilent"] == 1
    assert all("elsewhere" not in asked.path for asked in server.asked)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "bad",
    [
        Reply("slow down", status=429, headers={"Retry-After": "0"}),
        Reply("oh", status=500, headers={"Retry-After": "0"}),
        Reply("busy", status=503, headers={"Retry-After": "0"}),
        Reply('{"verdict": "maybe"}'),
    ],
    ids=["429", "500", "503", "wrong form"],
)
def test_a_second_attempt_may_help(shape: str, bad: Reply) -> None:
    with providers([shape]) as (server,):
        server.replies = [bad, GOOD]
        verdict = judged(named(server))
    assert error_of(verdict) == ""
    assert len(server.asked) == 2


@pytest.mark.parametrize("shape", SHAPES)
def test_attempts_are_limited(shape: str) -> None:
    with providers([shape]) as (server,):
        server.replies = [Reply("oh", status=500, headers={"Retry-After": "0"})]
        verdict = judged(named(server))
    assert "busy or failed (HTTP 500)" in error_of(verdict)
    assert len(server.asked) == 3


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_that_breaks_off_is_no_answer(shape: str) -> None:
    with providers([shape]) as (server,):
        server.replies = [Reply(json.dumps(opinion()), cut=40)]
        verdict = judged(named(server), seconds=3.0)
    assert error_of(verdict)
    assert verdict.verdict is Verdict.PROMOTE


@pytest.mark.parametrize("shape", SHAPES)
def test_a_slow_model_is_left_out_and_the_others_count(shape: str) -> None:
    with providers([shape, "openai" if shape != "openai" else "gemini"]) as (slow, quick):
        slow.replies, quick.replies = [Reply(held=True)], [GOOD]
        verdict = judged(named(slow, quick), seconds=4.0)
    late, voted = verdict.model_results
    assert (late.error, voted.error) == ("no answer in time", "")
    assert late.execution_time_ms >= 4000
    assert verdict.verdict is Verdict.INCONCLUSIVE


def test_the_next_in_order_is_asked_when_one_fails() -> None:
    with providers(SHAPES) as (first, second, third):
        first.replies = [Reply("no", status=401)]
        second.replies = [Reply(how="refusal")]
        third.replies = [GOOD]
        models = "|".join(named(one) for one in (first, second, third))
        verdict = judged(models)
    [result] = verdict.model_results
    assert (result.model_name, result.error) == (MODELS["gemini"], "")
    assert verdict.verdict is Verdict.INCONCLUSIVE


def test_all_failures_of_a_voter_are_named() -> None:
    with providers(["gemini", "openai"]) as (first, second):
        first.replies = [Reply("no", status=401)]
        second.replies = [Reply(how="refusal")]
        verdict = judged(f"{named(first)}|{named(second)}")
    assert error_of(verdict) == (
        "google:gemini-2.5-flash: the provider does not accept the key (HTTP 401); "
        "openai:gpt-5: it refused to answer, or the provider's filter did"
    )


def test_nobody_there() -> None:
    with Provider("openai") as gone:
        url = gone.url
    verdict = judged(f"openai:gpt-5@{url}", seconds=2.0)
    assert "cannot be reached" in error_of(verdict)


def test_a_cancelled_analysis_leaves_its_models() -> None:
    with providers(["openai"]) as (server,):
        server.replies = [Reply(held=True)]
        wanted = read_models(ENVIRONMENT | {"MODELS": named(server)})
        began = time.monotonic()
        with pytest.raises(AnalysisCancelled):
            analyse(question(), CLEAN, lambda: bool(server.asked), panel=model_panel(wanted))
    assert time.monotonic() - began < wanted.panel.seconds
