"""Tells the engine what is heard of orders, once each, in the order in which it makes sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.adapters.ib import reading as r
from engine.adapters.ib import refusals
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.fees import Fees
from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.lives import CANCEL, ORDER, TERMS, Life, Lives
from engine.adapters.units import size_units
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    FillReport,
    LostReport,
    RejectReport,
    ReplaceReport,
    Report,
)
from engine.model.text import clean

VERSIONS_MAX: Final = 20_000


class Telling(Hearer):
    """Turns what is heard into reports; an order that has not been told of is told as accepted first."""

    def __init__(
        self,
        lives: Lives,
        contracts: Contracts,
        clock: Clock,
        account: str,
        report: Callable[[Report], None],
    ) -> None:
        self.updates = 0
        """What came about orders of ours."""
        self.unreadable = 0
        self.fault = ""
        """The last of what could not be read, in words."""
        self.on_opened: Callable[[], None] = lambda: None
        """Told of a new connection."""
        self.on_lost: Callable[[str], None] = lambda _: None
        """Told that nothing comes any more."""
        self.fees = Fees(self._settled)
        self._lives = lives
        self._contracts = contracts
        self._clock = clock
        self._account = account
        self._report = report
        self._versions: dict[str, tuple[int, bool]] = {}
        """Which version of each execution was told, and whether with its fee."""

    # What the connection tells

    def opened(self) -> None:
        """Pass on that there is a new connection."""
        self.on_opened()

    def lost(self, reason: str) -> None:
        """Pass on that nothing comes any more."""
        self.on_lost(reason)

    def unreadable_message(self, fault: str) -> None:
        """Count a message that could not even be told to be about an order."""
        self.unreadable += 1
        self.fault = fault

    def fee(self, fee: Any) -> None:
        """Take what a fill cost."""
        self.fees.take(fee)

    def open_order(self, contract: Any, order: Any, state: Any) -> None:
        """Take how an order stands."""
        self.updates += 1
        if (life := self._lives.of(order)) is not None:
            self._take(life, lambda: self._stands(life, contract, order, state.status))

    def order_status(self, order_id: int, status: str, filled: float, perm_id: int, client_id: int) -> None:
        """Take where an order is in its life."""
        self.updates += 1
        life = self._lives.with_number(order_id) if client_id == self._lives.own else None
        if life is not None:
            self._lives.prove(life, perm_id)
            self._take(life, lambda: self._moved(life, status, filled))

    def execution(self, contract: Any, execution: Any) -> None:
        """Take a fill, which waits a moment for what it cost."""
        self.updates += 1
        life = self._lives.with_number(execution.orderId)
        if execution.clientId == self._lives.own and life is not None:
            self._lives.prove(life, execution.permId)
            self._take(life, lambda: self.fees.wait_for((life, contract, execution), execution.execId))

    def objected(self, order_id: int, code: int, text: str) -> None:
        """Take that something is wrong with an order, or with what was asked of it."""
        life = self._lives.with_number(order_id)
        if life is None or code == refusals.CANCELED or refusals.is_news(code):
            return
        self.updates += 1
        self._take(life, lambda: self._refused(life, code, text))

    def known(self, client_id: str) -> None:
        """Go on with an order that the engine was told of in an answer."""
        life = self._lives.begin(client_id)
        life.accepted = True
        life.named.set()
        self.meet(life)

    def meet(self, life: Life) -> None:
        """Tell what happened meanwhile to an order that the engine knows."""
        life.known = True
        while life.held:
            self._take(life, life.held.popleft())

    def _take(self, life: Life, what: Callable[[], None]) -> None:
        """Do what is to be done about an order, or keep it until the engine knows the order."""
        if not life.known:
            life.held.append(what)
            return
        try:
            what()
        except DataError as error:
            self._doubt(life, str(error))

    # What it means

    def _stands(self, life: Life, contract: Any, order: Any, state: str) -> None:
        life.instrument = instrument = self._contracts.known(contract)
        before, life.terms = life.terms, r.terms_of(order, instrument)
        if state in r.WORKS or state == r.FILLED:
            self._accept(life)
        answers = life.waits_for(TERMS) and life.terms == life.wanted
        if not life.ended and (answers or (life.accepted and before not in {None, life.terms})):
            self._report(ReplaceReport(life.client_id, *life.terms, self._clock.now_ns()))
        if answers:
            life.answered(TERMS)

    def _moved(self, life: Life, status: str, filled: float) -> None:
        life.filled = max(life.filled, filled)
        if status in r.WORKS or status == r.FILLED:
            self._accept(life)
        elif status in r.CANCELED or (status == r.INACTIVE and life.accepted):
            self._end(life)

    def _accept(self, life: Life) -> None:
        """Tell once that Interactive Brokers has an order; what was taken for a refusal may have been a warning."""
        life.answered(ORDER)
        if not life.accepted and life.perm_id and (life.refused or not life.ended):
            again, life.accepted = life.refused, True
            life.refused = life.ended = False
            self._report(AcceptReport(life.client_id, str(life.perm_id), self._clock.now_ns(), again))

    def _end(self, life: Life) -> None:
        if life.ended:
            return
        self._accept(life)
        self.fees.hurry(life)
        life.ended = True
        filled = None
        if life.instrument is not None:
            filled = size_units(life.instrument, r.decimal_of(life.filled))
        self._report(CancelReport(life.client_id, life.reason, self._clock.now_ns(), filled))
        for what in (CANCEL, TERMS):
            life.answered(what)

    def _refused(self, life: Life, code: int, text: str) -> None:
        reason, now_ns = refusals.sentence(code, text), self._clock.now_ns()
        kind = refusals.kind_of(code)
        if code in refusals.OF_CANCELS:
            if life.waits_for(CANCEL):
                self._report(CancelRejectReport(life.client_id, reason, now_ns, kind))
                life.answered(CANCEL)
        elif life.waits_for(TERMS):
            self._report(CancelRejectReport(life.client_id, reason, now_ns, kind))
            life.answered(TERMS)
        elif life.accepted or code in refusals.OF_TERMS:
            life.reason = reason
        elif not life.ended:
            life.ended = life.refused = True
            self._report(RejectReport(life.client_id, reason, now_ns, kind))
            life.answered(ORDER)

    def _settled(self, waiting: tuple[Life, Any, Any], fee: Any) -> None:
        """Tell a fill, whose cost is known or did not come in time; one that was told is corrected."""
        life, contract, execution = waiting
        try:
            self._filled(life, contract, execution, fee)
        except DataError as error:
            self._doubt(life, str(error))

    def _filled(self, life: Life, contract: Any, execution: Any, fee: Any) -> None:
        instrument, now_ns = self._contracts.known(contract), self._clock.now_ns()
        self._accept(life)
        fill_id, version = r.id_of(execution.execId), r.version_of(execution.execId)
        told, now = self._versions.get(fill_id), (version, fee is not None)
        if told is not None and now <= told:
            return
        self._versions[fill_id] = now
        if len(self._versions) > VERSIONS_MAX:
            del self._versions[next(iter(self._versions))]
        is_other = told is not None or version > 1
        if is_other and not execution.shares:
            self._report(BustReport(life.client_id, fill_id, "Interactive Brokers took it back", now_ns))
            return
        fill = r.fill_of(execution, fee, life.client_id, instrument, self._account, now_ns)
        self._report(CorrectReport(fill) if is_other else FillReport(fill))

    def _doubt(self, life: Life, fault: str) -> None:
        """Something was said of an order and can't be read: nobody knows now how it stands."""
        self.unreadable += 1
        self.fault = fault
        reason = f"what Interactive Brokers said could not be read: {clean(fault)}"
        self._report(LostReport(life.client_id, reason, self._clock.now_ns()))
