"""One trace from the plugin's request to what the analysis did, at a real receiver; and its id in the log."""

import json
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from trace_receiver import TraceReceiver, receiving_traces

from canary_agent import tracing

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def receiver() -> Iterator[TraceReceiver]:
    with receiving_traces() as receiver:
        yield receiver


async def _analysed(agent: Any, asked: dict[str, Any], trace: str) -> str:
    async with agent.talk() as talk:
        talk.headers["traceparent"] = trace
        task = await talk.reach((await talk.ask(asked))["id"])
    return str(task["id"])


async def test_a_trace_leads_from_the_request_to_the_work(
    agent: Any, receiver: TraceReceiver, question: Callable[..., dict[str, Any]]
) -> None:
    agent.environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    agent.arguments = ("--log-format", "json")
    agent.start()
    asked = question("tell")
    task_id = await _analysed(agent, asked, PARENT)
    assert agent.terminate() == 0
    by_name = {span.name: span for span in receiver.spans}
    work, collect = by_name["canary analysis"], by_name["collect"]
    assert (work.trace, work.parent, work.service) == (TRACE, SPAN, "canary-agent")
    assert (collect.trace, collect.parent) == (TRACE, work.id)
    assert work.began <= collect.began <= collect.ended <= work.ended
    assert work.attributes["canary.task"] == task_id
    assert work.attributes["canary.run"] == asked["run"]["uid"]
    assert work.attributes["k8s.namespace.name"] == "shop"
    # Nothing of the question or of logs but names.
    assert set(work.attributes) == {
        "canary.task",
        "canary.run",
        "k8s.namespace.name",
        "canary.rollout",
    }
    lines = [json.loads(line) for line in agent.log().splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("task") == task_id]
    assert len(told) >= 3
    assert {line["trace"] for line in told} == {TRACE}
    assert {line["namespace"] for line in told} == {"shop"}
    assert {line["run"] for line in told} == {asked["run"]["uid"]}


@pytest.mark.parametrize(
    "trace",
    ["", "00-0-0-01", f"00-{'0' * 32}-{SPAN}-01", f"01-{TRACE}-{SPAN}-01", f"{PARENT}-x", '"><b>'],
)
async def test_a_malformed_trace_begins_a_new_one(
    agent: Any, receiver: TraceReceiver, question: Callable[..., dict[str, Any]], trace: str
) -> None:
    agent.environment = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{receiver.url}/v1/traces",
        "OTEL_SERVICE_NAME": "judge",
    }
    agent.start()
    await _analysed(agent, question("tell"), trace)
    assert agent.terminate() == 0
    work = next(span for span in receiver.spans if span.name == "canary analysis")
    assert re.fullmatch("[0-9a-f]{32}", work.trace)
    assert (work.trace != TRACE, work.parent, work.service) == (True, "", "judge")


def test_a_call_of_a_model_is_a_span_within_the_models(
    receiver: TraceReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    record: Any = SimpleNamespace(
        id="t", run_uid="u", namespace="shop", rollout="cart", trace=PARENT, ids={}
    )
    heard: list[str] = []
    engine: Any = SimpleNamespace(on_figures=lambda _record, text: heard.append(text))
    traces = tracing.Tracing(engine)
    steps = [
        ["collect", 100.0, 1.0, ""],
        ["model call", 102.0, 3.0, "google:gemini"],
        ["models", 101.0, 5.0, ""],
    ]
    engine.on_figures(record, json.dumps({"counts": {}, "steps": steps}))
    traces.close()
    by_name = {span.name: span for span in receiver.spans}
    call, models = by_name["model call"], by_name["models"]
    assert call.parent == models.id
    assert models.parent == by_name["collect"].parent == by_name["canary analysis"].id
    assert by_name["canary analysis"].parent == SPAN
    assert {span.trace for span in receiver.spans} == {TRACE}
    assert (call.began, call.ended) == (102.0, 105.0)
    assert call.attributes == {"gen_ai.request.model": "google:gemini"}
    assert len(heard) == 1


async def test_a_receiver_that_is_gone_costs_no_verdict(
    agent: Any, question: Callable[..., dict[str, Any]]
) -> None:
    agent.environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    agent.start()
    await _analysed(agent, question("tell"), PARENT)
    assert agent.terminate() == 0


@pytest.mark.parametrize(
    "environment",
    [{}, {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}],
)
def test_nobody_who_did_not_ask_is_traced(environment: dict[str, str]) -> None:
    assert tracing.start_tracing(object(), environment) is None  # type: ignore[arg-type]
