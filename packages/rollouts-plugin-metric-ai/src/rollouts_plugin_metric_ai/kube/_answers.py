"""What all answers of the Kubernetes API have in common: JSON objects, and Status objects for errors."""

import json
from collections.abc import Mapping

from ._errors import KubeRefusedError, KubeUnreachableError
from ._http import Answer
from ._json import as_text

_MAX_STATUS = 64 * 1024


async def check(answer: Answer) -> None:
    """Passes a 200.

    Raises:
        KubeRefusedError: it is none; with the words of the API's Status object.
    """
    if answer.status == 200:
        return
    body = await answer.read(_MAX_STATUS)
    try:
        status = decoded(body)
    except KubeUnreachableError:
        status = {}
    raise refusal(answer.status, status)


def refusal(code: int, status: Mapping[str, object]) -> KubeRefusedError:
    """The error that a Status object tells of."""
    reason = as_text(status.get("reason"))[:60]
    return KubeRefusedError(
        code, reason if reason.isalnum() else "", as_text(status.get("message"))[:300]
    )


def decoded(body: bytes) -> Mapping[str, object]:
    """A JSON object; empty where it is other JSON.

    Raises:
        KubeUnreachableError: it is no JSON.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise KubeUnreachableError(
            "the answer is no JSON, expected the Kubernetes API's"
        ) from error
    return document if isinstance(document, dict) else {}
