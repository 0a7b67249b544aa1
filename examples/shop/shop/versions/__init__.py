"""The releases of the shop, one module each; the module says what is different, and nothing else."""

from importlib import import_module
from typing import Final

from shop.service import Shop

__all__ = ["VERSIONS", "load_version"]

_MODULES: Final = {
    "stable": "stable",
    "healthy": "healthy",
    "error-burst": "error_burst",
    "crash-loop": "crash_loop",
    "slow": "slow",
    "quiet-errors": "quiet_errors",
    "injection": "injection",
}

VERSIONS: Final = tuple(_MODULES)
"""The names that `--version` knows."""


def load_version(name: str) -> type[Shop]:
    """The class of release `name`.

    Raises:
        ValueError: there is no such release; the message names those that there are.
    """
    if name not in _MODULES:
        raise ValueError(f"no version {name!r}; expected one of {', '.join(VERSIONS)}")
    release = import_module(f"shop.versions.{_MODULES[name]}").Release
    if not (isinstance(release, type) and issubclass(release, Shop)):
        raise TypeError(f"shop.versions.{_MODULES[name]}.Release is not a kind of Shop")
    return release
