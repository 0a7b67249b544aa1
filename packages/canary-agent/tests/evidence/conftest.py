"""Sides made by code."""

from collections.abc import Callable, Iterator

import pytest

from canary_agent.collect import ContainerLog, Side
from canary_agent.evidence._read import read_side
from canary_agent.evidence._table import SideTable
from canary_agent.evidence.parse import Observation, Parser


@pytest.fixture
def observe() -> Callable[[str | bytes], list[Observation]]:
    def run(text: str | bytes) -> list[Observation]:
        content = text.encode() if isinstance(text, str) else text
        return list(Parser().observe([content]))

    return run


@pytest.fixture
def table_of() -> Callable[[str], SideTable]:
    def run(text: str) -> SideTable:
        def read() -> Iterator[bytes]:
            yield text.encode()

        side = Side(logs=(ContainerLog("pod", "app", read),))
        return read_side(side, Parser(), lambda: False)

    return run
