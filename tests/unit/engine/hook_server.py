"""Somebody who takes webhooks, on this machine: verifies signatures, fails, hangs and comes back when told to."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

SECRET = "5ec2e7" * 8


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hooks: HookServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        self.server.hooks.beats += 1
        self._answer(self.server.hooks.status)

    def do_POST(self) -> None:
        hooks = self.server.hooks
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hooks.tries.append(self.headers["Touchline-Delivery"])
        if hooks.hangs:
            hooks.release.wait(30)
        elif hooks.status < 300:
            hooks.take(self.headers["Touchline-Signature"], self.headers["Touchline-Delivery"], body)
        self._answer(hooks.status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name it has there
        pass


class HookServer:
    """A real HTTP server that shares no code with what posts to it."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.release = threading.Event()
        self.tries: list[str] = []
        self.taken: list[dict[str, Any]] = []
        self.forged: list[bytes] = []
        """Bodies whose signature is not theirs."""
        self.beats = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hooks = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def kinds(self) -> list[str]:
        """What it was told, in order."""
        return [each["kind"] for each in self.taken]

    def take(self, signature: str, delivery: str, body: bytes) -> None:
        """Verify a body as the page of alerts says, and keep it."""
        parts = dict(part.split("=", 1) for part in signature.split(","))
        expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
        if hmac.compare_digest(expected, parts["v1"]):
            self.taken.append({**json.loads(body), "delivery": delivery, "signed_s": int(parts["t"])})
        else:
            self.forged.append(body)
