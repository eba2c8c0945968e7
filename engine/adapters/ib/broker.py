"""Interactive Brokers as a broker: orders and what becomes of them over one connection to the gateway."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from engine.adapters.ib.admission import Admission
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.link import ANSWER_S, SILENCE_S, IbLink
from engine.adapters.ib.lives import Lives
from engine.adapters.ib.orders import OrderRequests
from engine.adapters.ib.stock import Stocktaker
from engine.adapters.ib.telling import Telling
from engine.adapters.rest.broker import RestBroker
from engine.adapters.rest.questions import Questions
from engine.clock import Clock
from engine.errors import DataError
from engine.messages.circuits import Operation
from engine.model.ability_table import ABILITIES
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest
from engine.settings.venues import IbSettings
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.dialling import RETRY_S_MAX

VENUE = "ib"
_CIRCUITS = (Operation.SUBMIT, Operation.CANCEL, Operation.ACCOUNT)


class IbBroker(RestBroker[None]):
    """An order keeps the number under which it was sent, and carries our id as its reference."""

    abilities = ABILITIES["ib"]

    def __init__(
        self,
        settings: IbSettings,
        account: str,
        contracts: Contracts,
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
        *,
        live: bool = False,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        answer_s: float = ANSWER_S,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings; nothing is dialled yet. `account` is the desk's name of it."""
        self.circuits = {each: Breaker(VENUE, each, clock, open_s=open_s) for each in _CIRCUITS}
        self.lives = lives = Lives(settings.client_id)
        self.telling = Telling(lives, contracts, clock, account, self._report)
        self.link = IbLink(
            settings.host,
            settings.port,
            settings.client_id,
            self.circuits[Operation.ACCOUNT],
            clock,
            self.telling,
            silence_s=silence_s,
            retry_s_max=retry_s_max,
            answer_s=answer_s,
        )
        admission = Admission(self.link, settings.account, live=live)
        super().__init__(VENUE, admission, clock, instruments)
        self.contracts = contracts
        contracts.instruments = instruments
        self.stocktaker = Stocktaker(self.link, lives, contracts, self.telling.fees, clock, account)
        self.questions = Questions(self.stocktaker, self.telling.known, clock, self._report)
        self.orders = OrderRequests(
            self.link, lives, contracts, self.stocktaker, self.telling, self.outcomes, self.circuits
        )
        self._way = admission
        admission.attend(self)
        self.telling.on_opened, self.telling.on_lost = admission.listening, self._lost

    # The way

    def opened(self, venue: str) -> None:
        """Say that the way is open, to the account that was found."""
        self.stocktaker.number = self._way.number
        super().opened(venue)

    def _lost(self, reason: str) -> None:
        self.orders.lost(reason)
        self.telling.fees.stop()
        self._way.lost(reason)

    def updated(self, update: None) -> None:
        """Hear nothing: what comes about orders goes to the telling by its own names."""

    def unreadable(self, error: DataError) -> None:
        """Hear nothing: what the library can't read it counts in the connection."""

    # Requests

    def _submission(self, request: OrderRequest, instrument: Instrument) -> Coroutine[Any, Any, None]:
        if self.lives.named(request.client_id) is not None:
            return self.orders.refuse_again(request.client_id)
        life = self.lives.begin(request.client_id)
        life.known, life.instrument = True, instrument
        return self.orders.submit(life, request, instrument)

    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether it holds a stop and a target as one, which is not used."""
        del symbol
        return False

    def _pair_submission(
        self, stop: OrderRequest, target: OrderRequest, instrument: Instrument
    ) -> Coroutine[Any, Any, None]:
        """Send nothing: what is never held as one is never asked for so."""
        raise AssertionError(f"{stop.client_id} and {target.client_id} are no pair: {instrument.symbol}")

    def _cancellation(self, client_id: str) -> Coroutine[Any, Any, None]:
        return self.orders.cancel(client_id)

    def _amendment(
        self, client_id: str, quantity: int, limit: int | None, stop: int | None
    ) -> Coroutine[Any, Any, None]:
        return self.orders.amend(client_id, quantity, limit, stop)
