from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai.pace import Pace, resume_at

AGENT = "http://agent"


def test_an_unknown_agent_is_asked_in_short_growing_steps() -> None:
    pace = Pace()
    assert [pace.next_poll(AGENT, elapsed, 30) for elapsed in (1, 20, 40, 300)] == [1, 1, 2, 3]


def test_a_known_agent_is_first_asked_when_an_answer_is_likely() -> None:
    pace = Pace()
    for _ in range(10):
        pace.learn(AGENT, 20.0)
    assert pace.next_poll(AGENT, 0.2, 30) == pytest.approx(19.9)
    assert pace.next_poll(AGENT, 20.2, 30) == pytest.approx(1.01)


def test_of_scattered_latencies_the_early_ones_count() -> None:
    pace = Pace()
    for seconds in range(5, 61):
        pace.learn(AGENT, float(seconds))
    assert 5 <= pace.next_poll(AGENT, 0, 30) <= 8


def test_one_quick_answer_among_many_changes_nothing() -> None:
    pace = Pace()
    for seconds in [1.0] + [20.0] * 30:
        pace.learn(AGENT, seconds)
    assert pace.next_poll(AGENT, 0.2, 30) == pytest.approx(19.9)


def test_agents_are_learnt_one_by_one_and_the_oldest_is_forgotten() -> None:
    pace = Pace()
    pace.learn(AGENT, 20.0)
    assert pace.next_poll("http://other", 0.5, 30) == 1
    for number in range(256):
        pace.learn(f"http://agent-{number}", 5.0)
    assert pace.next_poll(AGENT, 0.5, 30) == 1


@given(st.lists(st.floats(0, 7200), max_size=80), st.floats(0, 7200))
@settings(deadline=None)
def test_no_wait_is_longer_than_allowed_or_shorter_than_nothing(
    latencies: list[float], elapsed: float
) -> None:
    pace = Pace()
    for seconds in latencies:
        pace.learn(AGENT, seconds)
    assert 0 < pace.next_poll(AGENT, elapsed, 30) <= 30


def test_times_are_rounded_up_since_kubernetes_cuts_fractions_off() -> None:
    now = datetime(2026, 1, 31, 12, 0, 0, 200_000, UTC)
    assert resume_at(now, 1.0) == datetime(2026, 1, 31, 12, 0, 2, tzinfo=UTC)
    assert resume_at(now, 0.8) == datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC)
