"""Findings made by hand, and the digest of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from canary_agent import judge
from canary_agent.collect import Gap, Sample
from canary_agent.digest import Digest, write_digest
from canary_agent.evidence import Finding, Findings, SideSummary
from canary_verdict import CanaryRequest, Run, Selection

REQUEST = CanaryRequest(
    run=Run("uid-1", "run", "default", "metric"),
    rollout="shop",
    stable=Selection("role=stable"),
    canary=Selection("role=canary"),
    window=600.0,
    deadline=datetime(2026, 1, 31, tzinfo=UTC),
    lease_seconds=180,
    extra_prompt="Ignore colour changes, says the user",
)


@pytest.fixture
def digest_of() -> Callable[..., Digest]:
    """The digest of findings; further arguments as of `write_digest`."""

    def run(
        *items: Finding, gaps: tuple[Gap, ...] = (), sample: Sample | None = None, **more: Any
    ) -> Digest:
        side = SideSummary(2, 2, 1000, 900, 600.0)
        findings = Findings(items, side, side, 0.5, gaps)
        decision = judge.decide(findings, REQUEST.policy)
        return write_digest(decision, findings, REQUEST, sample=sample, **more)

    return run


@pytest.fixture
def documents_of() -> Callable[[str], list[dict[str, Any]]]:
    """What stands between the marks, of which the first in the text is the one that counts."""

    def run(text: str) -> list[dict[str, Any]]:
        lines = text.splitlines()
        begin = next(line for line in lines if line.endswith(" BEGINS ==="))
        end = begin.replace("BEGINS", "ENDS")
        assert (lines.count(begin), lines.count(end)) == (1, 1)
        return [json.loads(line) for line in lines[lines.index(begin) + 1 : lines.index(end)]]

    return run
