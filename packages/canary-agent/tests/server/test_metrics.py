"""Figures for Prometheus: what an analysis did is counted once, by names that keep the conventions."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from canary_agent import figures
from canary_agent.metrics import Metrics
from canary_agent.server import AppSettings, Waiting, build_app
from canary_agent.store import AnalysisEngine, TaskRecord, TaskState

TOKEN = "correct-horse-battery-staple"


def samples(text: str) -> dict[str, float]:
    return {
        sample.name
        + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def _told(http: httpx.AsyncClient) -> dict[str, float]:
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    return samples(answer.text)


async def _until(http: httpx.AsyncClient, name: str, value: float) -> dict[str, float]:
    give_up = time.monotonic() + 30
    while (told := await _told(http)).get(name) != value:
        assert time.monotonic() < give_up, (name, value, told.get(name))
        await asyncio.sleep(0.02)
    return told


async def test_a_verdict_is_counted_once(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    before = await _told(http)
    assert before["canary_agent_verdicts_total,verdict=promote"] == 0.0
    for words in ("", "inconclusive"):
        await talk.reach((await talk.ask(question(words)))["id"], "COMPLETED")
    await talk.reach((await talk.ask(question("raise")))["id"], "FAILED")
    told = await _until(http, "canary_agent_tasks_ended_total,state=failed", 1.0)
    assert told["canary_agent_verdicts_total,verdict=promote"] == 1.0
    assert told["canary_agent_verdicts_total,verdict=inconclusive"] == 1.0
    assert told["canary_agent_verdicts_total,verdict=rollback"] == 0.0
    assert told["canary_agent_tasks_ended_total,state=completed"] == 2.0
    assert told["canary_agent_analysis_seconds_count"] == 2.0


async def test_what_a_child_did_comes_home(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    before = (await _told(http))["canary_agent_collected_bytes_total"]
    for words in ("tell", "tell raise"):
        await talk.reach((await talk.ask(question(words)))["id"])
    told = await _until(http, "canary_agent_collected_bytes_total", before + 14.0)
    assert told["canary_agent_step_seconds_count,step=collect"] == 2.0


async def test_the_queue_is_told_as_it_stands(
    talk: Any, http: httpx.AsyncClient, gates: Any, question: Callable[..., dict[str, Any]]
) -> None:
    asked = [question("wait") for _ in range(3)]
    tasks = [await talk.ask(each) for each in asked]
    told = await _until(http, "canary_agent_queue_tasks,state=working", 2.0)
    assert told["canary_agent_queue_tasks,state=submitted"] == 1.0
    assert 0 <= told["canary_agent_queue_oldest_seconds"] < 60
    for each in asked:
        gates.open(each)
    for task in tasks:
        await talk.reach(task["id"])
    told = await _until(http, "canary_agent_queue_tasks,state=working", 0.0)
    assert told["canary_agent_queue_oldest_seconds"] == 0.0


async def test_requests_are_counted_by_route_and_not_by_path(http: httpx.AsyncClient) -> None:
    for path in ("/reports/a", "/reports/b", "/wp-admin/1", "/wp-admin/2", "/healthz"):
        await http.get(path)
    await http.request("BREW", "/")
    told = await _told(http)
    name = "canary_agent_http_requests_total"
    assert told[f"{name},code=404,method=GET,route=/reports/{{id}}"] == 2.0
    assert told[f"{name},code=404,method=GET,route=other"] == 2.0
    assert told[f"{name},code=200,method=GET,route=health"] == 1.0
    assert told[f"{name},code=405,method=other,route=/"] == 1.0
    assert not [key for key in told if "wp-admin" in key]


@pytest.mark.parametrize("metrics_open", [True, False])
async def test_figures_ask_for_the_token_unless_the_operator_says_otherwise(
    engine: AnalysisEngine, waiting: Waiting, *, metrics_open: bool
) -> None:
    app = build_app(engine, waiting, AppSettings(token=TOKEN, metrics_open=metrics_open))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://agent.test") as client:
        open_answer = await client.get("/metrics")
        held = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        others = await client.get("/reports")
    assert open_answer.status_code == (200 if metrics_open else 401)
    assert held.status_code == 200
    assert others.status_code == 401
    refused = "canary_agent_http_requests_total,code=401,method=GET,route=/metrics"
    assert samples(held.text).get(refused) == (None if metrics_open else 1.0)


async def test_a_database_that_hangs_fails_the_scrape(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang() -> Any:
        raise TimeoutError

    monkeypatch.setattr(engine.tasks, "queue", hang)
    assert (await http.get("/metrics")).status_code == 503


def _record(**fields: Any) -> TaskRecord:
    values: dict[str, Any] = {
        **dict.fromkeys(("id", "context_id", "message_id", "run_uid", "request", "reason"), "x"),
        **dict.fromkeys(("sign_at", "deadline_at", "lease_until"), 0.0),
        "owner": "",
        "attempts": 1,
        "lease_seconds": 180,
        "state": TaskState.COMPLETED,
        "created_at": 100.0,
        "updated_at": 107.5,
        "advice": "rollback",
    }
    return TaskRecord(**values | fields)


def _exposed(metrics: Metrics) -> dict[str, float]:
    return samples(metrics.exposition("")[0].decode())


def test_models_steps_and_calls_are_added_up(engine: AnalysisEngine) -> None:
    metrics = Metrics(engine)
    usage = {"tokensIn": 900, "tokensOut": 80, "costUsd": 0.25, "modelsAsked": 3, "modelsSilent": 1}
    metrics.ended(_record(verdict=json.dumps({"usage": usage})))
    told = {"collectedBytes": 5000, "githubOk": 2, "githubRefused": 1, "unheard": 9}
    steps = [["collect", 1e9, 1.5, ""], ["model call", 1e9, 4.0, "m"], ["<script>", 1e9, 1, ""]]
    metrics.add_figures(json.dumps({"counts": told, "steps": steps}))
    found = _exposed(metrics)
    assert found["canary_agent_verdicts_total,verdict=rollback"] == 1
    assert found["canary_agent_analysis_seconds_sum"] == 7.5
    assert found["canary_agent_model_tokens_total,direction=input"] == 900
    assert found["canary_agent_model_tokens_total,direction=output"] == 80
    assert found["canary_agent_model_cost_dollars_total"] == 0.25
    assert found["canary_agent_model_votes_total,result=answered"] == 2
    assert found["canary_agent_model_votes_total,result=silent"] == 1
    assert found["canary_agent_collected_bytes_total"] == 5000
    assert found["canary_agent_github_requests_total,result=ok"] == 2
    assert found["canary_agent_github_requests_total,result=refused"] == 1
    assert found["canary_agent_step_seconds_sum,step=collect"] == 1.5
    assert found["canary_agent_step_seconds_sum,step=model call"] == 4
    assert "script" not in str(found)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", '{"counts": 3}', '{"counts": {"collectedBytes": 1e999}}'),
        '{"counts": {"collectedBytes": "many"}, "steps": [[1]]}',
        '{"counts": {"collectedBytes": -5}, "steps": []}',
    ],
)
def test_what_a_child_sends_is_not_trusted(engine: AnalysisEngine, text: str) -> None:
    metrics = Metrics(engine)
    metrics.add_figures(text)
    assert _exposed(metrics)["canary_agent_collected_bytes_total"] == 0


def test_figures_are_bounded() -> None:
    figures.begin()
    for number in range(500):
        figures.count(f"n{number}")
        with figures.step("collect"):
            pass
    read = figures.read(figures.told())
    assert (len(read.counts), len(read.steps)) == (figures.MOST_COUNTS, figures.MOST_STEPS)
    figures.begin()
    assert figures.read(figures.told()) == figures.Figures()
