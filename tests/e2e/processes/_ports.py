"""Free ports on loopback."""

import socket
from contextlib import ExitStack

__all__ = ["free_ports"]


def free_ports(count: int, address: str = "127.0.0.1") -> list[int]:
    """As many different TCP ports as asked for, free a moment ago.

    Somebody else may take one before it is used; a program that then cannot listen says so in its
    log, and starting it anew with other ports helps.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((address, 0))
        return [one.getsockname()[1] for one in sockets]
