"""What the span of a call says of its request, and what the request says of the span."""

from __future__ import annotations

from engine.model.trace_context import TRACEPARENT, traceparent_of
from engine.ports.tracing import Tracer
from engine.transport.connection import Headers


def note_request(tracer: Tracer, method: str, host: str, path: str) -> Headers:
    """Note what is asked, without what stands behind the question mark; return the headers that tell a venue of the trace."""
    if not tracer.is_on:
        return ()
    tracer.note("http.request.method", method)
    tracer.note("server.address", host)
    tracer.note("url.path", path)
    if tracer.tells_venues and (context := tracer.current) is not None:
        return ((TRACEPARENT, traceparent_of(context)),)
    return ()


def note_status(tracer: Tracer, status: int) -> None:
    """Note what was answered."""
    if tracer.is_on:
        tracer.note("http.response.status_code", status)
