"""A small HTTP server for one page, for programs on this machine only; who says nothing keeps nobody out."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

CALLER_TIMEOUT_S = 2.0
"""How long a caller may say nothing before it is hung up on."""
CALLERS_MAX = 8
"""How many are talked to at a time. For one more, who has said nothing for the longest is hung up on."""
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
        self.server.has_asked(self.connection)
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"this server has another name\n", "text/plain")
        elif self.path.partition("?")[0] != PAGE:
            self._send(HTTPStatus.NOT_FOUND, f"expected {PAGE}\n".encode(), "text/plain")
        else:
            self._send(HTTPStatus.OK, self.server.page(), TEXT_TYPE)
            self.server.was_answered()

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has there
        """Say nothing: the terminal belongs to the desk."""


class LoopbackServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens from the moment it is made, and answers while `serve` runs, each caller in a thread.

    Only requests for a name of this machine are answered, so that a web page that had its own name
    point here learns nothing (DNS rebinding).

    Raises:
        OSError: the port is taken, or the address is not ours.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, make_page: Callable[[], bytes]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._lock = threading.Lock()
        self._has_asked: dict[socket.socket, bool] = {}
        """Of each caller, who came first first."""
        self._told_to_end, self._end = socket.socketpair()
        self._make_page = make_page
        self._page_lock = threading.Lock()
        self.answered = 0
        self.failures = 0
        """Callers that could not be answered, or were hung up on to make room."""
        super().__init__((host, port), _PageHandler)
        names = (f"[{host}]" if ":" in host else host, "127.0.0.1", "localhost", "[::1]")
        self.hosts = frozenset(f"{name}:{self.port}" for name in names)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def serve(self) -> None:
        """Take callers until `end` is called; nothing is looked at meanwhile."""
        self.socket.setblocking(False)  # a caller may have gone before it is taken
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._told_to_end, selectors.EVENT_READ)
            while not any(key.fileobj is self._told_to_end for key, _ in selector.select()):
                self._take_one()

    def end(self) -> None:
        """Make `serve` return; from another thread."""
        self._end.close()

    def server_close(self) -> None:
        """Let go of the port, of what ends it, and of who is still talking."""
        super().server_close()
        self._told_to_end.close()
        self._end.close()
        with self._lock:
            for caller in tuple(self._has_asked):
                self._hang_up(caller)

    def page(self) -> bytes:
        """Make the page, one at a time: many callers take no more of the processor than one."""
        with self._page_lock:
            return self._make_page()

    def has_asked(self, caller: socket.socket) -> None:
        """Note that a caller said what it wants, so that it is not hung up on any more."""
        with self._lock:
            if caller in self._has_asked:
                self._has_asked[caller] = True

    def was_answered(self) -> None:
        """Count it."""
        with self._lock:
            self.answered += 1

    def _take_one(self) -> None:
        try:
            request, address = self.get_request()
        except OSError:  # who called has gone again
            return
        try:
            self._make_room(request)
            self.process_request(request, address)
        except Exception:  # noqa: BLE001  # whatever a caller does, the next one is answered
            self.handle_error(request, address)
            self.shutdown_request(request)

    def _make_room(self, caller: socket.socket) -> None:
        """Take a caller in, and hang up on who waits for the longest where there are too many; on itself where nobody does."""
        with self._lock:
            self._has_asked[caller] = False
            if len(self._has_asked) > CALLERS_MAX:
                self.failures += 1
                self._hang_up(next(each for each, has_asked in self._has_asked.items() if not has_asked))

    def _hang_up(self, caller: socket.socket) -> None:
        del self._has_asked[caller]
        with suppress(OSError):
            caller.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Let go of a caller."""
        with self._lock:
            self._has_asked.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base's own form
        """Count it, where it was not hung up on; the base class would write a traceback over the desk."""
        with self._lock:
            self.failures += request in self._has_asked
