"""The baseline of an analysis: the last one of the same Rollout that was promoted, where that was saved.

A window of minutes shows little of what a service writes on a usual day: the job that runs once an hour, the
dependency that is restarted each night. What the last promoted analysis has seen is known to be harmless at
the rate it had then, see `evidence._usual`.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from canary_verdict import CanaryRequest, Verdict

from .bundle import Bundle, BundleError, bundles_in, read_bundle
from .collect import Sample, Side, Source

logger = logging.getLogger(__name__)


class RememberingSource:
    """Another source, whose samples get a baseline.

    Args:
        otherwise: where the sample comes from; one with a baseline of its own keeps it.
        remembered: the analysis that is remembered.
    """

    def __init__(self, otherwise: Source, remembered: Bundle) -> None:
        self._otherwise = otherwise
        # Both sides: the canary that was promoted is the stable version of today.
        sample = remembered.sample
        self._baseline = Side(sample.stable.logs + sample.canary.logs)

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""
        sample = self._otherwise.collect(request, cancelled)
        return sample if sample.baseline.logs else replace(sample, baseline=self._baseline)


def last_promoted(
    folder: Path, request: CanaryRequest, cancelled: Callable[[], bool]
) -> Bundle | None:
    """The newest bundle of another run of the request's Rollout that was promoted; None: there is none."""
    if not request.rollout:
        return None
    for path in bundles_in(folder):
        if cancelled():
            return None
        try:
            bundle = read_bundle(path)
        except BundleError as error:
            # One that is being written, or that another version has saved.
            logger.debug("no baseline: %s", error)
            continue
        if _is_of(bundle, request) and _promoted(bundle):
            return bundle
    return None


def _is_of(bundle: Bundle, request: CanaryRequest) -> bool:
    theirs, ours = bundle.request, request
    return (theirs.run.namespace, theirs.rollout) == (ours.run.namespace, ours.rollout) and (
        theirs.run.uid != ours.run.uid
    )


def _promoted(bundle: Bundle) -> bool:
    try:
        return bool(json.loads(bundle.verdict)["verdict"] == Verdict.PROMOTE)
    except (ValueError, KeyError, TypeError):
        return False
