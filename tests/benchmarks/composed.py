"""An engine's rooms as the program composes them, on a market that is fed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import bootstrap
from engine.clock import Clock
from engine.config import JournalSettings, PaperSettings, Settings
from engine.folders import Folders
from engine.model.account import AccountMode
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.ports.market_data import MarketSink
from engine.rooms import Rooms
from engine.settings.traces import TracesSettings


@dataclass(frozen=True, slots=True)
class HandFed:
    """A source that delivers nothing by itself."""

    name: str = "hand"

    async def run(self, sink: MarketSink) -> None:
        """Deliver nothing."""


def share(symbol: str) -> Instrument:
    """Return a share in cents that trades around the clock."""
    return Instrument(
        symbol=Symbol(symbol),
        venue="XNAS",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
    )


@contextmanager
def rooms(
    clock: Clock, symbols: Iterable[str], limits: str = "", traces: TracesSettings | None = None
) -> Iterator[Rooms]:
    """Compose the rooms in a folder of their own, paper orders without latency, these shares listed."""
    settings = Settings(
        paper=PaperSettings(latency_ms=0),
        journal=JournalSettings(durability="process"),
        traces=traces or TracesSettings(),
    )
    with TemporaryDirectory(prefix="touchline-") as scratch:
        home = Path(scratch)
        folders = Folders(home / "config", home / "data", home / "cache", home / "logs")
        folders.config.mkdir()
        folders.limits.write_text(limits, encoding="utf-8")
        made = bootstrap._rooms(settings, folders, clock, HandFed(), None, AccountMode.SIMULATED)
        try:
            for symbol in symbols:
                made.market.on_listed(share(symbol))
            yield made
        finally:
            made.journal.close()
