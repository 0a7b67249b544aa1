"""What can go wrong between the agent and GitHub."""


class ActError(Exception):
    """It was not done; the text says why and what to do next, without a token.

    Attributes:
        retry: whether trying again later may help.
        wait: seconds that GitHub asked to be left alone, 0 where it did not.
        status: of GitHub's answer; 0 where there was none.
    """

    def __init__(
        self, message: str, *, retry: bool = False, wait: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.wait = wait
        self.status = status
