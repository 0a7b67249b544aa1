"""What may go wrong."""

__all__ = ["BenchError"]


class BenchError(Exception):
    """A run did not go as it was meant to, so that its figures would say nothing."""
