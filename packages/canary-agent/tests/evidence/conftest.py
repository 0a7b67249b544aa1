"""Sides made by code, and what single lines are read as."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest

from canary_agent.collect import ContainerLog, Side
from canary_agent.evidence._histogram import centre_of
from canary_agent.evidence._read import read_side
from canary_agent.evidence._table import SideTable
from canary_agent.evidence.parse import Record, Template
from canary_agent.evidence.parse._observe import Parser


@dataclass(frozen=True)
class Observed:
    """Equal records of a text, in the order in which they begin; `latencies` by name, in seconds."""

    template: Template
    record: Record
    count: int
    latencies: tuple[tuple[str, float], ...]


@pytest.fixture
def observe() -> Callable[..., list[Observed]]:
    """What a stream holds, given as text, bytes or chunks of bytes."""

    def run(text: str | bytes | Iterable[bytes]) -> list[Observed]:
        content = text.encode() if isinstance(text, str) else text
        chunks = [content] if isinstance(content, bytes) else content
        return [
            Observed(
                group.template,
                group.record,
                group.count,
                ((group.latency[0], centre_of(group.latency[1])),) if group.latency else (),
            )
            for groups in Parser().groups(chunks)
            for group in groups
            if group.count
        ]

    return run


@pytest.fixture
def table_of() -> Callable[[str], SideTable]:
    def run(text: str) -> SideTable:
        def read() -> Iterator[bytes]:
            yield text.encode()

        side = Side(logs=(ContainerLog("pod", "app", read),))
        return read_side(side, Parser(), lambda: False)

    return run
