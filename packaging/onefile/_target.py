"""The machines that an executable can be built for."""

import platform
from dataclasses import dataclass

from ._steps import BuildError


@dataclass(frozen=True)
class Target:
    """One architecture.

    Attributes:
        arch: Debian's and Go's name, as in `metric-ai-linux-amd64`.
        machine: the kernel's name.
        triplet: GNU's, the prefix of cross tools.
    """

    arch: str
    machine: str
    triplet: str

    @property
    def native(self) -> bool:
        """Whether this machine runs it."""
        return platform.machine() == self.machine

    def tool(self, name: str) -> str:
        """A compiler tool's name: `gcc` here, `aarch64-linux-gnu-gcc` across."""
        return name if self.native else f"{self.triplet}-{name}"


_TARGETS = (
    Target("amd64", "x86_64", "x86_64-linux-gnu"),
    Target("arm64", "aarch64", "aarch64-linux-gnu"),
)


def target_named(arch: str | None) -> Target:
    """The target of that name; None: this machine.

    Raises:
        BuildError: there is none of that name.
    """
    wanted = arch or platform.machine()
    for one in _TARGETS:
        if wanted in {one.arch, one.machine}:
            return one
    raise BuildError(
        f"found the architecture {wanted!r}, expected amd64 or arm64 (make build ARCH=)"
    )
