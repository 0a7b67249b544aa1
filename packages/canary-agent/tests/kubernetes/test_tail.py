"""The bounded tail of a stream."""

from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.collect.kubernetes._tail import Tail


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"x", b"\n")), max_size=40),
    st.integers(min_value=1, max_value=400),
)
def test_the_tail_is_the_end_of_the_stream_in_whole_lines(parts: list[bytes], limit: int) -> None:
    tail = Tail(limit)
    for part in parts:
        tail.append(part)
    whole, kept = b"".join(parts), b"".join(tail.chunks())
    assert whole.endswith(kept)
    assert tail.received == len(whole)
    assert tail.lines == whole.count(b"\n")
    # One open segment comes on top.
    assert len(kept) <= limit + max(1, limit // 4)
    if not tail.is_cut:
        assert kept == whole
    elif kept:
        begin = len(whole) - len(kept)
        assert whole[begin - 1 : begin] == b"\n"


def test_one_endless_line_leaves_nothing() -> None:
    tail = Tail(1000)
    for _ in range(100):
        tail.append(b"x" * 99)
    assert list(tail.chunks()) == []
    assert tail.is_cut
