"""Alpaca's adapter keeps the promises of a broker that holds pairs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.pair_contract import PairContract
from engine.adapter_contract.served import BrokerVenue as Venue
from tests.alpaca_bench import AlpacaBench
from tests.venues.alpaca.venue import AlpacaVenue


class TestAlpacaPairs(PairContract):
    """As one order of class `oco`."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        with AlpacaVenue() as venue:
            bench = AlpacaBench(venue).begin()
            yield bench
            bench.close()
