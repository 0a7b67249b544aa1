"""The one error of this package."""

from argo_rollouts_plugin._errors import ProviderError


class ConditionError(ProviderError, ValueError):
    """A condition cannot be read or evaluated; the measurement it belongs to is an Error.

    Attributes:
        reason: what was found, and what is possible instead.
        position: where in the expression, in characters from 0; None where it concerns all of it.
        condition: `successCondition` or `failureCondition`, where it is known.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason, position)
        self.reason = reason
        self.position = position
        self.condition = ""

    def __str__(self) -> str:
        where = "" if self.position is None else f" (at character {self.position + 1})"
        which = f"{self.condition}: " if self.condition else ""
        return f"{which}{self.reason}{where}"
