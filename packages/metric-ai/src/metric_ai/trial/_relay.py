"""The cluster's pods and logs for a plugin with attachLogs, and nothing else of the cluster.

The plugin reads no YAML, runs no programs for credentials, and watches AnalysisRuns, of which this one does not exist.
So it gets a kubeconfig of its own: of a server on loopback that passes on what attachLogs asks for, with the
credentials that stay here, to whoever knows the word in its address: no token is sent over plain HTTP.
"""

import hmac
import json
import re
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
from lightkube.config.client_adapter import Client, ConnectionParams
from lightkube.config.kubeconfig import SingleConfig

_SECONDS = 30.0
_HOST = "127.0.0.1"


@contextmanager
def relayed_cluster(config: SingleConfig, namespace: str) -> Iterator[Path]:
    """A kubeconfig for the plugin, for as long as it lasts.

    Args:
        config: how the cluster is reached.
        namespace: the only one whose pods and logs are passed on.
    """
    word = secrets.token_urlsafe(32)
    client = Client(config, ConnectionParams(timeout=httpx2.Timeout(_SECONDS)))
    allowed = re.compile(
        rf"/api/v1/namespaces/{re.escape(namespace)}/pods(/[a-z0-9.-]+/log)?(\?[!-~]*)?"
    )

    class Handler(_Relay):
        pass

    Handler.upstream, Handler.word, Handler.allowed = client, word, allowed
    server = ThreadingHTTPServer((_HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="relay", daemon=True)
    thread.start()
    try:
        with tempfile.TemporaryDirectory(prefix="metric-ai-") as folder:
            path = Path(folder) / "kubeconfig"
            path.touch(mode=0o600)
            path.write_text(_kubeconfig(server.server_port, word, namespace))
            yield path
    finally:
        server.shutdown()
        server.server_close()
        client.close()


class _Relay(BaseHTTPRequestHandler):
    upstream: httpx2.Client
    word: str
    allowed: re.Pattern[str]

    def do_GET(self) -> None:
        """Passes an allowed request on; anything else is answered as the API refuses it."""
        _, word, *rest = self.path.split("/", 2)
        path = f"/{rest[0]}" if rest else ""
        if not hmac.compare_digest(word.encode(), self.word.encode()):
            self._refuse(401, "Unauthorized")
        elif not self.allowed.fullmatch(path):
            self._refuse(403, "Forbidden")
        else:
            self._pass_on(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""

    def _pass_on(self, path: str) -> None:
        headers = {"Accept-Encoding": "identity"}
        try:
            with self.upstream.stream("GET", path, headers=headers) as answer:
                self.send_response(answer.status_code)
                kind = answer.headers.get("content-type", "application/json")
                self.send_header("Content-Type", kind)
                # The end of the connection is the end of the answer.
                self.send_header("Connection", "close")
                self.end_headers()
                for chunk in answer.iter_raw():
                    self.wfile.write(chunk)
        except httpx2.TransportError:
            self._refuse(502, "BadGateway")
        except OSError:
            self.close_connection = True

    def _refuse(self, code: int, reason: str) -> None:
        message = "metric-ai try passes on pods and their logs of one namespace only"
        status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "code": code,
            "reason": reason,
            "message": message,
        }
        body = json.dumps(status).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _kubeconfig(port: int, word: str, namespace: str) -> str:
    context = {"cluster": "relay", "namespace": namespace}
    server = f"http://{_HOST}:{port}/{word}"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "relay",
        "contexts": [{"name": "relay", "context": context}],
        "clusters": [{"name": "relay", "cluster": {"server": server}}],
    }
    return json.dumps(document)
