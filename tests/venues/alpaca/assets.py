"""What can be traded, with the rules of each, and the prices that its market begins at."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_NAMES = uuid.UUID("8f1f0f7e-3d0c-4d0f-9c53-0c7d3c1f2a10")
ONE_DOLLAR = Decimal(1)


@dataclass(frozen=True)
class Asset:
    """One asset; symbols of crypto have a slash, except in positions."""

    symbol: str
    name: str
    mid: Decimal
    """Where its market begins."""
    kind: str = "us_equity"
    exchange: str = "NASDAQ"
    tape: str = "C"
    status: str = "active"
    tradable: bool = True
    marginable: bool = True
    shortable: bool = True
    fractionable: bool = True
    quantity_step: Decimal = Decimal("0.000000001")
    quantity_min: Decimal = Decimal("0.000000001")
    price_step: Decimal = Decimal("0.01")

    @property
    def id(self) -> str:
        """What it is called besides its symbol."""
        return str(uuid.uuid5(_NAMES, self.symbol))

    @property
    def is_crypto(self) -> bool:
        """Whether it trades at all hours."""
        return self.kind == "crypto"

    @property
    def held_as(self) -> str:
        """Its symbol in positions."""
        return self.symbol.replace("/", "")

    def price_decimals(self, price: Decimal) -> int:
        """Return how many decimals a price may have: shares below a dollar have four."""
        if not self.is_crypto and price < ONE_DOLLAR:
            return 4
        return -int(self.price_step.as_tuple().exponent)

    def json(self) -> dict[str, Any]:
        """Return it as the API has it."""
        told: dict[str, Any] = {
            "id": self.id,
            "class": self.kind,
            "exchange": self.exchange,
            "symbol": self.symbol,
            "name": self.name,
            "status": self.status,
            "tradable": self.tradable,
            "marginable": self.marginable,
            "maintenance_margin_requirement": 100 if self.is_crypto else 30,
            "margin_requirement_long": "100" if self.is_crypto else "30",
            "margin_requirement_short": "100" if self.is_crypto else "30",
            "shortable": self.shortable,
            "easy_to_borrow": self.shortable,
            "fractionable": self.fractionable,
            "attributes": [],
        }
        if self.is_crypto:
            told["min_order_size"] = f"{self.quantity_min:f}"
            told["min_trade_increment"] = f"{self.quantity_step:f}"
            told["price_increment"] = f"{self.price_step:f}"
        return told


def crypto(symbol: str, name: str, mid: str, quantity_min: str, price_step: str) -> Asset:
    """Return a pair."""
    return Asset(
        symbol,
        name,
        Decimal(mid),
        kind="crypto",
        exchange="CRYPTO",
        marginable=False,
        shortable=False,
        quantity_min=Decimal(quantity_min),
        price_step=Decimal(price_step),
    )


ASSETS = (
    Asset("AAPL", "Apple Inc. Common Stock", Decimal("190.00")),
    Asset("MSFT", "Microsoft Corporation Common Stock", Decimal("420.00")),
    Asset("SPY", "SPDR S&P 500 ETF Trust", Decimal("600.00"), exchange="ARCA", tape="B"),
    Asset("PNNY", "Penny Holdings Corp. Common Stock", Decimal("0.5000"), exchange="NYSE", tape="A"),
    Asset("HARD", "Hard To Borrow Inc.", Decimal("25.00"), shortable=False, fractionable=False),
    Asset("GONE", "Gone Company", Decimal("10.00"), status="inactive", tradable=False),
    crypto("BTC/USD", "Bitcoin / US Dollar", "61000.00", "0.0001", "0.01"),
    crypto("ETH/USD", "Ethereum / US Dollar", "2650.00", "0.001", "0.01"),
)


class Listing:
    """Finds assets by symbol, by symbol without the slash, and by id."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self.assets = {each.symbol: each for each in assets}
        self._names = {name: each for each in self.assets.values() for name in (each.held_as, each.id)}

    def find(self, name: str) -> Asset | None:
        """Return the asset of a name."""
        return self.assets.get(name) or self._names.get(name)
