"""A2A agent that compares a canary's logs with stable's and answers promote, rollback or inconclusive."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("canary-agent")
