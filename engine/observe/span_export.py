"""Sends spans to the collector from a thread of its own: a collector that is slow or gone delays nothing and nobody."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from engine.errors import ConfigError
from engine.messages.views import HealthState
from engine.model.text import clean
from engine.observe.health import Reading
from engine.observe.told import Told, one
from engine.observe.tracing import Tracing
from engine.ports.tracing import Span
from engine.settings.traces import TracesSettings
from engine.version import program_version

if TYPE_CHECKING:
    from engine.observe.otlp import OtlpSender

EVERY_S: Final = 1.0
BATCH: Final = 512
"""How many leave in one request."""
GOODBYE_S: Final = 1.0
"""How long an end waits for what has not been sent yet, where the collector answered last."""
_LIBRARY: Final = "opentelemetry.exporter.otlp.proto.http"


class SpanExport:
    """Takes what has waited, once a second, and sends it; what does not arrive is counted and gone."""

    def __init__(self, settings: TracesSettings, tracing: Tracing, resource: Mapping[str, str]) -> None:
        """Take what is said of this program beside its name and version."""
        self._endpoint = settings.endpoint
        self._tracing = tracing
        self._resource = {"service.name": settings.service, "service.version": program_version(), **resource}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="touchline-traces", daemon=True)
        self._sender: OtlpSender | None = None
        self.prepare: Callable[[], None] = lambda: None
        """Makes spans of what was noted since the last time; called by the thread before it sends."""
        self.exported = 0
        self.lost = 0
        """Spans that the collector did not take."""
        self.failure = ""
        """Why the last batch did not arrive; empty where it did."""

    @property
    def dropped(self) -> int:
        """Spans that are not at the collector: no room to wait, or not taken."""
        return self._tracing.dropped + self.lost

    def start(self) -> None:
        """Begin to send; what that needs is loaded in the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits where the collector answers, and wait a moment for it."""
        self._stopping.set()
        if not self._thread.is_alive():
            return
        sender = self._sender
        if self.failure and sender is not None:
            sender.give_up()
        self._thread.join(GOODBYE_S)

    def reading(self) -> Reading:
        """Tell how much arrived, or why nothing does."""
        told = f"{self.dropped:,} dropped" if self.dropped else self._endpoint
        if self.failure:
            return Reading(HealthState.DEGRADED, "not taken", f"{self.failure} · {told}", self.dropped)
        if self._sender is None:
            return Reading(HealthState.OFF, "starting", self._endpoint)
        return Reading(HealthState.OK, f"{self.exported:,} spans", told, self.dropped)

    def _run(self) -> None:
        try:
            from engine.observe.otlp import OtlpSender  # noqa: PLC0415  # an extra, and heavy

            sender = self._sender = OtlpSender(self._endpoint, self._resource, program_version())
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not be printed over the desk
            self.failure = _in_words(error)
            return
        try:
            while not self._stopping.wait(EVERY_S):
                self._try(sender)
            if not self.failure:
                self._try(sender)
        finally:
            sender.close()

    def _try(self, sender: OtlpSender) -> None:
        """Send all that waits, batch by batch, until one does not arrive."""
        spans: list[Span] = []
        try:
            self.prepare()
            while spans := self._tracing.take(BATCH):
                self.failure = sender.send(spans)
                if self.failure:
                    self.lost += len(spans)
                    return
                self.exported += len(spans)
        except Exception as error:  # noqa: BLE001  # a fault here must not end the thread unseen
            self.failure = _in_words(error)
            self.lost += len(spans)


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {clean(str(error))}"


def check_library(find: Callable[[str], object] = importlib.util.find_spec) -> None:
    """See that what sends spans is installed; nothing of it is loaded.

    Raises:
        ConfigError: it is not; says how to have it.
    """
    try:
        found = find(_LIBRARY)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise ConfigError(
            "traces.endpoint: OpenTelemetry is not installed here; pip install 'touchline[traces]', or leave it empty"
        )


TRACES_METRICS: Final[tuple[Told[SpanExport], ...]] = (
    Told(
        "touchline_spans_exported_total",
        "counter",
        "Spans of traces that the collector took.",
        (),
        lambda export: one(export.exported),
    ),
    Told(
        "touchline_spans_dropped_total",
        "counter",
        "Spans of traces that found no room to wait, or that the collector did not take.",
        (),
        lambda export: one(export.dropped),
    ),
)
