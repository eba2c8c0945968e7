"""The Prometheus exporter: serves the latest samples on loopback from a thread of its own."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.config import MetricsSettings
from engine.errors import EngineError
from engine.messages.views import HealthState
from engine.observe.health import Reading

if TYPE_CHECKING:
    from prometheus_client import Metric

    from engine.observe.loopback import LoopbackServer

_STARTING = Reading(HealthState.OFF, "starting")
_STOPPED = Reading(HealthState.OFF, "stopped")
_SUFFIXES = {
    "counter": ("_total",),
    "summary": ("_sum", "_count"),
    "histogram": ("_bucket", "_sum", "_count"),
}


class Sample(Struct, frozen=True, gc=False):
    """One number, with the name and the labels it is exported under."""

    name: str
    kind: str
    """ "counter", "gauge", "summary" or "histogram"."""
    help: str
    labels: tuple[tuple[str, str], ...]
    value: float

    @property
    def family(self) -> str:
        """The name without what its kind appends: `touchline_fills` for `touchline_fills_total`."""
        for suffix in _SUFFIXES.get(self.kind, ()):
            if self.name.endswith(suffix):
                return self.name.removesuffix(suffix)
        return self.name


class _Collector:
    """Gives the samples to Prometheus's own text writer, one family after the other."""

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        from prometheus_client import Metric  # noqa: PLC0415  # heavy: not before the first paint

        families: dict[str, Metric] = {}
        for sample in self._samples():
            family = families.get(sample.family)
            if family is None:
                family = families[sample.family] = Metric(sample.family, sample.help, sample.kind)
            family.add_sample(sample.name, dict(sample.labels), sample.value)
        yield from families.values()


def text_of(samples: Callable[[], Iterable[Sample]]) -> bytes:
    """Return the samples in Prometheus's text format 0.0.4."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  # likewise

    registry = CollectorRegistry()
    registry.register(_Collector(samples))
    return generate_latest(registry)


class MetricsServer:
    """Answers scrapes until it is stopped; what goes wrong becomes its reading, never an exception."""

    def __init__(self, settings: MetricsSettings, samples: Callable[[], Iterable[Sample]]) -> None:
        self._settings = settings
        self._samples = samples
        self._thread: threading.Thread | None = None
        self._server: LoopbackServer | None = None
        self._lock = threading.Lock()
        self._stopping = False
        self._state = _STARTING if settings.enabled else Reading(HealthState.OFF, "disabled")

    @property
    def port(self) -> int:
        """The port it listens on; 0 while it does not."""
        server = self._server
        return server.port if server is not None and self._state.state is HealthState.OK else 0

    def start(self) -> None:
        """Begin to serve, in a daemon thread; what it needs is loaded there, so this returns at once."""
        if not self._settings.enabled or self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="touchline-exporter", daemon=True)
        self._thread.start()

    def try_again(self) -> str:
        """Try to listen again, where it could not; return what was done.

        Raises:
            EngineError: it is disabled, it listens, or it is about to.
        """
        if not self._settings.enabled:
            raise EngineError("the exporter is disabled; [metrics] in the settings enables it")
        if self._thread is None or self._thread.is_alive():
            raise EngineError(f"the exporter is not to be started: {self._state.value}")
        self._thread, self._state = None, _STARTING
        self.start()
        return f"the exporter tries {self._settings.host}:{self._settings.port} again"

    def stop(self, timeout_s: float = 3.0) -> None:
        """Let go of the port and wait for the thread to end."""
        with self._lock:
            self._stopping = True
            server = self._server
        if server is not None:
            server.end()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._state = _STOPPED

    def reading(self) -> Reading:
        """Say where it listens and how often it was asked, or why it does not listen."""
        server = self._server
        if server is None or self._state.state is not HealthState.OK:
            return self._state
        failures = f" · {server.failures:,} failed" if server.failures else ""
        detail = f"{server.answered:,} scrapes{failures}"
        return Reading(self._state.state, self._state.value, detail, server.answered)

    def _run(self) -> None:
        try:
            server = self._listen()
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not be printed over the desk
            self._state = Reading(HealthState.DOWN, "not listening", self._complaint(error))
            return
        if server is None:
            return
        self._state = Reading(HealthState.OK, f"{self._settings.host}:{server.port}")
        try:
            server.serve()
        finally:
            server.server_close()

    def _listen(self) -> LoopbackServer | None:
        """Open the port, unless it is time to stop already."""
        from engine.observe.loopback import LoopbackServer  # noqa: PLC0415  # it brings an HTTP server along

        host = self._settings.host
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"expected a loopback address, found {host}")
        text_of(self._samples)  # loads what the first scrape would wait for
        with self._lock:
            if not self._stopping:
                self._server = LoopbackServer(host, self._settings.port, lambda: text_of(self._samples))
            return self._server

    def _complaint(self, error: Exception) -> str:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        return f"metrics at {self._settings.host}:{self._settings.port}: {reason}"
