"""Under which address a client has reached the agent, for the links that it is given."""

import re

from .paths import REPORTS

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


class Origin:
    """The agent's own origin.

    Args:
        public_url: as the operator says; empty: the one that the client used.
    """

    def __init__(self, public_url: str = "") -> None:
        self._public_url = public_url

    def of(self, host: str, scheme: str = "http") -> str:
        """Scheme, host and port, no slash at the end; empty where `host`, the header, is no host."""
        if self._public_url:
            return self._public_url
        return f"{scheme}://{host}" if _HOST.fullmatch(host) else ""

    def report(self, task_id: str, host: str) -> str:
        """The absolute address of a task's report; empty where the origin is not known."""
        origin = self.of(host)
        return f"{origin}{REPORTS}/{task_id}" if origin else ""
