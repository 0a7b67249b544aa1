"""Stands in for importlib.metadata in the executable: it knows the versions of what is packed."""

_VERSIONS: dict[str, str] = {}


class PackageNotFoundError(ModuleNotFoundError):
    """There is no distribution of that name in this executable."""


def version(distribution_name: str) -> str:
    """The version of a packed distribution.

    Raises:
        PackageNotFoundError: it is not packed.
    """
    try:
        return _VERSIONS[distribution_name]
    except KeyError:
        raise PackageNotFoundError(distribution_name) from None
