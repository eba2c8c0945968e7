"""Alpaca's adapter against a venue that speaks its protocols on this machine."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.alpaca.admission import Admission
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.requests import TradingRequests
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.ports.secrets import Credential
from tests.rest_bench import ACCOUNT, RestBench
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue

AAPL = Symbol("AAPL")
CREDENTIAL = Credential("PKLOCALVENUE", KEYS["PKLOCALVENUE"])


def coarse(symbol: Symbol = AAPL) -> Instrument:
    """Return an instrument whose units are whole dollars and whole shares."""
    one = Decimal(1)
    return Instrument(
        symbol=symbol,
        venue="alpaca",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=one,
        tick=one,
        size_unit=one,
        lot=one,
    )


class AlpacaBench(RestBench):
    """With one share."""

    symbol = AAPL

    def __init__(
        self, venue: AlpacaVenue, credential: Credential = CREDENTIAL, account_number: str = ""
    ) -> None:
        super().__init__()
        self.venue = venue
        self.instruments = {AAPL: coarse()}
        self.requests = TradingRequests(venue.trading_url, credential, self.clock, open_s=0.05)
        self.admission = Admission(
            venue.trades_url,
            self.requests.account_circuit,
            credential,
            self.clock,
            account_number=account_number,
            silence_s=1.0,
            retry_s_max=0.05,
        )
        self.admission.alert = lambda _severity, text: self.alerts.append(text)
        self.broker = self.rest = self.alpaca = AlpacaBroker(
            self.requests, self.admission, ACCOUNT, self.clock, self.instruments
        )
        self.alpaca.listings.listed = lambda each: self.instruments.__setitem__(each.symbol, each)
        self.alpaca.connect(self.reports.append)

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""
        floor = self.venue.floor
        self.venue.do(lambda: floor.quote("AAPL", str(bid), str(ask), str(bid_size), str(ask_size)))
        self.settle()

    def settle(self) -> None:
        """Wait until every request is answered and every update has come."""
        self.answered()

    def _told(self) -> int:
        return self.venue.do(lambda: len(self.venue.floor.updates))

    def _heard(self) -> int:
        return self.alpaca.telling.updates

    async def _close(self) -> None:
        await self.requests.close()
