"""An analysis that waits for the lines and the time its policy asks for, and ends at once on hard evidence.

While it waits it looks again and again. A crash loop needs no more lines to be one, so hard evidence ends the
wait. A significant test does not: one that is asked often enough says yes by chance.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from canary_verdict import CanaryRequest, CanaryVerdict

from .analysis import Analysis, AnalysisCancelled
from .baseline import RememberingSource, last_promoted
from .bundle import new_bundle
from .collect import Source
from .models import Panel

LOOK_AGAIN = 10.0
"""Seconds from the end of one look to the next."""

_MARGIN = 15.0  # the answer has to be fetched before the deadline, too
_ASK = 0.2


def analyse_patiently(  # noqa: PLR0913, PLR0917 - half of them have defaults
    request: CanaryRequest,
    source: Source,
    cancelled: Callable[[], bool],
    look_again: float = LOOK_AGAIN,
    bundles: Path | None = None,
    panel: Panel | None = None,
    *,
    baseline: bool = False,
) -> CanaryVerdict:
    """The verdict once there is enough to judge by, there is hard evidence, or the deadline is near.

    Without `minLines` or `minDuration` in the policy, or with logs that the request carries along, it is
    `analysis.analyse`.

    Args:
        request: what is asked.
        source: see `analysis.analyse`.
        cancelled: asked often, while it waits, too.
        look_again: seconds from one look to the next.
        bundles: a folder to save the analysis in, the last look of it.
        panel: the models that are asked after the last look.
        baseline: whether the last promoted analysis among the bundles tells what is usual.

    Raises:
        AnalysisCancelled, CollectError, PolicyError: as `analysis.analyse`.
    """
    if bundles and baseline and (found := last_promoted(bundles, request, cancelled)):
        source = RememberingSource(source, found)
    bundle = new_bundle(bundles, request) if bundles else None
    end = time.monotonic() + (request.deadline - datetime.now(UTC)).total_seconds() - _MARGIN
    for_models = panel.settings.seconds if panel else 0.0
    analysis = Analysis(request, source, cancelled, bundle, panel)
    while True:
        began = time.monotonic()
        waits = analysis.look()
        now = time.monotonic()
        left = end - now - (now - began) - for_models
        if not waits or request.attached.logs or left < look_again:
            return analysis.conclude(end - now)
        _pause(look_again, cancelled)


def _pause(seconds: float, cancelled: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            raise AnalysisCancelled
        time.sleep(min(_ASK, left))
