"""A broker whose orders go out as single requests, and who tells what becomes of them on a stream beside."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

from engine.adapters.rest.admission import Admission
from engine.adapters.rest.outcomes import Outcomes
from engine.adapters.rest.questions import Questions
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.reports import CancelRejectReport, LinkReport, RejectReport, Report
from engine.model.abilities import BrokerAbilities
from engine.model.ability_table import EVERYTHING
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest
from engine.model.text import clean
from engine.ports.broker import ReportSink

UNDERWAY_MAX = 200
"""Requests without an answer beyond which new orders are refused; cancels go up to `UNDERWAY_FULL`."""
UNDERWAY_FULL = 1000
Update = TypeVar("Update")


class RestBroker(ABC, Generic[Update]):
    """Sends in a task of its own what is asked for, once; the way to it is open while updates come.

    What never left is told as not sent. What left and has no answer is lost: its fate is unknown until the venue is
    asked. A cancel goes out though no updates come: that it is done, is then found out by asking.
    """

    questions: Questions
    abilities: BrokerAbilities = EVERYTHING
    """What the venue takes of orders; else it answers for itself."""

    def __init__(
        self,
        name: str,
        admission: Admission[Update],
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        self._name = name
        self.unsent = 0
        """Requests of which not a byte left."""
        self.admission = admission
        self.outcomes = Outcomes(clock, self._report)
        self._clock = clock
        self._instruments = instruments
        self._sink: ReportSink | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._underway = 0
        self._own: deque[Report] = deque()
        """Answers of our own, not yet delivered; at most one for each call since the last turn of the loop."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: tuple[bool, str] | None = None
        """What the last link report said."""

    @property
    def name(self) -> str:
        """What it is called on screen and in the metrics."""
        return self._name

    @property
    def connected(self) -> bool:
        """Whether orders can be sent now."""
        return self.admission.is_open

    @property
    def underway(self) -> int:
        """How many requests about orders wait for an answer."""
        return self._underway

    async def run(self) -> None:
        """Keep the way to the venue open until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._deliver_own()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self.questions.run())
                await self.admission.run(tasks)
        finally:
            self._tasks = None

    # The port

    def connect(self, sink: ReportSink) -> None:
        """Send all reports from now on to `sink`, on the engine's thread."""
        self._sink = sink

    def submit(self, request: OrderRequest) -> None:
        """Begin to send an order, or answer that it was not sent."""
        instrument = self._instruments.get(request.symbol)
        if instrument is None:
            self._not_sent(RejectReport, request.client_id, f"{request.symbol} is not listed here")
        elif reason := self._refusal(request, instrument):
            self._not_sent(RejectReport, request.client_id, reason)
        else:
            self._begin(self._submission(request, instrument))

    def submit_pair(self, stop: OrderRequest, target: OrderRequest) -> None:
        """Begin to send a stop and a target as one, or answer that none of them was sent."""
        instrument = self._instruments.get(stop.symbol)
        reason = f"{stop.symbol} takes no two exits as one"
        if instrument is not None and self.holds_as_one(stop.symbol):
            reason = self._refusal(stop, instrument) or self._refusal(target, instrument)
        if instrument is None or reason:
            for request in (stop, target):
                self._not_sent(RejectReport, request.client_id, reason)
        else:
            self._begin(self._pair_submission(stop, target, instrument))

    def cancel(self, client_id: str) -> None:
        """Begin to send a cancel, or answer that it was not sent; then it is still wanted."""
        if self._tasks is None or self._underway >= UNDERWAY_FULL:
            reason = "no connection to the broker" if self._tasks is None else self._too_many()
            self._not_sent(partial(CancelRejectReport, unsent=True), client_id, reason)
        else:
            self._begin(self._cancellation(client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Begin to send new terms, or answer that they were not sent."""
        if reason := self._blockage():
            self._not_sent(CancelRejectReport, client_id, reason)
        else:
            self._begin(self._amendment(client_id, quantity, limit, stop))

    def inquire(self, client_id: str, question: int) -> None:
        """Ask what became of one order; without a way nothing is asked, and nothing answers."""
        if self.connected:
            self.questions.about(client_id, question)

    def take_stock(self, since_ns: int, question: int) -> None:
        """Ask for everything there is; without a way nothing is asked, and nothing answers."""
        if self.connected:
            self.questions.about_all(since_ns, question)

    # What a venue adds

    def _objection(self, request: OrderRequest) -> str:  # noqa: ARG002  # what a venue looks at
        """Say what else of an order the venue can't be asked for; empty for one that can be sent."""
        return ""

    @abstractmethod
    def _submission(self, request: OrderRequest, instrument: Instrument) -> Coroutine[Any, Any, None]:
        """Return what sends an order, and reports what became of it."""

    @abstractmethod
    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether it holds a stop and a target of a symbol as one."""

    @abstractmethod
    def _pair_submission(
        self, stop: OrderRequest, target: OrderRequest, instrument: Instrument
    ) -> Coroutine[Any, Any, None]:
        """Return what sends two exits as one, and reports what became of each."""

    @abstractmethod
    def _cancellation(self, client_id: str) -> Coroutine[Any, Any, None]:
        """Return what sends a cancel, and reports what became of it."""

    @abstractmethod
    def _amendment(
        self, client_id: str, quantity: int, limit: int | None, stop: int | None
    ) -> Coroutine[Any, Any, None]:
        """Return what sends new terms, and reports what became of it."""

    @abstractmethod
    def updated(self, update: Update) -> None:
        """Take an update."""

    @abstractmethod
    def unreadable(self, error: DataError) -> None:
        """Count a message that could not be read."""

    # Sending

    def _refusal(self, request: OrderRequest, instrument: Instrument) -> str:
        taken = self.abilities.of(instrument.asset_class)
        return taken.objection(request) or self._objection(request) or self._blockage()

    def _blockage(self) -> str:
        if not self.connected or self._tasks is None:
            return "no connection to the broker"
        return self._too_many() if self._underway >= UNDERWAY_MAX else ""

    def _too_many(self) -> str:
        return f"{self._underway:,} requests to {self.admission.label} are unanswered"

    def _begin(self, request: Coroutine[Any, Any, None]) -> None:
        assert self._tasks is not None
        self._underway += 1
        self._tasks.create_task(request).add_done_callback(self._done)

    def _done(self, _task: asyncio.Task[None]) -> None:
        self._underway -= 1

    def _not_sent(self, refusal: Callable[[str, str, int], Report], client_id: str, reason: str) -> None:
        """Answer ourselves, after the call that is being made has returned: not a byte of it has left."""
        self.unsent += 1
        self._own.append(refusal(client_id, f"not sent: {reason}", self._clock.now_ns()))
        if self._loop is not None:
            self._loop.call_soon(self._deliver_own)

    def _deliver_own(self) -> None:
        while self._own:
            self._report(self._own.popleft())

    def _report(self, report: Report) -> None:
        if self._sink is not None:
            self._sink(report)

    # What the way tells

    def opened(self, venue: str) -> None:
        """Say that the way is open: who hears it asks for everything."""
        self._tell(connected=True, reason=venue)

    def closed(self, reason: str) -> None:
        """Say that the way is closed, where that is news: a venue that is down is tried often."""
        self.questions.forget()
        self._tell(connected=False, reason=clean(reason))

    def _tell(self, *, connected: bool, reason: str) -> None:
        if self._told != (connected, reason):
            self._told = (connected, reason)
            self._report(LinkReport(connected, reason, self._clock.now_ns()))
