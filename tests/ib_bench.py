"""The adapter of Interactive Brokers against a gateway on this machine."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.ib.broker import IbBroker
from engine.adapters.ib.contracts import Contracts
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.settings.venues import IbSettings
from tests.rest_bench import ACCOUNT, RestBench
from tests.venues.ib.stock import COARSE, CONTRACTS
from tests.venues.ib.venue import IbVenue

WHOLE = Symbol("WHOLE")


def venue() -> IbVenue:
    """Return a gateway that has a share whose prices are whole dollars."""
    return IbVenue((*CONTRACTS, COARSE))


def coarse() -> Instrument:
    """Return the instrument of that share."""
    one = Decimal(1)
    return Instrument(
        symbol=WHOLE,
        venue="ib",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=one,
        tick=one,
        size_unit=one,
        lot=one,
    )


class IbBench(RestBench):
    """With one share."""

    symbol = WHOLE

    def __init__(
        self, gateway: IbVenue, account_number: str = "", *, live: bool = False, answer_s: float = 8.0
    ) -> None:
        super().__init__()
        self.gateway = gateway
        self.instruments = {WHOLE: coarse()}
        self.settings = IbSettings(port=gateway.port, account=account_number)
        self.broker = self.rest = self.ib = IbBroker(
            self.settings,
            ACCOUNT,
            Contracts(),
            self.clock,
            self.instruments,
            live=live,
            silence_s=1.0,
            retry_s_max=0.05,
            answer_s=answer_s,
            open_s=0.05,
        )
        self.ib.admission.alert = lambda _severity, text: self.alerts.append(text)
        self.ib.contracts.listed = lambda each: self.instruments.__setitem__(each.symbol, each)
        self.ib.connect(self.reports.append)

    def quote(self, bid: int, ask: int, bid_size: int = 100, ask_size: int = 100) -> None:
        """Make the venue show this touch and nothing else."""
        floor = self.gateway.floor
        self.gateway.do(lambda: floor.quote("WHOLE", str(bid), str(ask), str(bid_size), str(ask_size)))
        self.settle()

    def settle(self) -> None:
        """Wait until every request is answered and every update has come."""
        self.answered()

    def _told(self) -> int:
        floor, own = self.gateway.floor, self.settings.client_id
        return self.gateway.do(lambda: sum(each.said for each in floor.sessions if each.client_id == own))

    def _heard(self) -> int:
        client = self.ib.link._client
        return client._numMsgRecv if client is not None else 0

    async def _close(self) -> None:
        """There is nothing beside the connection, which closes itself."""


def faults_of(gateway: IbVenue, **values: object) -> None:
    """Let things go wrong there, until they are set right again."""
    for name, value in values.items():
        gateway.do(lambda name=name, value=value: setattr(gateway.floor.faults, name, value))  # type: ignore[misc]


def asked(bench: IbBench, client_id: str) -> object:
    """Return the answer to what became of an order, over the connection that comes next."""
    bench.wait_for(lambda: bench.ib.connected)
    bench.meet()
    bench.broker.inquire(client_id, 7)
    bench.settle()
    return bench.reports[-1]
