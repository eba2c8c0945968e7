"""Binance's adapter keeps the promises of a broker that holds pairs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.pair_contract import PairContract
from engine.adapter_contract.served import BrokerVenue as Venue
from tests.binance_broker_bench import BinanceBench
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue


class TestBinancePairs(PairContract):
    """As a list of orders."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        with BinanceVenue([PAIR]) as venue:
            bench = BinanceBench(venue).begin()
            yield bench
            bench.close()
