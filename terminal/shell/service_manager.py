"""Tells the service manager that started this program that it is ready, alive and about to end: sd_notify(3)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from engine.clock import NS_PER_S, Clock

ALIVE_NS: Final = 10 * NS_PER_S
"""How long ago an engine may have looked at itself, which it does once a second, and be alive."""
_NS_PER_US: Final = 1_000


class ServiceManager:
    """Says nothing where nobody asked to be told; what can't be told is not worth an end."""

    def __init__(self, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        self._clock = clock
        self._address = environment.get("NOTIFY_SOCKET", "")
        watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every_ns = int(environment.get("WATCHDOG_USEC", "0")) * _NS_PER_US // 2 if watched else 0
        """How often it wants a sign of life; 0 for never."""
        self._next_ns = 0
        self._seen = 0, clock.monotonic_ns()
        """The engine's latest look, and when that was news."""

    def ready(self, status: str) -> None:
        """Tell that programs can be served."""
        self._tell(f"READY=1\nSTATUS={status}")

    def ending(self) -> None:
        """Tell that it is about to end."""
        self._tell("STOPPING=1")

    def watch(self, looked_ns: int) -> None:
        """Give a sign of life where one is due, as long as the engine looks at itself, last at `looked_ns` of its own clock."""
        now_ns = self._clock.monotonic_ns()
        if looked_ns != self._seen[0]:
            self._seen = looked_ns, now_ns
        if self._every_ns and now_ns >= self._next_ns and now_ns - self._seen[1] < ALIVE_NS:
            self._next_ns = now_ns + self._every_ns
            self._tell("WATCHDOG=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.sendto(state.encode(), address)
