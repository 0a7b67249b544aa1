"""What a model reads instead of logs: a redacted, bounded, fenced digest of the evidence."""

from ._encode import Value, fenced, line_of, untrusted
from ._pods import event_document, events_of, pod_document, pods_of
from ._tokens import estimate_tokens
from ._write import DEFAULT_BUDGET, LEAST_BUDGET, Digest, write_digest

__all__ = [
    "DEFAULT_BUDGET",
    "LEAST_BUDGET",
    "Digest",
    "Value",
    "estimate_tokens",
    "event_document",
    "events_of",
    "fenced",
    "line_of",
    "pod_document",
    "pods_of",
    "untrusted",
    "write_digest",
]
