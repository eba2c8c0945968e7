"""What every request passes first, before anything looks at what it asks for, and what becomes of it when something fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.clock import NS_PER_MS, Clock
from engine.gateway.answers import NO_CONTENT, Sender
from engine.gateway.bodies import Incoming
from engine.gateway.names import Names
from engine.gateway.pages import Pages
from engine.gateway.parts import RequestLog
from engine.gateway.refusals import Code, Refused
from engine.model.text import clean
from engine.model.trace_context import TRACEPARENT, TraceContext, read_traceparent
from engine.observe.gateway_counts import UNROUTED, GatewayCounts
from engine.ports.tracing import Kind, Span, Tracer

SENDER: Final = "touchline.sender"
"""Under which name the scope of a request has what answers it."""
INCOMING: Final = "touchline.incoming"
"""Under which name it has what is still to come."""
KIND: Final = "touchline.kind"
"""Under which name it has the kind of its route, once that is known."""
WHO: Final = "touchline.who"
"""Under which name it has the operator, once that is known."""
_ONCE: Final = frozenset(
    {b"authorization", b"content-type", b"idempotency-key", b"origin", b"sec-fetch-site"}
)
"""Headers of which a second one could be read by somebody on the way, and the first one here."""


class Front:
    """Checks the name we are called by and the page that asks; answers what others leave unanswered; takes notes."""

    def __init__(
        self,
        app: ASGIApp,
        names: Names,
        pages: Pages,
        log: RequestLog,
        clock: Clock,
        counts: GatewayCounts,
        always: Mapping[str, str],
        tracer: Tracer,
    ) -> None:
        self._app = app
        self._names = names
        self._pages = pages
        self._log = log
        self._clock = clock
        self._counts = counts
        self._always = always
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, or a WebSocket that is opened; a request is a span, of the trace that it comes with."""
        tracer = self._tracer
        if not tracer.is_on or scope["type"] != "http":
            await self._take(scope, receive, send)
            return
        with tracer.span("request", Kind.SERVER, parent=_told_by(scope)) as span:
            try:
                await self._take(scope, receive, send)
            finally:
                _describe(span, scope)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        began_ns = self._clock.monotonic_ns()
        incoming = Incoming(receive, dict(scope["headers"]))
        sender = Sender(scope, send, incoming, self._always)
        scope[SENDER], scope[INCOMING], scope[WHO], scope[KIND] = sender, incoming, "", UNROUTED
        try:
            await self._pass_on(scope, receive, send, sender)
        except Refused as refused:
            self._counts.refusals[(refused.code.value,)] += 1
            await sender.refuse(refused)
        except Exception as error:
            self._log.note("critical", "fault", correlation=sender.correlation, **_told(error))
            if sender.status:
                raise
            self._counts.refusals[(Code.INTERNAL.value,)] += 1
            await sender.refuse(Refused(Code.INTERNAL))
        finally:
            took_ns = self._clock.monotonic_ns() - began_ns
            has_ended = scope["type"] == "http"  # a WebSocket stays open
            self._counts.answered(scope[KIND], sender.status, took_ns if has_ended else None)
            self._note(scope, sender, took_ns / NS_PER_MS)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, sender: Sender) -> None:
        headers = scope["headers"]
        self._names.check(headers)
        _check_once(headers)
        sender.page = self._pages.check(headers)
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            told = self._pages.preflight(headers)
            if told is not None:
                await sender.raw(NO_CONTENT, b"", told)
                return
        await self._app(scope, receive, send)

    def _note(self, scope: Scope, sender: Sender, took_ms: float) -> None:
        """Write down what was asked by the name of its route: what else a path says may be a secret."""
        self._log.note(
            "info",
            "request",
            method=clean(scope.get("method", "WEBSOCKET"), 16),
            route=getattr(scope.get("route"), "path", ""),
            status=sender.status,
            ms=round(took_ms, 1),
            who=scope[WHO],
            address=address_of(scope),
            correlation=sender.correlation,
        )


def address_of(scope: Scope) -> str:
    """Return where a request comes from: an address without its port, or `unix`."""
    client = scope.get("client")
    return str(client[0]) if client else "unix"


def _check_once(headers: Iterable[tuple[bytes, bytes]]) -> None:
    found = [name for name, _ in headers if name in _ONCE]
    if len(found) != len(set(found)):
        raise Refused(Code.BAD_REQUEST, "a header came twice that says one thing")


def _told_by(scope: Scope) -> TraceContext | None:
    """Return what the program that asks says of its own trace; twice is not said."""
    found = [value for name, value in scope["headers"] if name == TRACEPARENT.encode()]
    return read_traceparent(found[0].decode("latin-1")) if len(found) == 1 else None


def _describe(span: Span, scope: Scope) -> None:
    """Say in the span what was asked by the name of its route, and what was answered."""
    sender: Sender = scope[SENDER]
    method, route = clean(scope["method"], 16), getattr(scope.get("route"), "path", "")
    span.name = f"{method} {route}" if route else method
    span.attributes |= {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": sender.status,
        "client.address": address_of(scope),
        "enduser.id": scope[WHO],
        "touchline.correlation": sender.correlation,
    }
    if sender.status >= 500:
        span.failure = span.failure or f"answered {sender.status}"


def _told(error: Exception) -> dict[str, object]:
    """Return what the log says of a fault; what was asked is not in it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else ""
    return {"error": type(error).__name__, "text": clean(str(error)), "where": where}
