"""Binance's broker against a venue that speaks its protocols on this machine."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from engine.adapters.binance.account_admission import AccountAdmission
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.broker import BinanceBroker
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.ports.secrets import Credential
from tests.rest_bench import ACCOUNT, RestBench
from tests.venues.binance.keys import KEYS
from tests.venues.binance.venue import BinanceVenue

BTC = Symbol("BTCUSDT")
CREDENTIAL = Credential(*next(iter(KEYS.items())))
APART_S = 0.01
"""Times are told in whole milliseconds: what comes after has another one."""


def coarse(symbol: Symbol = BTC, base: str = "BTC") -> Instrument:
    """Return a pair whose units are whole dollars and whole coins."""
    one = Decimal(1)
    return Instrument(
        symbol=symbol,
        venue="binance",
        asset_class=AssetClass.CRYPTO,
        currency="USDT",
        base=base,
        price_unit=one,
        tick=one,
        size_unit=one,
        lot=one,
    )


class BinanceBench(RestBench):
    """With one pair."""

    symbol = BTC

    def __init__(self, venue: BinanceVenue, credential: Credential = CREDENTIAL, uid: str = "") -> None:
        super().__init__()
        self.venue = venue
        self.instruments = {BTC: coarse()}
        self.requests = AccountRequests(venue.api_url, credential, self.clock, open_s=0.05)
        self.admission = AccountAdmission(
            venue.user_url, self.requests, self.clock, uid=uid, silence_s=1.0, retry_s_max=0.05
        )
        self.admission.alert = lambda _severity, text: self.alerts.append(text)
        self.broker = self.rest = self.binance = BinanceBroker(
            self.requests, self.admission, ACCOUNT, self.clock, self.instruments
        )
        self.binance.pairs.listed = lambda each: self.instruments.__setitem__(each.symbol, each)
        self.binance.connect(self.reports.append)

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""
        floor = self.venue.floor
        self.venue.do(lambda: floor.quote("BTCUSDT", str(bid), str(ask), str(bid_size), str(ask_size)))
        self.settle()

    def settle(self) -> None:
        """Wait until every request is answered and every update has come, and a little more."""
        self.answered()
        self.loop.run_until_complete(asyncio.sleep(APART_S))

    def _told(self) -> int:
        return self.venue.do(lambda: self.venue.floor.exchange.told)

    def _heard(self) -> int:
        return self.binance.telling.updates

    async def _close(self) -> None:
        await self.requests.close()
