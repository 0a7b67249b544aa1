"""Requests and folders as the tests of sources need them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from canary_verdict import CanaryRequest, Run, Selection

MakeRequest = Callable[..., CanaryRequest]


@pytest.fixture
def make_request() -> MakeRequest:
    def make(
        *,
        rollout: str = "shop",
        namespace: str = "default",
        stable: str = "role=stable",
        canary: str = "role=canary",
        pod_hash: str = "",
    ) -> CanaryRequest:
        return CanaryRequest(
            run=Run("uid-1", "run", namespace, "metric"),
            rollout=rollout,
            stable=Selection(stable),
            canary=Selection(canary, pod_hash),
            window=600.0,
            deadline=datetime(2026, 1, 31, tzinfo=UTC),
            lease_seconds=180,
        )

    return make


@pytest.fixture
def write_log() -> Callable[[Path, str], None]:
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write
