"""What goes between the engine and the venue, and what becomes of it on the way.

It behaves as the bridge does: what can't be written is answered at once as not sent, and when the link ends, what
was written and not answered is reported lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from engine.clock import NS_PER_S
from engine.messages.reports import (
    CancelRejectReport,
    FillReport,
    LinkReport,
    LostReport,
    RejectReport,
    Report,
)
from engine.ports.broker import ReportSink
from tests.simulation.faults import Faults
from tests.simulation.timeline import MachineClock

AGAIN_MAX_NS = 5 * NS_PER_S
"""How long after an answer the same one may come again: after the next question."""
Delivered = Callable[[Report], None]


def _nothing() -> None:
    pass


class _OnItsWay:
    __slots__ = ("arrive", "client_ids", "vanish")

    def __init__(
        self, client_ids: tuple[str, ...], arrive: Callable[[], None], vanish: Callable[[], object]
    ) -> None:
        self.client_ids = client_ids
        self.arrive = arrive
        self.vanish = vanish


class Wire:
    """One link at a time; what is about one order arrives in order, all else may overtake."""

    def __init__(self, clock: MachineClock, random: Random, faults: Faults) -> None:
        self._clock = clock
        self._random = random
        self.faults = faults
        self.up = False
        """Whether the engine can write."""
        self.silent = False
        """Whether what is written, in either direction, goes nowhere, and nobody says so."""
        self.closed = False
        """Whether the way stays closed until somebody opens it."""
        self._era = 0
        self._sink: ReportSink | None = None
        self._unanswered: dict[str, None] = {}
        self._on_its_way: list[_OnItsWay] = []
        self._latest: dict[str, int] = {}
        self.delivered: Delivered = lambda _report: None
        """Sees each report just before the engine does."""
        self.believed: Delivered = lambda _report: None
        """Sees each report just after."""

    # The engine's end

    def connect(self, sink: ReportSink) -> None:
        """Let a new engine dial; the link of the one before is closed."""
        self.hang_up()
        self._sink = sink
        if not self.closed:
            era, wait_ns = self._era, self._random.randrange(NS_PER_S // 2)
            self._clock.call_at(self._now() + wait_ns, lambda: self.open() if era == self._era else None)

    def hang_up(self) -> None:
        """End the link because the engine is gone: what it wrote last may arrive or not."""
        self._sink = None
        self.up = self.silent = False
        self._era += 1
        self._unanswered.clear()
        self._scatter()

    def open(self) -> None:
        """Let the engine write."""
        if not self.up and self._sink is not None:
            self.up, self.silent, self.closed = True, False, False
            self._deliver(LinkReport(connected=True, reason="", event_ns=self._now()))

    def cut(self, reason: str, *, again_after_s: float | None = None) -> None:
        """End the link; without a time it stays closed. What is on it in either direction may be gone."""
        if not self.up:
            return
        self.up = self.silent = False
        self.closed = again_after_s is None
        self._era += 1
        self._scatter()
        if again_after_s is not None:
            era, due_ns = self._era, self._now() + round(again_after_s * NS_PER_S)
            self._clock.call_at(due_ns, lambda: self.open() if era == self._era else None)
        unanswered = list(self._unanswered)
        self._unanswered.clear()
        self._deliver(LinkReport(connected=False, reason=reason, event_ns=self._now()))
        for client_id in unanswered:
            self._deliver(LostReport(client_id, "the connection ended before its answer", self._now()))

    def fall_silent(self, seconds: float, *, then_cut: bool) -> None:
        """Let nothing through from now on, while both ends take the link for open."""
        self.silent = True
        era = self._era

        def end() -> None:
            if era == self._era:
                self.silent = False
                if then_cut:
                    self.cut("nothing was heard for too long", again_after_s=1.0)

        self._clock.call_at(self._now() + round(seconds * NS_PER_S), end)

    def _scatter(self) -> None:
        """What was on its way to the venue arrives, or is lost; of one order a later one never without an earlier."""
        waiting, self._on_its_way = self._on_its_way, []
        gone: set[str] = set()
        for each in waiting:
            if not gone.isdisjoint(each.client_ids) or self._random.random() < 0.5:
                gone.update(each.client_ids)
                each.vanish()
            else:
                each.arrive()

    # Towards the venue

    def send(
        self,
        client_id: str,
        arrive: Callable[[], None],
        vanish: Callable[[], object] = _nothing,
        *,
        answered: bool = True,
        also: Sequence[str] = (),
    ) -> None:
        """Send something about an order, or more; of one order nothing overtakes what was sent before."""
        client_ids = (client_id, *also)
        if answered:
            self._unanswered.update(dict.fromkeys(client_ids))
        if self.silent:
            vanish()
            return
        each = _OnItsWay(client_ids, arrive, vanish)
        self._on_its_way.append(each)
        latest = max(self._latest.get(name, 0) for name in client_ids)
        due_ns = max(self._now() + self.faults.delay_ns(self._random), latest + 1)
        self._latest.update(dict.fromkeys(client_ids, due_ns))
        self._clock.call_at(due_ns, lambda: self._arrive_there(each))

    def _arrive_there(self, each: _OnItsWay) -> None:
        if each in self._on_its_way:
            self._on_its_way.remove(each)
            each.arrive()

    def not_sent(self, report: RejectReport | CancelRejectReport) -> None:
        """Answer for the way itself: not a byte left. It is said once the engine's call has returned."""
        self._later(report, 0)

    # Towards the engine

    def tell(self, report: Report, *, sure: bool = True) -> None:
        """Send a report; it may be lost, late or doubled."""
        if not self.up or self.silent or not sure or self.faults.loses(self._random):
            return
        for _ in range(2 if self.faults.happens(self._random, self.faults.double) else 1):
            self._later(report, self.faults.delay_ns(self._random))

    def answer(self, report: Report, heard: Callable[[], object] = _nothing) -> None:
        """Send the answer to a question: it may be lost or late, or come again. Call back when the engine hears it."""
        if not self.up or self.silent or self.faults.loses(self._random):
            return
        delay_ns = self.faults.delay_ns(self._random)
        self._later(report, delay_ns, heard)
        if self.faults.happens(self._random, self.faults.double):
            self._later(report, delay_ns + self._random.randrange(AGAIN_MAX_NS), heard)

    def _later(self, report: Report, delay_ns: int, heard: Callable[[], object] = _nothing) -> None:
        era = self._era
        self._clock.call_at(self._now() + delay_ns, lambda: self._arrive_here(report, era, heard))

    def _arrive_here(self, report: Report, era: int, heard: Callable[[], object]) -> None:
        if era == self._era and not self.silent:
            self._unanswered.pop(_subject(report), None)
            heard()
            self._deliver(report)

    def _deliver(self, report: Report) -> None:
        if self._sink is not None:
            self.delivered(report)
            self._sink(report)
            self.believed(report)

    def _now(self) -> int:
        return self._clock.now_ns()


def _subject(report: Report) -> str:
    of = report.fill if isinstance(report, FillReport) else report
    return getattr(of, "client_id", "")
