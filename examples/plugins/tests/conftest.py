"""Waiting with a deadline."""

import time
from collections.abc import Callable

import pytest

PATIENCE = 20.0


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for a condition of another process, up to a deadline."""

    def wait(condition: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up_at, f"not so within {PATIENCE} s"
            time.sleep(0.02)

    return wait
