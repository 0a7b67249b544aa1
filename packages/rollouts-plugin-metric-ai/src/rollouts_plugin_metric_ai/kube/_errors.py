"""What can go wrong between the plugin and the Kubernetes API. No text holds credentials."""


class KubeError(Exception):
    """Anything that kept a call from its result."""


class NoAccessError(KubeError):
    """Neither a service account nor a kubeconfig that can be used; says what was found."""


class KubeUnreachableError(KubeError):
    """No complete answer: nobody listens, TLS fails, time ran out, or it is no HTTP."""


class KubeRefusedError(KubeError):
    """The API answered with an HTTP error.

    Attributes:
        status: the HTTP status.
        reason: the API's own word for it, such as `Forbidden`; may be empty.
        message: the API's own sentence; may be empty.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"HTTP {status}{' ' + reason if reason else ''}")
        self.status = status
        self.reason = reason
        self.message = message
