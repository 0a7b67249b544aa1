"""Keeps the interop suite out of `make test`: it needs environments that `make test-interop` makes."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.rootpath == HERE else True
