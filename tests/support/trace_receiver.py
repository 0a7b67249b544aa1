"""A receiver of traces: OTLP over HTTP on loopback, as a collector has it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from http_loopback import http_server
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class ReceivedSpan:
    """One span; ids in hexadecimal digits, times in seconds."""

    name: str
    trace: str
    id: str
    parent: str
    began: float
    ended: float
    attributes: dict[str, str]
    service: str


@dataclass
class TraceReceiver:
    """What has come so far."""

    url: str
    spans: list[ReceivedSpan] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        """Reads one request."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.changed:
            for group in request.resource_spans:
                named = {each.key: each.value.string_value for each in group.resource.attributes}
                for scope in group.scope_spans:
                    self.spans += [
                        ReceivedSpan(
                            name=span.name,
                            trace=span.trace_id.hex(),
                            id=span.span_id.hex(),
                            parent=span.parent_span_id.hex(),
                            began=span.start_time_unix_nano / 1e9,
                            ended=span.end_time_unix_nano / 1e9,
                            attributes={
                                each.key: each.value.string_value for each in span.attributes
                            },
                            service=named.get("service.name", ""),
                        )
                        for span in scope.spans
                    ]
            self.changed.notify_all()


@contextmanager
def receiving_traces() -> Iterator[TraceReceiver]:
    """A receiver that listens."""

    receiver = TraceReceiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with http_server(Handler) as receiver.url:
        yield receiver
