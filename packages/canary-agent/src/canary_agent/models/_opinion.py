"""A model's structured answer, made fit to be shown."""

from collections.abc import Mapping
from typing import Any

from canary_verdict.redaction import redact

MAX_CITES = 50
_MAX_CITE = 20
_MAX_ANALYSIS = 4000
_MAX_CAUSE = 1000
_MAX_REMEDY = 4000


def cleaned(opinion: Mapping[str, Any]) -> dict[str, Any]:
    """The opinion with bounded text, no secret and nothing unseen in it.

    A model may repeat what it read, and what it read may have been written to be repeated.
    """
    cites = [redact(str(cite), _MAX_CITE).strip() for cite in opinion["cites"][:MAX_CITES]]
    return {
        "verdict": str(opinion["verdict"]),
        "confidence": round(float(opinion["confidence"]), 1),
        "analysis": redact(opinion["analysis"], _MAX_ANALYSIS),
        "rootCause": redact(opinion["rootCause"], _MAX_CAUSE),
        "remediation": redact(opinion["remediation"], _MAX_REMEDY),
        "cites": list(dict.fromkeys(cites)),
    }
