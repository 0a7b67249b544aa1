"""Traces over OTLP, where the operator asks for them by OpenTelemetry's own variables: an optional extra.

One trace leads from the plugin's request, whose traceparent the task has kept, to each call of a model. Spans are
made here, in the server, of what a child told of its work: a child holds no connections but those it works with.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from canary_agent import __version__, figures
from canary_agent.store import AnalysisEngine, TaskRecord

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_WITHIN = {"model call": "models"}

logger = logging.getLogger(__name__)


class Tracing:
    """Exports spans of what the engine does, until `close`.

    Args:
        engine: a launched engine; its `on_figures` is listened to, whoever else does.

    Raises:
        ImportError: the extra `tracing` is not installed.
    """

    def __init__(self, engine: AnalysisEngine) -> None:
        # Imported late: most agents trace nothing.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        names = {"service.version": __version__}
        given = Resource.create().attributes["service.name"]  # by OpenTelemetry's variables
        if str(given).startswith("unknown_service"):
            names["service.name"] = "canary-agent"
        self._provider = TracerProvider(resource=Resource.create(names))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        told = engine.on_figures

        def on_figures(record: TaskRecord, text: str) -> None:
            told(record, text)
            try:
                self.tell(record, text)
            except Exception:  # whatever cannot be traced, the verdict stands
                logger.exception("cannot trace", extra=record.ids)

        engine.on_figures = on_figures

    def tell(self, record: TaskRecord, text: str) -> None:
        """Makes the spans of one child's work."""
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415

        steps = figures.read(text).steps
        now = time.time()
        tracer = self._provider.get_tracer("canary-agent", __version__)
        work = tracer.start_span(
            "canary analysis",
            context=_asker(record.trace),
            start_time=_nanoseconds(min([now, *(step.began for step in steps)])),
            attributes={
                "canary.task": record.id,
                "canary.run": record.run_uid,
                "k8s.namespace.name": record.namespace,
                "canary.rollout": record.rollout,
            },
        )
        _add_steps(tracer, set_span_in_context(work), steps)
        work.end(_nanoseconds(now))

    def close(self) -> None:
        """Sends what is still held."""
        self._provider.shutdown()


def start_tracing(engine: AnalysisEngine, environment: Mapping[str, str]) -> Tracing | None:
    """Traces, where one of `ENDPOINTS` is set and OpenTelemetry is not turned off; otherwise None."""
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not any(environment.get(name) for name in ENDPOINTS):
        return None
    try:
        return Tracing(engine)
    except ImportError as error:
        logger.warning("no traces: %s; install canary-agent[tracing]", error)
        return None


def _asker(trace: str) -> "Context":
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    return TraceContextTextMapPropagator().extract({"traceparent": trace} if trace else {})


def _add_steps(tracer: "Tracer", work: "Context", steps: Iterable[figures.Step]) -> None:
    from opentelemetry.trace import set_span_in_context  # noqa: PLC0415

    outer: dict[str, Context] = {}
    # The whole comes after its parts, since it ends after them.
    for step in sorted(steps, key=lambda step: step.name in _WITHIN):
        span = tracer.start_span(
            step.name,
            context=outer.get(_WITHIN.get(step.name, ""), work),
            start_time=_nanoseconds(step.began),
            attributes={"gen_ai.request.model": step.detail} if step.detail else {},
        )
        outer[step.name] = set_span_in_context(span)
        span.end(_nanoseconds(step.began + step.seconds))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
