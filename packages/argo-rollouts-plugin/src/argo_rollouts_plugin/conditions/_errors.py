"""The one error of this package."""


class ConditionError(ValueError):
    """A condition cannot be read or evaluated; the measurement it belongs to is an Error.

    Attributes:
        reason: what was found, and what is possible instead.
        position: where in the expression, in characters from 0; None where it concerns all of it.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason, position)
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        if self.position is None:
            return self.reason
        return f"{self.reason} (at character {self.position + 1})"
