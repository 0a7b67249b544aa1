"""What an issue tells of."""

from dataclasses import dataclass

from canary_verdict.request import CanaryRequest, Run
from canary_verdict.verdict import CanaryVerdict


@dataclass(frozen=True, slots=True)
class Incident:
    """A canary that is rolled back.

    Attributes:
        run: the AnalysisRun and its metric.
        verdict: what the agent said.
        rollout: the Rollout's name; empty where there is none.
        revision: the canary's pod template hash; empty where it is not known.
    """

    run: Run
    verdict: CanaryVerdict
    rollout: str = ""
    revision: str = ""

    @classmethod
    def of(cls, request: CanaryRequest, verdict: CanaryVerdict) -> "Incident":
        """The incident of a request and the answer to it."""
        return cls(request.run, verdict, request.rollout, request.canary.pod_template_hash)
