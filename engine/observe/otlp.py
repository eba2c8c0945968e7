"""Spans in OpenTelemetry's own terms, sent by its own exporter; imported by the thread that sends, and only where traces are on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from requests import Session

from engine.model.text import clean
from engine.model.trace_context import TraceContext
from engine.ports.tracing import Kind, Span

TIMEOUT_S: Final = 5.0
"""How long a batch may take, its retries included."""
_LIBRARIES: Final = ("opentelemetry", "urllib3")
_KINDS: Final = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.SERVER: SpanKind.SERVER,
    Kind.CLIENT: SpanKind.CLIENT,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CONSUMER: SpanKind.CONSUMER,
}


class _Given(IdGenerator):
    """Gives spans the ids that they have already."""

    def __init__(self) -> None:
        self.context = TraceContext(0, 0)

    def generate_span_id(self) -> int:
        return self.context.span_id

    def generate_trace_id(self) -> int:
        return self.context.trace_id


class _Finished(SpanProcessor):
    """Collects what is to be sent."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class _Heard(logging.Handler):
    """Keeps the last that the exporter said, which would else be written over the desk."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = clean(record.getMessage(), 200)


class OtlpSender:
    """Sends batches to one collector; belongs to the thread that made it."""

    def __init__(self, endpoint: str, resource: Mapping[str, str], version: str) -> None:
        """Take the collector's address, and what is said of the program that sends."""
        self._heard = _Heard()
        for name in _LIBRARIES:
            logger = logging.getLogger(name)
            logger.propagate = False
            logger.addHandler(self._heard if name == _LIBRARIES[0] else logging.NullHandler())
        self._session = Session()
        self._session.trust_env = False
        url = f"{endpoint.rstrip('/')}/v1/traces"
        self._exporter = OTLPSpanExporter(endpoint=url, timeout=TIMEOUT_S, session=self._session)
        self._ids, self._finished = _Given(), _Finished()
        provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource(resource),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        provider.add_span_processor(self._finished)
        self._tracer = provider.get_tracer("touchline", version)

    def send(self, spans: Iterable[Span]) -> str:
        """Send a batch; return why it did not arrive, empty where it did."""
        for span in spans:
            self._finish(span)
        finished, self._finished.spans = self._finished.spans, []
        self._heard.text = ""
        if self._exporter.export(finished) is SpanExportResult.SUCCESS:
            return ""
        return self._heard.text or "the collector did not take it"

    def give_up(self) -> None:
        """Send nothing again of what is under way; from any thread."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library gives it no types

    def close(self) -> None:
        """Let the connection go."""
        logging.getLogger(_LIBRARIES[0]).removeHandler(self._heard)
        self._session.close()

    def _finish(self, span: Span) -> None:
        self._ids.context = span.context
        made = self._tracer.start_span(
            span.name,
            context=_within(span.parent),
            kind=_KINDS[span.kind],
            attributes=span.attributes,
            start_time=span.began_ns,
        )
        if span.failure:
            made.set_status(Status(StatusCode.ERROR, span.failure))
        made.end(span.ended_ns)


def _within(parent: TraceContext | None) -> Context:
    """Return what a span is begun in: nothing of what this thread has."""
    if parent is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED)
    told = SpanContext(parent.trace_id, parent.span_id, is_remote=False, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(told), Context())
