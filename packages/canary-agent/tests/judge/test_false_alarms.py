"""Healthy pairs with Poisson noise: how often they are rolled back by chance."""

from collections import Counter
from collections.abc import Callable

import pytest

from canary_verdict import CanaryVerdict, Verdict

PAIRS = 20
REQUESTS = 800


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.5])
def test_healthy_canaries_are_seldom_rolled_back(
    verdict_of: Callable[..., CanaryVerdict], traffic: Callable[..., object], share: float
) -> None:
    verdicts = Counter(
        verdict_of(
            traffic(seed, 1).log(REQUESTS * (1 - share)),  # type: ignore[attr-defined]
            traffic(seed, 2).log(REQUESTS * share),  # type: ignore[attr-defined]
        ).verdict
        for seed in range(PAIRS)
    )
    # The seeds are fixed, so this is no matter of luck: q = 0.05 allows 1 of 20.
    assert verdicts[Verdict.ROLLBACK] <= 1
    if share >= 0.05:
        assert verdicts[Verdict.PROMOTE] >= 0.7 * PAIRS


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_an_error_burst_is_never_promoted(
    verdict_of: Callable[..., CanaryVerdict], traffic: Callable[..., object], share: float
) -> None:
    burst = {"{t} ERROR order {n} was not stored": 0.3}
    verdicts = Counter(
        verdict_of(
            traffic(seed, 1).log(REQUESTS * (1 - share)),  # type: ignore[attr-defined]
            traffic(seed, 2).log(REQUESTS * share)  # type: ignore[attr-defined]
            + traffic(seed, 3).log(REQUESTS * share, burst),  # type: ignore[attr-defined]
        ).verdict
        for seed in range(10)
    )
    assert verdicts[Verdict.PROMOTE] == 0
