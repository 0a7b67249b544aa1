"""A part of 127.0.0.0/8 for one node, its pods and its Services."""

import itertools
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Network", "claim_network"]

# Whoever listens here owns the network; the operating system takes it back however he ends.
_CLAIM_PORT = 47_001
_FIRST, _LAST = 64, 191


@dataclass(frozen=True, slots=True)
class Network:
    """The network 127.`number`.0.0/16.

    Attributes:
        number: the second byte of all its addresses.
    """

    number: int

    @property
    def node(self) -> str:
        """The node's own address."""
        return f"127.{self.number}.0.1"

    @property
    def services(self) -> str:
        """The upper half, for Services, in CIDR notation."""
        return f"127.{self.number}.128.0/17"

    def pods(self) -> Iterator[str]:
        """Addresses for pods, without an end: 32,000 of them, again and again."""
        every = [(third, last) for third in range(1, 127) for last in range(1, 255)]
        return (f"127.{self.number}.{third}.{last}" for third, last in itertools.cycle(every))


@contextmanager
def claim_network() -> Iterator[Network]:
    """A network that no other control plane on this machine has.

    Raises:
        OSError: all 128 are taken.
    """
    numbers = list(range(_FIRST, _LAST + 1))
    random.shuffle(numbers)
    for number in numbers:
        with socket.socket() as claim:
            try:
                claim.bind((f"127.{number}.255.254", _CLAIM_PORT))
                claim.listen(1)
            except OSError:
                continue
            yield Network(number)
            return
    raise OSError(f"all {len(numbers)} networks of 127.0.0.0/8 are taken by other control planes")
