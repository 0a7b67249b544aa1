"""The table of a stream's life, checked as a whole."""

import pytest

from goplugin.wire.yamux._states import FINAL_STATES, TRANSITIONS, Input, State

LIVING = [state for state in State if state not in FINAL_STATES]


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_can_be_reached() -> None:
    starts = {State.INIT, State.SYN_RECEIVED}
    reached = set(starts)
    while more := {after for state in reached for after in TRANSITIONS[state].values()} - reached:
        reached |= more
    assert reached == set(State)


def test_nothing_follows_a_final_state() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == FINAL_STATES


@pytest.mark.parametrize("state", LIVING)
def test_every_stream_that_is_not_over_can_be_reset_here(state: State) -> None:
    assert TRANSITIONS[state][Input.SEND_RST] is State.RESET


@pytest.mark.parametrize("state", [state for state in LIVING if state is not State.INIT])
def test_a_peer_may_say_anything_but_a_second_end_on_a_stream_it_knows(state: State) -> None:
    heard = {what for what in Input if what.name.startswith("RECEIVE")}
    refused = heard - set(TRANSITIONS[state])
    assert refused == ({Input.RECEIVE_FIN} if state is State.REMOTE_CLOSED else set())


def test_an_end_is_sent_and_received_once() -> None:
    for what, closed in (
        (Input.SEND_FIN, State.LOCAL_CLOSED),
        (Input.RECEIVE_FIN, State.REMOTE_CLOSED),
    ):
        for row in TRANSITIONS.values():
            after = row.get(what)
            assert after in {None, closed, State.CLOSED}
        assert what not in TRANSITIONS[closed]


def test_no_data_is_sent_after_our_end() -> None:
    senders = {state for state in State if Input.SEND_DATA in TRANSITIONS[state]}
    assert senders == {State.SYN_SENT, State.ESTABLISHED, State.REMOTE_CLOSED}
