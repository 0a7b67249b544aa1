"""What can go wrong between the plugin and GitHub."""


class GitHubError(Exception):
    """There is no issue, or nobody knows; the text says why and what to do next, without the token.

    Attributes:
        retry: whether trying again later may help.
        wait: seconds that GitHub asked to be left alone, 0 where it did not.
        extras: whether labels or assignees are what was refused.
    """

    def __init__(
        self, message: str, *, retry: bool = False, wait: float = 0.0, extras: bool = False
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.wait = wait
        self.extras = extras
