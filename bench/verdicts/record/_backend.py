"""The service that recorded applications depend on: it answers well, or as badly as its path asks for.

`python -m bench.verdicts.record._backend PORT TLS_PORT CERTIFICATE KEY`; ends when its stdin closes.
"""

import http.server
import random
import ssl
import sys
import threading
import time

_ANSWERS = {
    "ok": (200, '{"approved": true, "reference": "pay-81f3"}'),
    "slow": (200, '{"approved": true, "reference": "pay-81f3"}'),
    "hang": (200, '{"approved": true}'),
    "flaky": (200, '{"approved": true, "reference": "pay-81f3"}'),
    "limit": (429, '{"error": "too many requests, retry later"}'),
    "unavailable": (503, '{"error": "service unavailable"}'),
    "denied": (401, '{"error": "invalid token"}'),
    "garbage": (200, "<html><body>maintenance</body></html>"),
}
_DELAYS = {"ok": 0.004, "slow": 0.12, "hang": 4.0}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers `/<mode>/...`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A call, such as a payment."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        mode = self.path.split("/")[1]
        time.sleep(_DELAYS.get(mode, 0.004) * random.lognormvariate(0, 0.3))
        if mode == "reset" or (mode == "flaky" and random.random() < 0.15):
            self.close_connection = True
            return  # not a word
        status, body = _ANSWERS.get(mode, (404, "{}"))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        """The same without a body."""
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing: only the recorded programs write."""


def main() -> None:
    """Serves until stdin closes."""
    port, tls_port, certificate, key = sys.argv[1:]
    http.server.ThreadingHTTPServer.request_queue_size = 256
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    tls = http.server.ThreadingHTTPServer(("127.0.0.1", int(tls_port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # The handshake is left to the first read, which each connection's own thread makes.
    tls.socket = context.wrap_socket(tls.socket, server_side=True, do_handshake_on_connect=False)
    for server in (plain, tls):
        # Clients that hang up, or refuse the certificate, are the point of it.
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
