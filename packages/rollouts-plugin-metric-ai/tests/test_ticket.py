from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_rollouts_plugin.v1alpha1 import (
    AnalysisRun,
    AnalysisRunStatus,
    Metric,
    MetricResult,
    ObjectMeta,
)
from rollouts_plugin_metric_ai.a2a_client import AgentCard
from rollouts_plugin_metric_ai.card_text import CardTextError, read_card, with_version, write_card
from rollouts_plugin_metric_ai.ticket import Ticket, TicketError, context_id

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TICKET = Ticket(
    context_id="0b5c1c66-6e2a-5a3e-9a5e-6a8f0e8f5a10",
    attempt=1,
    submitted_at=NOW,
    deadline=NOW + timedelta(minutes=10),
    last_contact=NOW,
    agent_url="http://agent:8080",
)
METRIC = Metric(name="ai-analysis")


def run_with(count: int, uid: str = "u-1") -> AnalysisRun:
    result = MetricResult(name="ai-analysis", count=count)
    return AnalysisRun(
        metadata=ObjectMeta(uid=uid), status=AnalysisRunStatus(metric_results=(result,))
    )


def test_the_context_is_the_same_until_a_measurement_counts() -> None:
    fresh = AnalysisRun(metadata=ObjectMeta(uid="u-1"))
    assert context_id(fresh, METRIC) == context_id(run_with(0), METRIC)
    assert context_id(run_with(1), METRIC) != context_id(run_with(0), METRIC)


def test_contexts_of_twelve_measurements_of_two_metrics_and_runs_all_differ() -> None:
    contexts = {
        context_id(run_with(count, uid), Metric(name=name))
        for count in range(12)
        for uid in ("u-1", "u-2")
        for name in ("ai-analysis", "other")
    }
    # The status of the metric "other" is not in the run: its count is 0 throughout.
    assert len(contexts) == 12 * 2 + 2


def test_a_message_sent_again_has_the_same_id_and_another_attempt_another() -> None:
    assert TICKET.message_id == replace(TICKET, task_id="t").message_id
    assert TICKET.resubmitted().message_id != TICKET.message_id


def test_a_resubmitted_ticket_keeps_its_deadline_and_drops_its_task() -> None:
    again = replace(TICKET, task_id="t", sign="s", sign_seen=NOW).resubmitted()
    assert again == replace(TICKET, attempt=2, resubmissions=1)


times = st.datetimes(timezones=st.just(UTC))
tickets = st.builds(
    Ticket,
    context_id=st.uuids().map(str),
    attempt=st.integers(1, 1000),
    submitted_at=times,
    deadline=times,
    last_contact=times,
    agent_url=st.just("http://agent:8080"),
    task_id=st.text(max_size=73),
    card=st.text(max_size=20),
    sign=st.text(max_size=20),
    sign_seen=st.none() | times,
    resubmissions=st.integers(0, 2),
)


@given(tickets)
@settings(deadline=None)
def test_what_is_written_is_read_again(ticket: Ticket) -> None:
    assert Ticket.from_metadata(ticket.to_metadata()) == ticket


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contextId", ""),
        ("contextId", "no uuid"),
        ("attempt", "0"),
        ("attempt", "-1"),
        ("attempt", "9" * 400),
        ("attempt", "\u0661"),
        ("submittedAt", "yesterday"),
        ("deadline", ""),
        ("deadline", "2026-01-31T12:00:00"),
        ("lastContact", "x"),
        ("agentUrl", ""),
        ("signSeen", "x"),
        ("resubmissions", "x"),
    ],
)
def test_metadata_that_was_edited_is_an_error_that_names_the_entry(name: str, text: str) -> None:
    with pytest.raises(TicketError, match=name):
        Ticket.from_metadata(TICKET.to_metadata() | {name: text})


CARD = AgentCard(
    url="http://agent:8080/rpc",
    protocol_version="1.0",
    transport="JSONRPC",
    extensions=frozenset({"urn:a", "urn:b"}),
    tenant="t",
    name="left out",
)


def test_a_card_is_kept_without_what_is_for_people() -> None:
    assert read_card(write_card(CARD)) == replace(CARD, name="")


def test_the_version_that_the_agent_answered_in_is_remembered() -> None:
    text = write_card(CARD)
    assert with_version(text, "1.0") == text
    assert read_card(with_version(text, "0.3")).protocol_version == "0.3"


@pytest.mark.parametrize("text", ["", "x", "[]", "{}x", '{"url": 3}', "[" * 9000, "1" * 9000])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(CardTextError):
        read_card(text)


def test_extensions_that_are_no_list_count_as_none() -> None:
    assert read_card('{"url": "http://a", "extensions": 3}').extensions == frozenset()
