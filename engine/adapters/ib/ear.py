"""What the library calls with each message, by its own names: answers go to who asked, all else to the hearer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC
from typing import Any

from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.refusals import BACK, CUT_OFF, IN_USE, is_news, meaning_of, sentence
from engine.clock import Clock
from engine.errors import AdapterError

Question = int | str
"""The number of a question, or what it is about where it has none."""
ORDERS, COMPLETED, POSITIONS = "orders", "completed", "positions"
ITEMS_MAX = 100_000


class Answer:
    """What came so far of an answer."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.whole: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def add(self, item: object) -> None:
        """Take a part."""
        if len(self.items) < ITEMS_MAX:
            self.items.append(item)

    def end(self) -> None:
        """Have had all."""
        if not self.whole.done():
            self.whole.set_result(self.items)

    def fail(self, error: AdapterError) -> None:
        """Have no answer."""
        if not self.whole.done():
            self.whole.set_exception(error)


class Ear:
    """Of one connection; what comes after its end reaches nobody."""

    defaultTimezone = UTC
    TimezoneTWS = ""

    def __init__(self, hearer: Hearer, clock: Clock) -> None:
        self.ib = self
        self.accounts: tuple[str, ...] = ()
        self.heard_ns: int | None = None
        """When the gateway last said what time it is there: it was asked, and is alive."""
        self.answers: dict[Question, Answer] = {}
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why the connection ended."""
        self.cut: Callable[[str], None] = lambda _: None
        """Told that the gateway has lost its own connection."""
        self.cut_off = ""
        """Why it has none of its own; empty while it has."""
        self._hearer = hearer
        self._clock = clock
        self._last_words = ""

    def end(self, reason: str) -> None:
        """End the connection."""
        if not self.gone.done():
            self.gone.set_result(reason)

    # The connection

    def currentTime(self, _time: int) -> None:
        self.heard_ns = self._clock.monotonic_ns()

    def connectAck(self) -> None:
        pass

    def connectionClosed(self) -> None:
        pass

    def setEventsDone(self) -> None:
        self.end(self._last_words or "the gateway ended the connection")

    def managedAccounts(self, accounts: str) -> None:
        self.accounts = tuple(filter(None, accounts.split(",")))

    def error(self, number: int, code: int, text: str, _advanced: str = "") -> None:
        if code in CUT_OFF:
            self.cut_off = sentence(code, text)
            self.cut(self.cut_off)
        elif code in BACK:
            self.end("the gateway has its own connection back")
        elif number in self.answers and not is_news(code):
            self.answers[number].fail(meaning_of(code, text))
        elif number < 0:
            self._last_words = sentence(code, text) if code == IN_USE else self._last_words
            self._hearer.notice(code, text)
        else:
            self._hearer.objected(number, code, text)

    # Answers

    def _add(self, question: Question, item: object) -> bool:
        answer = self.answers.get(question)
        if answer is not None:
            answer.add(item)
        return answer is not None

    def _end(self, question: Question) -> None:
        if (answer := self.answers.get(question)) is not None:
            answer.end()

    def contractDetails(self, number: int, details: Any) -> None:
        self._add(number, details)

    bondContractDetails = contractDetails

    def contractDetailsEnd(self, number: int) -> None:
        self._end(number)

    def openOrderEnd(self) -> None:
        self._end(ORDERS)

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:
        self._add(COMPLETED, (contract, order, state))

    def completedOrdersEnd(self) -> None:
        self._end(COMPLETED)

    def position(self, account: str, contract: Any, quantity: float, _cost: float) -> None:
        self._add(POSITIONS, (account, contract, quantity))

    def positionEnd(self) -> None:
        self._end(POSITIONS)

    def accountSummary(self, number: int, account: str, what: str, value: str, currency: str) -> None:
        self._add(number, (account, what, value, currency))

    def accountSummaryEnd(self, number: int) -> None:
        self._end(number)

    def execDetailsEnd(self, number: int) -> None:
        self._end(number)

    def historicalData(self, number: int, bar: Any) -> None:
        self._add(number, bar)

    def historicalDataEnd(self, number: int, _start: str, _end: str) -> None:
        self._end(number)

    # Orders

    def openOrder(self, _number: int, contract: Any, order: Any, state: Any) -> None:
        self._add(ORDERS, (contract, order, state))
        self._hearer.open_order(contract, order, state)

    def orderStatus(
        self,
        number: int,
        status: str,
        filled: float,
        _remaining: float,
        _average: float,
        perm_id: int,
        _parent: int,
        _last: float,
        client_id: int,
        *_more: object,
    ) -> None:
        self._add(ORDERS, (perm_id, status, filled))
        self._hearer.order_status(number, status, filled, perm_id, client_id)

    def execDetails(self, number: int, contract: Any, execution: Any) -> None:
        if not self._add(number, (contract, execution)):
            self._hearer.execution(contract, execution)

    def commissionReport(self, fee: Any) -> None:
        self._hearer.fee(fee)

    # The market

    def priceSizeTick(self, number: int, kind: int, price: float, size: float) -> None:
        self._hearer.tick(number, kind, price, size)

    def tickSize(self, number: int, kind: int, size: float) -> None:
        self._hearer.tick(number, kind, None, size)

    def tickString(self, number: int, kind: int, text: str) -> None:
        self._hearer.text(number, kind, text)

    def tickGeneric(self, number: int, kind: int, value: float) -> None:
        self._hearer.value(number, kind, value)

    def marketDataType(self, number: int, kind: int) -> None:
        self._hearer.value(number, -1, kind)
