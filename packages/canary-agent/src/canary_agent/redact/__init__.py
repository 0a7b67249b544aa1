"""Takes out of log text what must not leave the cluster."""

from ._redact import MAX_SHOWN, redact, visible

__all__ = ["MAX_SHOWN", "redact", "visible"]
