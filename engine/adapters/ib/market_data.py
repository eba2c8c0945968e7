"""Interactive Brokers as a source of market data: the touch, prints, hours and the minutes before; no books."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from engine.adapters.ib.broker import VENUE, IbBroker
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.hours import NOT_TOLD, Hours, read_hours
from engine.adapters.ib.link import SILENCE_S, IbLink
from engine.adapters.ib.names import PAIR
from engine.adapters.ib.reading import instrument_of
from engine.adapters.ib.refusals import FARM_LOST, sentence
from engine.adapters.ib.ticks import Touch, minutes_of, print_of
from engine.adapters.live.listed import Listed
from engine.adapters.live.source import LiveSource
from engine.adapters.live.vitals import circuit_row, rows_of
from engine.adapters.rest.vitals import account_row
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S, Clock
from engine.errors import AdapterError, DataError, TransientError
from engine.messages.events import AlertRaised, Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.ports.venue import VenueRow
from engine.settings.venues import IbSettings
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.dialling import RETRY_S_MAX, SIGN_S
from engine.transport.skew import ClockSkew

LOOK_S: Final = 20.0
"""How often it is looked whether a market opened or closed."""
MINUTES_MAX: Final = 1000
PRINTS: Final = "233"
"""The extra feed of prints, by its number."""
_REAL_TIME_VOLUME: Final = 48
_HALTED: Final = 49
OPEN, CLOSED, HALTED = "open", "closed", "halted"
_SESSIONS: Final = {OPEN: Session.OPEN, CLOSED: Session.CLOSED, HALTED: Session.HALTED}


class IbSource(LiveSource, Hearer):
    """Delivers the symbols it was made for until it is cancelled.

    It has a connection of its own beside that of the orders: neither waits for the other.
    """

    name = VENUE
    label = "Interactive Brokers"
    rule = SequenceRule.NONE
    follows_more = True

    def __init__(
        self,
        settings: IbSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        *,
        live: bool = False,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings; nothing is dialled yet."""
        super().__init__(symbols, clock, open_s=open_s)
        data, self._history_circuit = self._own_circuits = self.circuits
        self.contracts = Contracts()
        self.broker: IbBroker | None = None
        """Who trades the account, where orders go there."""
        self._settings = settings
        self._live = live
        self._hours: dict[Symbol, Hours] = {}
        self._touches: dict[Symbol, Touch] = {}
        self._numbers: dict[int, Symbol] = {}
        """What is followed, by the numbers of the subscriptions."""
        self._heard: set[Symbol] = set()
        self.skew = ClockSkew()
        self.stream = self.link = IbLink(
            settings.host,
            settings.port,
            settings.client_id + 1,
            data,
            clock,
            self,
            silence_s=silence_s,
            ping_s=SIGN_S,
            retry_s_max=retry_s_max,
        )

    def make_broker(self, account: str, instruments: Mapping[Symbol, Instrument]) -> IbBroker:
        """Return the broker for the account; `account` is the desk's name of it."""
        self.broker = IbBroker(
            self._settings, account, self.contracts, self._clock, instruments, live=self._live
        )
        self.broker.admission.alert = self._account_alert
        for circuit in self.broker.circuits.values():
            circuit.changed = circuit.called = self._circuit_told
        self.circuits: tuple[Breaker, ...] = (*self._own_circuits, *self.broker.circuits.values())
        return self.broker

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board; those of the account are there where orders go there."""
        *own, clock = rows_of(self.name, self.stream, self._own_circuits, self.skew, self._confirmed)
        if self.broker is None:
            return (*own, clock)
        account = account_row("ib account", self.broker, self.broker.telling)
        return (*own, account, *map(circuit_row, self.broker.circuits.values()), clock)

    # What the connection tells

    def opened(self) -> None:
        """List what is wanted, and ask for it."""
        assert self._tasks is not None
        self._connected_again()
        self._numbers.clear()
        self._heard.clear()
        self._touches.clear()
        self._tasks.create_task(self._list_all(self.link.connects))

    def notice(self, code: int, text: str) -> None:
        """Distrust what comes from a farm that is not there."""
        if code in FARM_LOST:
            self._distrust(sentence(code, text))
            self._alert(Severity.WARNING, f"{self.label}: {sentence(code, text)}")

    def unreadable_message(self, fault: str) -> None:
        """Count a message that could not be read."""
        self.malformed(Unreadable("undecodable", fault))

    def tick(self, number: int, kind: int, price: float | None, size: float | None) -> None:
        """Take a part of the touch."""
        symbol = self._numbers.get(number)
        listed = self._listed.get(symbol) if symbol is not None else None
        if self._sink is None or listed is None:
            return
        self._heard.add(listed.symbol)
        touch = self._touches.setdefault(listed.symbol, Touch(listed.units.instrument))
        try:
            is_news = touch.take(kind, price, size)
        except DataError as error:
            self.malformed(Unreadable("bad_tick", str(error)))
            return
        if is_news:
            self._sink.on_quote(touch.quote(self.name, self._clock.now_ns()))

    def text(self, number: int, kind: int, text: str) -> None:
        """Take a print."""
        listed = self._listed.get(self._numbers.get(number, Symbol("")))
        if self._sink is None or listed is None or kind != _REAL_TIME_VOLUME:
            return
        try:
            trade = print_of(text, listed.units, self.name, self._clock.now_ns())
        except Unreadable as error:
            self.malformed(error)
            return
        if trade is not None and not 0 < trade.event_ns < listed.since_ns:
            self._sink.on_trade(trade)

    def value(self, number: int, kind: int, value: float) -> None:
        """Take whether a contract is halted, or that it is followed."""
        listed = self._listed.get(self._numbers.get(number, Symbol("")))
        if listed is None:
            return
        self._heard.add(listed.symbol)
        if kind == _HALTED:
            self._say(listed, HALTED if value > 0 else self._phase(listed))

    def objected(self, number: int, code: int, text: str) -> None:
        """Say that something can't be followed."""
        symbol = self._numbers.get(number)
        if symbol is not None:
            self._tell_once(symbol, Severity.WARNING, f"{symbol} gets no market data: {sentence(code, text)}")

    # Listing

    async def _list_all(self, connection: int) -> None:
        """List what is wanted, as long as the connection lasts, and look at its hours from then on."""
        for symbol in self.wanted:
            try:
                await self._look_up(symbol)
            except TransientError as error:
                if self.link.is_open and self.link.connects == connection:
                    self.link.renew(f"{symbol} could not be looked up: {error}")
                return
            except (AdapterError, DataError) as error:
                self._tell_once(symbol, Severity.CRITICAL, f"{symbol} gets no market data: {error}")
        self._begin()
        while self.link.is_open and self.link.connects == connection:
            await asyncio.sleep(LOOK_S)
            for listed in list(self._listed.values()):
                if listed.status != HALTED:
                    self._say(listed, self._phase(listed))

    async def _look_up(self, symbol: Symbol) -> None:
        details = await self.contracts.look_up(self.link, symbol)
        try:
            self._hours[symbol] = read_hours(details.liquidHours, details.timeZoneId)
        except Unreadable as error:
            self._hours[symbol] = NOT_TOLD
            self.malformed(error)
        now_ns = self._clock.now_ns()
        is_open = self._hours[symbol].is_open(now_ns)
        self._list(instrument_of(details), CLOSED if is_open is False else OPEN, now_ns)

    def _phase(self, listed: Listed) -> str:
        is_open = self._hours.get(listed.symbol, NOT_TOLD).is_open(self._clock.now_ns())
        return CLOSED if is_open is False else OPEN

    def _say(self, listed: Listed, status: str) -> None:
        if listed.status != status:
            listed.status = status
            self._say_status(listed, self._clock.now_ns())

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        followed = set(self._numbers.values())
        for symbol in symbols:
            if symbol not in followed and self.link.is_open:
                client, contract = self.link.client, self.contracts.details(symbol).contract
                number = client.getReqId()
                self._numbers[number] = symbol
                extra = "" if contract.secType == PAIR else PRINTS
                client.reqMktData(number, contract, extra, False, False, [])

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._touches.pop(symbol, None)
        self._heard.discard(symbol)
        for number in [each for each, followed in self._numbers.items() if followed == symbol]:
            del self._numbers[number]
            if self.link.is_open:
                self.link.client.cancelMktData(number)

    def _refresh(self, symbol: Symbol) -> None:
        """There are no books here."""

    def _confirmed(self) -> tuple[int, int]:
        return len(self._heard), len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        contract = self.contracts.details(units.instrument.symbol).contract
        now_ns = self._clock.now_ns()
        missing_s = max(60, (now_ns - since_ns) // NS_PER_S + 60)
        span = f"{missing_s} S" if since_ns and missing_s <= 86_400 else "2 D"
        send = partial(_ask_for_minutes, contract, span)
        rows = await self._history_circuit.call(lambda: self.link.ask(send))
        bars = minutes_of(rows, units.instrument, self.name, now_ns)
        return [bar for bar in bars if bar.bar.start_ns >= since_ns][-MINUTES_MAX:]

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        reason = "" if listed.status == OPEN else f"{self.label}: {listed.status}"
        return StatusChange(listed.symbol, self.name, _SESSIONS[listed.status], reason, 0, received_ns)

    async def _close(self) -> None:
        """There is nothing open beside the connection, which closes itself."""

    def _account_alert(self, severity: Severity, text: str) -> None:
        self.publish(AlertRaised(severity, self.name, text, self._clock.now_ns()))


def _ask_for_minutes(contract: Any, span: str, client: Any, number: int) -> None:
    shown = "MIDPOINT" if contract.secType == PAIR else "TRADES"
    client.reqHistoricalData(number, contract, "", span, "1 min", shown, False, 2, False, [])
