"""An engine's rooms as the program composes them, on a market that is fed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from engine import bootstrap
from engine.account.journal import journal_folder, open_account
from engine.account.stand_by import Opened
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import AccountSettings, JournalSettings, MetricsSettings, PaperSettings, Settings
from engine.folders import Folders
from engine.messages.commands import SubmitOrder
from engine.model.account import AccountMode
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.quote import Quote
from engine.model.trade import Side
from engine.ports.market_data import MarketDataSource, MarketSink
from engine.rooms import Rooms
from engine.settings.signals import ModelsSettings, SignalSettings
from engine.settings.traces import TracesSettings
from engine.store.cipher import Cipher

NOON_NS = 1_723_118_400 * NS_PER_S
"""2024-08-08, 12:00 UTC."""
ABC, XYZ = Symbol("ABC"), Symbol("XYZ")


@dataclass(frozen=True, slots=True)
class Silent:
    """A source that delivers nothing; with a fault, it fails at once."""

    fault: Exception | None = None
    name: str = "hand"

    async def run(self, sink: MarketSink) -> None:  # noqa: ARG002  # the port's own
        if self.fault is not None:
            raise self.fault


def share(symbol: Symbol) -> Instrument:
    """Return a share in cents that trades around the clock."""
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
        calendar="24/7",
    )


@contextmanager
def composed(
    root: Path,
    source: MarketDataSource | None = None,
    *,
    later_s: float = 0.0,
    steady_is_own: bool = False,
    calendar: str = "",
    mode: AccountMode = AccountMode.SIMULATED,
    cipher: Cipher | None = None,
    traces: TracesSettings | None = None,
    signals: tuple[SignalSettings, ...] = (),
    models: ModelsSettings | None = None,
) -> Iterator[Rooms]:
    """Compose the rooms on whatever is below `root`: paper orders without latency, two shares quoted."""
    folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
    folders.config.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        account=AccountSettings(calendar=calendar),
        paper=PaperSettings(latency_ms=0),
        journal=JournalSettings(durability="process"),
        metrics=MetricsSettings(enabled=False),
        traces=traces or TracesSettings(),
        signals=signals,
        models=models or ModelsSettings(),
    )
    clock = SimulatedClock(NOON_NS + int(later_s * NS_PER_S), steady_is_own=steady_is_own)
    folder = journal_folder(settings, folders, mode, "")
    opened = (
        Opened(open_account(settings.journal, folder, strict=True, cipher=cipher))
        if cipher is not None
        else None
    )
    rooms = bootstrap._rooms(settings, folders, clock, source or Silent(), None, mode, opened=opened)
    try:
        for symbol in (ABC, XYZ):
            rooms.market.on_listed(share(symbol))
            quoted(rooms, symbol, 10_000)
        yield rooms
    finally:
        rooms.journal.close()


def quoted(rooms: Rooms, symbol: Symbol, bid: int) -> None:
    """Let a quote come in, two cents wide."""
    now_ns = rooms.clock.now_ns()
    rooms.market.on_quote(Quote(symbol, "hand", bid, bid + 2, 500, 500, now_ns, now_ns))


def passes(rooms: Rooms, seconds: float) -> None:
    """Let market time pass."""
    assert isinstance(rooms.clock, SimulatedClock)
    rooms.clock.advance_to(rooms.clock.now_ns() + int(seconds * NS_PER_S))


def buying(rooms: Rooms, quantity: int, limit: int | None = None, symbol: Symbol = ABC) -> SubmitOrder:
    """Return an order to buy, at a limit or at the market."""
    client_id, number = rooms.ids.next()
    return SubmitOrder(
        OrderRequest(
            client_id=client_id,
            number=number,
            account=rooms.account.name,
            symbol=symbol,
            side=Side.BUY,
            quantity=quantity,
            type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            limit=limit,
        )
    )
