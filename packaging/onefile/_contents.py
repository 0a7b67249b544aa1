"""What an executable is made of, for its notices and its bill of materials."""

from collections.abc import Sequence
from dataclasses import dataclass

from ._distributions import Distribution
from ._linked import Library
from ._source import Pin
from ._target import Target


@dataclass(frozen=True)
class Contents:
    """What an executable is made of.

    Attributes:
        target: what it was built for.
        pin: CPython's source.
        libraries: what is linked in besides.
        packed: the Python distributions in it.
    """

    target: Target
    pin: Pin
    libraries: Sequence[Library]
    packed: Sequence[Distribution]
