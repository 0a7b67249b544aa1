"""A model's structured answer, made fit to be shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from canary_verdict.redaction import redact

from ._exchange import MAX_CITES

_MAX_CITE = 20
_MAX_ANALYSIS = 4000
_MAX_CAUSE = 1000
_MAX_REMEDY = 4000


def cleaned(opinion: Mapping[str, Any], secrets: Sequence[str] = ()) -> dict[str, Any]:
    """The opinion with bounded text, no secret and nothing unseen in it.

    A model may repeat what it read, and what it read may have been written to be repeated. Nor may
    whoever answers in its place repeat a key.
    """

    def shown(text: str, limit: int) -> str:
        for secret in secrets:
            text = text.replace(secret, "[secret]")
        return redact(text, limit)

    cites = [shown(str(cite), _MAX_CITE).strip() for cite in opinion["cites"][:MAX_CITES]]
    return {
        "verdict": str(opinion["verdict"]),
        "confidence": round(float(opinion["confidence"]), 1),
        "analysis": shown(opinion["analysis"], _MAX_ANALYSIS),
        "rootCause": shown(opinion["rootCause"], _MAX_CAUSE),
        "remediation": shown(opinion["remediation"], _MAX_REMEDY),
        "cites": list(dict.fromkeys(cites)),
    }
