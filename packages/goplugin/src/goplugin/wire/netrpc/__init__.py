"""Go's net/rpc with gob, sans IO: calls on one stream, many at once.

Follows net/rpc of Go 1.26 (server.go, client.go).
"""

from goplugin.wire.netrpc._client import ClientConnection, Response
from goplugin.wire.netrpc._server import Request, ServerConnection

__all__ = ["ClientConnection", "Request", "Response", "ServerConnection"]
