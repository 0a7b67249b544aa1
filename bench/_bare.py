"""What an exchange with the agent costs without any plugin."""

import http.client
import json
import time
import uuid
from urllib.parse import urlsplit

from ._figures import percentile

_COUNT = 200


def bare_exchange_ms(agent_url: str) -> float:
    """Milliseconds of one SendMessage, the median of 200 on one connection."""
    address = urlsplit(agent_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    took = []
    for _ in range(_COUNT):
        body = json.dumps(_message())
        began = time.perf_counter()
        connection.request("POST", "/rpc", body, {"Content-Type": "application/json"})
        json.loads(connection.getresponse().read())
        took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return percentile(took, 0.5)


def _message() -> dict[str, object]:
    """As large as the plugin's own."""
    request = {"run": {"uid": str(uuid.uuid4())}, "extraPrompt": "3600"}
    parts = [{"text": "q" * 2000}, {"data": request}]
    message = {"messageId": "m", "contextId": "c", "role": "ROLE_USER", "parts": parts}
    return {"jsonrpc": "2.0", "id": "1", "method": "SendMessage", "params": {"message": message}}
