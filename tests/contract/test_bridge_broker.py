"""The bridge keeps the promises of every broker, with a venue in a process of its own behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.broker_contract import BrokerContract
from engine.adapter_contract.served import BrokerVenue as Venue
from tests.unit.engine.bridge_bench import BridgeBench, VenueProcess


class TestBridgeBroker(BrokerContract):
    """Over a Unix socket."""

    @pytest.fixture
    def venue(self) -> Iterator[Venue]:
        process = VenueProcess().start()
        bench = BridgeBench(process.address, process).begin()
        yield bench
        bench.close()
        process.remove()
