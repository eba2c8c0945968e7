"""Acme's source keeps the promises of every source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from acme_venue import AcmeVenue, Floor
from touchline_acme.adapter import AcmeSettings
from touchline_acme.market_data import AcmeSource

from engine.adapter_contract.following import Live, followed
from engine.adapter_contract.source_contract import SourceContract
from engine.clock import SystemClock
from engine.model.instrument import Symbol

BTC, ETH = Symbol("BTC-USD"), Symbol("ETH-USD")


@pytest.fixture
def venue() -> Iterator[AcmeVenue]:
    with AcmeVenue().running() as each:
        yield each


class TestAcme(SourceContract):
    """What every source promises."""

    label, btc, eth, unknown, price = "Acme", BTC, ETH, Symbol("BTCUSD"), "61000.01"
    partly = "1 of 2 feeds"

    def live(
        self, venue: AcmeVenue, scenario: Callable[[Live[Any]], Awaitable[None]], **terms: Any
    ) -> Live[Any]:
        settings = AcmeSettings(terms.pop("stream_url", venue.stream_url), venue.rest_url)
        symbols = terms.pop("symbols", (BTC, ETH))
        source = AcmeSource(settings, symbols, SystemClock(), retry_s_max=0.2, open_s=0.3, **terms)
        return followed(venue, venue.floor.books, source, scenario, depth=100)

    def walk(self, floor: Floor, seed: int) -> Callable[[], None]:
        random = Random(seed)

        def step() -> None:
            symbol = random.choice(sorted(floor.books))
            (bid, _), (ask, _) = (side[0] for side in floor.books[symbol].tops(1))
            size = f"{random.randint(1, 400) / 100:.5f}"
            match random.randrange(3):
                case 0:  # a level below, or one that goes
                    floor.change(symbol, bids=[(f"{Decimal(bid) - Decimal('0.05'):.2f}", size)])
                case 1:
                    floor.change(symbol, asks=[(f"{Decimal(ask) + Decimal('0.03'):.2f}", "0")])
                case _:
                    floor.change(symbol, asks=[(ask, size)])
                    floor.trade(symbol, "buy", ask, size)

        return step

    def history_fails(self, floor: Floor) -> str:
        floor.faults.rest_status = 404
        return "/minutes: the venue answered 404"

    def prints(self, floor: Floor) -> list[int]:
        return [each["number"] for each in floor.prints[BTC]]
