"""Takes out of log text what must not leave the cluster; the table is the contract's."""

from canary_verdict.redaction import MAX_SHOWN, redact, visible

__all__ = ["MAX_SHOWN", "redact", "visible"]
