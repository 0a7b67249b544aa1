"""Requests, and samples held in memory, as the tests of verdicts need them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from canary_agent.analysis import analyse
from canary_agent.collect import ContainerLog, Gap, PodEvent, PodStatus, Sample, Side
from canary_verdict import CanaryRequest, CanaryVerdict, Policy, Run, Selection

# How often a request leads to each line, in a service that works: `{n}` is a number, `{d}` milliseconds.
HEALTHY = {
    "{t} INFO GET /item/{n} status=200 duration={d:.1f}ms": 1.0,
    "{t} INFO cache refreshed, {n} entries": 0.05,
    "{t} INFO GET /old/{n} status=404 duration={d:.1f}ms": 0.02,
    "{t} INFO GET /item/{n} status=500 duration={d:.1f}ms": 0.003,
    "{t} WARN slow query, {n} ms": 0.02,
    "{t} ERROR payment declined for order {n}": 0.01,
    "{t} ERROR client {n} closed the connection": 0.003,
    **{
        f"{{t}} ERROR rare trouble of kind {kind} in {{n}}": 0.0003
        for kind in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
    },
}

Logs = Mapping[str, str]
"""Log text by pod."""


@dataclass(frozen=True)
class MemorySource:
    """Both sides' logs by pod, and what else a sample has."""

    stable: Logs
    canary: Logs
    stable_pods: tuple[PodStatus, ...] = ()
    canary_pods: tuple[PodStatus, ...] = ()
    canary_events: tuple[PodEvent, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        return Sample(
            Side(_logs(self.stable), self.stable_pods),
            Side(_logs(self.canary), self.canary_pods, self.canary_events),
            self.gaps,
        )


def _logs(logs: Logs) -> tuple[ContainerLog, ...]:
    def reader(text: str) -> Callable[[], Iterator[bytes]]:
        return lambda: iter([text.encode("utf-8", "surrogateescape")])

    return tuple(ContainerLog(pod, "app", reader(text)) for pod, text in logs.items())


@dataclass(frozen=True)
class Traffic:
    """Writes the log of a service under traffic, with Poisson noise."""

    seed: tuple[int, ...]

    def log(
        self, requests: float, rates: Mapping[str, float] = HEALTHY, slower: float = 1.0
    ) -> str:
        rng = np.random.default_rng(self.seed)
        lines = [
            template.format(
                t=f"2026-01-31T12:{rng.integers(10):02}:{rng.integers(60):02}Z",
                n=rng.integers(10_000),
                d=rng.lognormal(3, 0.5) * slower,
            )
            for template, rate in rates.items()
            for _ in range(rng.poisson(requests * rate))
        ]
        rng.shuffle(lines)
        return "".join(line + "\n" for line in lines)


@pytest.fixture
def request_of() -> Callable[..., CanaryRequest]:
    def make(policy: Policy | None = None) -> CanaryRequest:
        request = CanaryRequest(
            run=Run("uid-1", "run", "default", "metric"),
            rollout="shop",
            stable=Selection("role=stable"),
            canary=Selection("role=canary"),
            window=600.0,
            deadline=datetime(2026, 1, 31, tzinfo=UTC),
            lease_seconds=180,
        )
        return replace(request, policy=policy) if policy else request

    return make


@pytest.fixture
def verdict_of(
    request_of: Callable[..., CanaryRequest],
) -> Callable[..., CanaryVerdict]:
    def run(
        stable: str | Logs, canary: str | Logs, policy: Policy | None = None, **sample: object
    ) -> CanaryVerdict:
        source = MemorySource(
            {"stable-1": stable} if isinstance(stable, str) else stable,
            {"canary-1": canary} if isinstance(canary, str) else canary,
            **sample,  # type: ignore[arg-type]
        )
        return analyse(request_of(policy), source, lambda: False)

    return run


@pytest.fixture
def traffic() -> Callable[..., Traffic]:
    return lambda *seed: Traffic(seed)


@pytest.fixture
def healthy_rates() -> Mapping[str, float]:
    return HEALTHY
