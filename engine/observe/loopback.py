"""A small HTTP server for one page, one caller at a time, for programs on this machine only."""

from __future__ import annotations

import selectors
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

CALLER_TIMEOUT_S = 2.0
"""How long a caller may say nothing before it is hung up on."""
PAGE = "/metrics"
TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _PageHandler(BaseHTTPRequestHandler):
    """Answers one request; it writes nothing anywhere but to the caller."""

    server: LoopbackServer
    timeout = CALLER_TIMEOUT_S
    server_version = "touchline"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the page, or say why not."""
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"this server has another name\n", "text/plain")
        elif self.path.partition("?")[0] != PAGE:
            self._send(HTTPStatus.NOT_FOUND, f"expected {PAGE}\n".encode(), "text/plain")
        else:
            self._send(HTTPStatus.OK, self.server.make_page(), TEXT_TYPE)
            self.server.answered += 1

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has there
        """Say nothing: the terminal belongs to the desk."""


class LoopbackServer(socketserver.TCPServer):
    """Listens from the moment it is made, and answers while `serve` runs.

    Only requests for a name of this machine are answered, so that a web page that had its own name
    point here learns nothing (DNS rebinding).

    Raises:
        OSError: the port is taken, or the address is not ours.
    """

    allow_reuse_address = True

    def __init__(self, host: str, port: int, make_page: Callable[[], bytes]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._caller: socket.socket | None = None
        self._told_to_end, self._end = socket.socketpair()
        self.make_page = make_page
        self.answered = 0
        self.failures = 0
        """Callers that could not be answered."""
        super().__init__((host, port), _PageHandler)
        names = (f"[{host}]" if ":" in host else host, "127.0.0.1", "localhost", "[::1]")
        self.hosts = frozenset(f"{name}:{self.port}" for name in names)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def serve(self) -> None:
        """Answer callers, one after the other, until `end` is called; nothing is looked at meanwhile."""
        self.socket.setblocking(False)  # a caller may have gone before it is taken
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._told_to_end, selectors.EVENT_READ)
            while not any(key.fileobj is self._told_to_end for key, _ in selector.select()):
                self._answer_one()

    def end(self) -> None:
        """Make `serve` return, hanging up on a caller who is still talking; from another thread."""
        caller = self._caller
        if caller is not None:
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
        self._end.close()

    def server_close(self) -> None:
        """Let go of the port, and of what ends it."""
        super().server_close()
        self._told_to_end.close()
        self._end.close()

    def _answer_one(self) -> None:
        try:
            request, address = self.get_request()
        except OSError:  # who called has gone again
            return
        try:
            self.process_request(request, address)
        except Exception:  # noqa: BLE001  # whatever a caller does, the next one is answered
            self.handle_error(request, address)
            self.shutdown_request(request)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer one caller, and remember meanwhile who it is."""
        self._caller = request
        try:
            super().process_request(request, client_address)
        finally:
            self._caller = None

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base's own form
        """Count it; the base class would write a traceback over the desk."""
        self.failures += 1
