"""The gateway's listener and loop, in a thread of its own: neither a busy engine nor a slow screen keeps it from answering."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.routing import BaseRoute

from engine.errors import ConfigError, EngineError
from engine.gateway.accepting import Accepting
from engine.gateway.app import application
from engine.gateway.connection import HEAD_BYTES_MAX, IDLE_S
from engine.gateway.encryption import Encryption
from engine.gateway.front import Front
from engine.gateway.listening import Address, address_in, bound
from engine.gateway.names import LOOPBACK_NAMES, Names
from engine.gateway.pages import Pages
from engine.gateway.parts import Chore, Parts
from engine.gateway.redirect import Redirect
from engine.gateway.routes import Route
from engine.gateway.stream_connection import StreamConnection
from engine.settings.gateway import GatewaySettings
from engine.thread import LoopThread

GOODBYE_S: Final = 3
"""How long requests that are under way have when the gateway closes."""
_MORE_S: Final = 5.0
MESSAGE_BYTES_MAX: Final = 16_384
"""How large a message on a WebSocket may be."""
MESSAGES_WAITING_MAX: Final = 32


class GatewayServer:
    """Listens from `open` to `close`; both may be called from any thread."""

    def __init__(
        self,
        parts: Parts,
        settings: GatewaySettings,
        table: Iterable[Route],
        sockets: Iterable[BaseRoute] = (),
        *,
        encryption: Encryption | None = None,
    ) -> None:
        """Take what it is made of; with an encryption it speaks HTTPS alone.

        Raises:
            ConfigError: a setting is wrong.
        """
        self.parts = parts
        """What it is made of."""
        self._settings = settings
        self._address = address_in(settings)
        self._app = application(parts, table, sockets)
        self._pages = Pages(settings.origins)
        self._tls = encryption.context if encryption is not None else None
        self._always = encryption.always if encryption is not None else {}
        self._thread = LoopThread("touchline-gateway")
        self._server: Accepting | None = None
        self.where = ""
        """Where it listens, as a program is told."""
        self.failures: dict[str, str] = {}
        """What stopped running beside the listener, and why."""

    def open(self) -> None:
        """Begin to listen.

        Raises:
            ConfigError: it can't listen there.
        """
        listener = bound(self._address)
        port = 0 if self._address.path else int(listener.getsockname()[1])
        scheme = "https" if self._tls is not None else "http"
        self.where = (
            f"unix:{self._address.path}" if self._address.path else f"{scheme}://{self._address.name}:{port}"
        )
        names = names_of(self._address, self._settings.hosts)
        try:
            beside = self._redirect(names, port)
        except ConfigError:
            listener.close()
            raise
        _hush()
        front = Front(
            self._app,
            Names(names, port, scheme),
            self._pages,
            self.parts.log,
            self.parts.clock,
            self.parts.counts,
            self._always,
            self.parts.engine.tracer,
        )
        self._server = server = Accepting(_configured(front, self._tls), self._always)
        self._thread.start(lambda: self._run(server, listener, [*self.parts.chores, *beside]))

    def close(self) -> None:
        """Take nothing new, let what is under way come to its end, and wait for that; a second time does nothing."""
        if self._server is None:
            return
        self._thread.call(_end, self._server)
        self._thread.wait(GOODBYE_S + _MORE_S)
        self._thread.stop()
        self._server = None
        if self._address.path:
            _forget(self._address.path)

    @property
    def is_running(self) -> bool:
        """Whether its thread is alive."""
        return self._thread.is_running

    @property
    def connections(self) -> int:
        """How many are open."""
        return self._server.count if self._server is not None else 0

    @property
    def crowded_out(self) -> int:
        """How many that waited were hung up on for a new one."""
        return self._server.crowd.hung_up if self._server is not None else 0

    def _redirect(self, names: Iterable[str], port: int) -> list[tuple[str, Chore]]:
        """Listen for plain HTTP too, where the settings name a port for it; return what answers there.

        Raises:
            ConfigError: it can't listen there.
        """
        there = self._settings.redirect_port
        if not there or self._tls is None:
            return []
        listener = bound(self._address._replace(port=there), "gateway.redirect_port")
        redirect = Redirect(names, there, port)
        return [("redirect", lambda: redirect.run(listener))]

    async def _run(
        self, server: uvicorn.Server, listener: object, chores: Iterable[tuple[str, Chore]]
    ) -> None:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._do(name, chore)) for name, chore in chores]
            try:
                await server.serve(sockets=[listener])  # type: ignore[list-item]  # a socket, made before the loop was
            finally:
                for each in running:
                    each.cancel()

    async def _do(self, name: str, chore: Chore) -> None:
        """Run one chore to its end; when it fails, note it, and leave the others running."""
        try:
            await chore()
        except EngineError as error:
            self._fail(name, str(error))
        except Exception as error:  # noqa: BLE001  # the one place where a chore's fault ends
            self._fail(name, f"stopped by a fault: {type(error).__name__}: {error}")

    def _fail(self, name: str, reason: str) -> None:
        self.failures[name] = reason
        self.parts.log.note("critical", "chore failed", chore=name, reason=reason)


def names_of(address: Address, others: Iterable[str]) -> tuple[str, ...]:
    """Return every name that may be called: those of this machine for itself, its own, and those of the settings."""
    own = () if not address.host or address.host in {"0.0.0.0", "::"} else (address.name,)  # noqa: S104  # compared, not bound
    return (*LOOPBACK_NAMES, *own, *others)


def _configured(front: Front, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        front,
        http="h11",
        ws=StreamConnection,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_max_queue=MESSAGES_WAITING_MAX,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GOODBYE_S,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        workers=1,
    )


def _hush() -> None:
    """Let the listener write nothing by itself: the terminal belongs to the desk, and what it would say is in our log."""
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _forget(path: str) -> None:
    Path(path).unlink(missing_ok=True)
