"""A collector for tests: takes OTLP over HTTP and reads it with OpenTelemetry's own messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Received

from tests.waiting import wait_until


class Receiver:
    """What came so far, and what is answered to what comes."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.resources: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 200
        self.endpoint = ""
        self._lock = threading.Lock()

    def take(self, path: str, body: bytes) -> None:
        """Read what a program sent."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            self.paths.append(path)
            for of_resource in request.resource_spans:
                self.resources.append(values(of_resource.resource.attributes))
                for of_scope in of_resource.scope_spans:
                    self.spans.extend(of_scope.spans)

    def named(self, name: str) -> list[Received]:
        """Return the spans of a name, in the order in which they came."""
        with self._lock:
            return [span for span in self.spans if span.name == name]

    def wait_for(self, *names: str) -> list[Received]:
        """Return the first span of each name, once all are here."""
        wait_until(lambda: all(self.named(name) for name in names))
        return [self.named(name)[0] for name in names]


def values(attributes: Any) -> dict[str, Any]:
    """Return attributes as plain values by their names."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a collector on any free port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status == 200:
                receiver.take(self.path, body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(receiver.status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="otlp-receiver")
    thread.start()
    receiver.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
