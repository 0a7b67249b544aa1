"""Damaged streams: every outcome is a value, a wait for more, or a RemoteProtocolError inside the stream."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goplugin.wire import Limits, RemoteProtocolError
from goplugin.wire.gob import NEED_DATA, Decoder

LIMITS = Limits(gob_message_bytes=100_000, gob_elements=10_000)


def decode(data: bytes) -> None:
    decoder = Decoder(LIMITS)
    decoder.receive_data(data)
    offset = 0
    try:
        while decoder.next_value() is not NEED_DATA:
            pass
    except RemoteProtocolError as error:
        offset = error.offset
    assert 0 <= offset <= len(data)


def damage(data: bytes, source: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(damaged))
        match source.randrange(5):
            case 0:
                damaged[place] ^= 1 << source.randrange(8)
            case 1:
                damaged[place] = source.choice(b"\0\1\x02\x7f\x80\xf8\xff")
            case 2:
                del damaged[place : place + source.randint(1, 3)]
            case 3:
                damaged[place:place] = damaged[place : place + source.randint(1, 30)]
            case 4:
                damaged[place:place] = source.randbytes(source.randint(1, 3))
        damaged = damaged or bytearray(1)
    return bytes(damaged)


@pytest.mark.parametrize(
    "name", ["scalars", "composites", "recursive", "interface definitions", "nested definitions"]
)
def test_damaged_streams(name: str, recorded: dict[str, Any]) -> None:
    source = random.Random(name)
    data = recorded[name].data

    for _ in range(300):
        decode(damage(data, source))


def test_damaged_argo_requests(recorded: dict[str, Any]) -> None:
    source = random.Random(1)
    data = recorded["argo requests"].data

    for _ in range(20):
        decode(damage(data, source))


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    decode(data)
    decode(bytes((len(data) % 128,)) + data)
