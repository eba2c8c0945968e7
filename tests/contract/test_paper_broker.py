"""The paper broker keeps the promises of every broker."""

from __future__ import annotations

import pytest

from engine.adapter_contract.broker_contract import BrokerContract
from engine.adapter_contract.served import BrokerVenue as Venue
from engine.config import PaperSettings
from tests.unit.engine.paper_bench import PaperBench


class TestPaperBroker(BrokerContract):
    """With and without latency."""

    @pytest.fixture(params=[0.0, 2.0], ids=["at once", "2 ms each way"])
    def venue(self, request: pytest.FixtureRequest) -> Venue:
        return PaperBench(PaperSettings(latency_ms=request.param))
