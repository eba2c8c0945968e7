"""What leads to an account at Binance, beside its market data: another host, a key, a broker."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.binance.account_admission import AccountAdmission
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.broker import BinanceBroker
from engine.adapters.live.vitals import circuit_row, clock_row
from engine.adapters.rest.vitals import account_row
from engine.clock import Clock
from engine.model.instrument import Instrument, Symbol
from engine.ports.secrets import Credential
from engine.ports.venue import VenueRow
from engine.settings.venues import BinanceSettings
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S


class Account:
    """The account that a key belongs to."""

    def __init__(
        self, settings: BinanceSettings, credential: Credential, clock: Clock, *, open_s: float = OPEN_S
    ) -> None:
        """Take the settings; nothing is dialled yet.

        Raises:
            ConfigError: an address is none.
        """
        url = checked_url("venues.binance.orders_url", settings.orders_url, "https")
        user_url = checked_url("venues.binance.user_url", settings.user_url, "wss")
        self.requests = AccountRequests(url, credential, clock, open_s=open_s)
        self.admission = AccountAdmission(user_url, self.requests, clock, uid=settings.account)
        self.broker: BinanceBroker | None = None
        self._clock = clock

    def make_broker(self, account: str, instruments: Mapping[Symbol, Instrument]) -> BinanceBroker:
        """Return the broker; `account` is the desk's name of the account."""
        self.broker = BinanceBroker(self.requests, self.admission, account, self._clock, instruments)
        return self.broker

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board, once there is a broker."""
        if self.broker is None:
            return ()
        return (
            account_row("binance account", self.broker, self.broker.telling),
            *(circuit_row(circuit) for circuit in self.requests.circuits),
            self.requests.weights.row("orders_weight", "weight of orders"),
            clock_row(self.requests.skew, "orders_clock", "clock of orders"),
        )
