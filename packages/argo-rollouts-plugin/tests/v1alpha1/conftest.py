"""Bytes recorded from Go."""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def recorded_streams() -> dict[str, bytes]:
    """What Go's net/rpc and gob write for the seven calls: requests, and replies.

    These are the two `argo` streams of tests/conformance/cmd/gobvectors, whose source says what is
    in them.
    """
    streams = json.loads((HERE / "argo_streams.json").read_text())
    return {name: bytes.fromhex("".join(rows)) for name, rows in streams.items()}
