"""The phases of an AnalysisRun, a MetricResult and a Measurement."""

from enum import StrEnum
from typing import Final, Self


class AnalysisPhase(StrEnum):
    """Go's `AnalysisPhase` (pkg/apis/rollouts/v1alpha1/analysis_types.go).

    An open string type there: a phase that this version does not know becomes a member of its own
    with that value, equal to nothing but itself and not completed.
    """

    UNSET = ""
    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    ERROR = "Error"
    INCONCLUSIVE = "Inconclusive"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        stranger = str.__new__(cls, value)
        stranger._name_ = value
        stranger._value_ = value
        return stranger

    @property
    def known(self) -> bool:
        """Whether this is one of the phases declared here (the empty one is not)."""
        return self in _KNOWN

    @property
    def completed(self) -> bool:
        """Whether nothing follows this phase (Go's `AnalysisPhase.Completed`)."""
        return self in _COMPLETED


_COMPLETED: Final = frozenset(
    {
        AnalysisPhase.SUCCESSFUL,
        AnalysisPhase.FAILED,
        AnalysisPhase.ERROR,
        AnalysisPhase.INCONCLUSIVE,
    }
)
_KNOWN: Final = _COMPLETED | {AnalysisPhase.PENDING, AnalysisPhase.RUNNING}
