"""A real Redis for a test: with a user and a password, on a Unix socket or a port, in the clear or encrypted."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from engine.ports.secrets import Credential
from engine.settings.redis import RedisSettings
from tests.waiting import wait_until

SERVER = os.environ.get("TOUCHLINE_REDIS_SERVER", "redis-server")
"""Which server it is: a Valkey is one too."""
PASSWORD = "correct-horse-battery-staple"
CREDENTIAL = Credential("desk", PASSWORD)
_HASH = hashlib.sha256(PASSWORD.encode()).hexdigest()
ACL = (
    f"user default on #{_HASH} ~* &* +@all",
    f"user desk on #{_HASH} resetchannels &desk:* ~desk:* +@all -@dangerous -@admin +info",
)
"""The default user is the test's own; `desk` has what the page says."""

needs_redis = pytest.mark.skipif(
    shutil.which(SERVER) is None and not os.environ.get("TOUCHLINE_REQUIRE_REDIS"),
    reason="needs the package redis-server",
)


def has_tls() -> bool:
    """Tell whether the server was built with TLS, which whoever names another one says."""
    return os.environ.get("TOUCHLINE_REDIS_TLS") != "0"


needs_tls = pytest.mark.skipif(not has_tls(), reason="needs a server that was built with TLS")


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class RedisServer:
    """A server of its own in a folder; it can be killed, held, and started again."""

    def __init__(
        self,
        folder: Path,
        *lines: str,
        port: int = 0,
        certificate: Path | None = None,
        has_users: bool = True,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.port = port
        self._has_users = has_users
        self.socket = folder / "s"
        users = folder / "users.acl"
        if has_users:
            users.write_text("\n".join(ACL) + "\n", encoding="utf-8")
        self._lines = [
            f"unixsocket {self.socket}",
            f"dir {folder}",
            *((f"aclfile {users}",) if has_users else ()),
            *_listening(port, certificate),
            *(lines or ('save ""',)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def settings(self) -> RedisSettings:
        """Return how it is reached by its socket."""
        return RedisSettings(address=f"unix:{self.socket}", timeout_ms=5_000)

    def start(self) -> None:
        """Start it, and return once it answers."""
        path = self.folder / "redis.conf"
        path.write_text("\n".join(self._lines) + "\n", encoding="utf-8")
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen([SERVER, path], stdout=log, stderr=log)
        wait_until(self._answers)

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it: connections stay, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def own(self) -> Iterator[Redis]:
        """Return a client that may do everything."""
        password = PASSWORD if self._has_users else None
        with Redis(unix_socket_path=str(self.socket), password=password, decode_responses=True) as client:
            yield client

    def wait_for_master(self) -> None:
        """Return once it has all that its master has, and hears of what is new."""
        with self.own() as own:
            wait_until(lambda: own.info("replication").get("master_link_status") == "up")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
        with suppress(NotThere, OSError), self.own() as client:
            return bool(client.ping())
        return False


@contextmanager
def sentinel_of(folder: Path, master_port: int) -> Iterator[int]:
    """Run one Sentinel that watches a master and decides alone; return its port."""
    port = free_port()
    path = folder / "sentinel.conf"
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {folder}",
        f"sentinel monitor desk 127.0.0.1 {master_port} 1",
        f"sentinel auth-pass desk {PASSWORD}",
        "sentinel down-after-milliseconds desk 1000",
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "sentinel.log").open("ab") as log:
        process = subprocess.Popen([SERVER, path, "--sentinel"], stdout=log, stderr=log)
    try:
        with Redis(port=port, decode_responses=True) as client:
            wait_until(lambda: _knows_a_replica(client))
        yield port
    finally:
        process.kill()
        process.wait()


def _knows_a_replica(sentinel: Redis) -> bool:
    with suppress(NotThere, OSError):
        return bool(sentinel.sentinel_slaves("desk"))
    return False


def _listening(port: int, certificate: Path | None) -> list[str]:
    if certificate is None:
        return ["bind 127.0.0.1", f"port {port}"]
    return [
        "bind 127.0.0.1",
        "port 0",
        f"tls-port {port}",
        f"tls-cert-file {certificate}",
        f"tls-key-file {certificate}",
        f"tls-ca-cert-file {certificate}",
        "tls-auth-clients no",
    ]
