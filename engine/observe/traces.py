"""Everything that tracing is made of, where the settings want it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.clock import SystemClock
from engine.observe.order_spans import OrderSpans
from engine.observe.order_steps import OrderSteps
from engine.observe.span_export import SpanExport, check_library
from engine.observe.step_reader import StepReader
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import Tracing
from engine.ports.gate import Gate
from engine.settings.traces import TracesSettings


class Traces:
    """The spans of one engine, and what sends them."""

    def __init__(self, settings: TracesSettings, resource: Mapping[str, str]) -> None:
        """Take what is said of this engine to the collector."""
        self.tracer = Tracing(SystemClock(), tells_venues=settings.tell_venues)
        self.export = SpanExport(settings, self.tracer, resource)
        self._gate: TimedGate | None = None

    def timed(self, gate: Gate) -> Gate:
        """Return what stands in the gate's place, so that its checks are spans too."""
        self._gate = TimedGate(gate, self.tracer)
        return self._gate

    def follow(self, bus: Bus, *, is_timed: bool = False) -> None:
        """Make spans of the orders from here on; `is_timed` where their events have the machine's time."""
        assert self._gate is not None, "the gate is timed before orders are followed"
        OrderSteps(bus, self.tracer, self._gate, is_timed=is_timed)
        steps, spans = StepReader(self._gate.noted, self.tracer.drop), OrderSpans(self.tracer)
        self.export.prepare = lambda: spans.take(steps.take())


def traces_of(settings: TracesSettings, resource: Mapping[str, str]) -> Traces | None:
    """Return the traces of an engine, None where they are off.

    Raises:
        ConfigError: what sends them is not installed.
    """
    if not settings.endpoint:
        return None
    check_library()
    return Traces(settings, resource)
