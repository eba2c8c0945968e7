"""What is held of one asset, at average cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.texts import text
from tests.venues.price_time import ZERO

Json = dict[str, Any]
_MILLIONTH = Decimal("0.000001")


@dataclass
class Holding:
    """What is held of one asset; below zero it is owed."""

    asset: Asset
    quantity: Decimal = ZERO
    cost: Decimal = ZERO

    def move(self, quantity: Decimal, price: Decimal) -> None:
        """Add what was bought, or take away what was sold, at average cost."""
        if self.quantity * quantity >= 0:
            self.cost += quantity * price
        else:
            closed = min(abs(quantity), abs(self.quantity))
            self.cost -= self.cost * closed / abs(self.quantity)
            rest = abs(quantity) - closed
            if rest:
                self.cost = rest * price * (1 if quantity > 0 else -1)
        self.quantity += quantity

    def json(self, price: Decimal, available: Decimal) -> Json:
        """Return it as the API has it."""
        value = self.quantity * price
        profit = value - self.cost
        share = text((profit / abs(self.cost)).quantize(_MILLIONTH)) if self.cost else "0"
        return {
            "asset_id": self.asset.id,
            "symbol": self.asset.held_as,
            "exchange": self.asset.exchange,
            "asset_class": self.asset.kind,
            "asset_marginable": self.asset.marginable,
            "qty": text(self.quantity),
            "qty_available": text(available),
            "avg_entry_price": text((self.cost / self.quantity).quantize(_MILLIONTH)),
            "side": "long" if self.quantity > 0 else "short",
            "market_value": text(value),
            "cost_basis": text(self.cost),
            "unrealized_pl": text(profit),
            "unrealized_plpc": share,
            "unrealized_intraday_pl": text(profit),
            "unrealized_intraday_plpc": share,
            "current_price": text(price),
            "lastday_price": text(self.asset.mid),
            "change_today": text((price / self.asset.mid - 1).quantize(_MILLIONTH)),
        }
