"""HTTP for the shop: one thread a connection, one access line a request."""

import itertools
import json
import logging
import re
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

from shop.logs import REQUEST_ID
from shop.service import Request, Response, Shop

__all__ = ["ShopServer"]

_access = logging.getLogger("shop.access")

_MAX_BODY_BYTES = 64 * 1024
_IDLE_SECONDS = 10.0
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ShopServer(ThreadingHTTPServer):
    """Serves a `Shop`. Port 0 takes a free one; `server_port` says which."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Shop, host: str, port: int) -> None:
        self.shop = shop
        self._numbers = itertools.count(1)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Binds without HTTPServer's reverse look-up of the host, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def next_request_id(self) -> str:
        """An id for a request that brought none."""
        return f"r-{next(self._numbers):06d}"

    def serve_in_background(self) -> None:
        """Answers requests in a thread until `shutdown`."""
        threading.Thread(target=self.serve_forever, args=(0.1,), name="http", daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: ShopServer
    protocol_version = "HTTP/1.1"
    server_version = "shop"
    timeout = _IDLE_SECONDS
    wbufsize = -1  # head and body leave in one segment

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Lines of the base class about malformed requests; the rest has a line of its own."""
        _access.warning("request refused: %s", quote(format % args, safe="/ :()'-"))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: `_answer` writes the access line once the duration is known."""

    def _answer(self) -> None:
        began = time.perf_counter()
        given = self.headers.get("X-Request-Id", "")
        request_id = given if _ID.fullmatch(given) else self.server.next_request_id()
        REQUEST_ID.set(request_id)
        path = urlsplit(self.path).path
        response = self._respond(request_id, path)
        body = json.dumps(response.body).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-Id", request_id)
        self.end_headers()
        self.wfile.write(body)
        if path != "/healthz":
            _access.log(
                self.server.shop.access_level(response.status),
                "method=%s path=%s status=%d duration_ms=%.1f",
                self.command,
                quote(unquote(path)),
                response.status,
                (time.perf_counter() - began) * 1000,
            )

    def _respond(self, request_id: str, path: str) -> Response:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True  # the body stays unread
            return Response(413, {"error": f"a body has at most {_MAX_BODY_BYTES} bytes"})
        segments = tuple(unquote(part) for part in path.split("/") if part)
        request = Request(request_id, self.command, segments, self.rfile.read(int(length)))
        return self.server.shop.respond(request)
