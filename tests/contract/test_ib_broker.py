"""The adapter of Interactive Brokers keeps the promises of every broker, with a gateway that speaks its protocol behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.broker_contract import BrokerContract
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.clock import NS_PER_S
from engine.model.trade import Side
from tests.ib_bench import IbBench
from tests.ib_bench import venue as gateway

pytest.importorskip("ib_async", reason="the extra is not installed")


class TestIbBroker(BrokerContract):
    """Over the socket of a gateway."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        with gateway() as there:
            bench = IbBench(there).begin()
            yield bench
            bench.close()

    def test_a_later_stock_leaves_out_what_ended_before(self, venue: Venue) -> None:
        """As for every broker, but two seconds later: times are told in whole seconds."""
        resting = self._send(venue, Side.BUY, 10, 95)
        self._send(venue, Side.SELL, 30)
        first = self._stock(venue)
        later = self._stock(venue, first.as_of_ns + 2 * NS_PER_S)
        assert [order.client_id for order in later.orders] == [resting]
        assert later.fills == ()
        assert later.positions == first.positions
        assert first.since_ns <= first.as_of_ns < later.since_ns
