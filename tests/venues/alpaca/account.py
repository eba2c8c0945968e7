"""The one account: money, what is held, what it may still do, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.holding import Holding
from tests.venues.alpaca.orders import Order
from tests.venues.alpaca.refusal import Refusal, forbidden, wrong_state
from tests.venues.alpaca.rules import Touch
from tests.venues.alpaca.texts import SECOND_NS, stamp, text
from tests.venues.price_time import ZERO

Json = dict[str, Any]
MULTIPLIER = Decimal(2)
COLLAR_NEAR, COLLAR_FAR, FIFTY = Decimal("1.04"), Decimal("1.025"), Decimal(50)
SHORT_COLLAR = Decimal("1.03")


def collared(price: Decimal) -> Decimal:
    """Return the most that a market order to buy is reckoned to cost: 4% more below 50 dollars, 2.5% above."""
    return price * (COLLAR_NEAR if price < FIFTY else COLLAR_FAR)


class Account:
    """Keeps count, and says what the account can't afford."""

    def __init__(self, account_id: str, cash: Decimal, price_of: Callable[[Asset], Decimal]) -> None:
        self.id = account_id
        self.cash = cash
        self.opened_with = cash
        self.holdings: dict[str, Holding] = {}
        self.activities: list[Json] = []
        """Fills, oldest first."""
        self.flags = {"trading_blocked": False, "account_blocked": False, "transfers_blocked": False}
        self.configurations: Json = {
            "fractional_trading": True,
            "max_margin_multiplier": text(MULTIPLIER),
            "no_shorting": False,
            "suspend_trade": False,
            "trade_confirm_email": "all",
            "ptp_no_exception_entry": False,
        }
        self._price_of = price_of

    def held(self, asset: Asset) -> Decimal:
        """Return how much is held."""
        holding = self.holdings.get(asset.symbol)
        return ZERO if holding is None else holding.quantity

    @property
    def equity(self) -> Decimal:
        """What everything is worth."""
        return self.cash + sum(
            (each.quantity * self._price_of(each.asset) for each in self.holdings.values()), ZERO
        )

    def reserved(self, asset: Asset, side: str, orders: Iterable[Order]) -> Decimal:
        """Return how much the open orders of a side hold; of exits that cancel each other only one counts."""
        total, counted = ZERO, set[int]()
        for order in orders:
            if order.asset is asset and order.side == side and not order.ended and order.status != "held":
                family = id(order.parent or order)
                if order in order.exits and family in counted:
                    continue
                counted.add(family)
                total += order.leaves
        return total

    def available(self, asset: Asset, orders: Iterable[Order]) -> Decimal:
        """Return how much of a position no order holds, with its sign."""
        held = self.held(asset)
        side, sign = ("sell", 1) if held > 0 else ("buy", -1)
        return sign * max(ZERO, abs(held) - self.reserved(asset, side, orders))

    def cost(self, order: Order, touch: Touch) -> Decimal:
        """Return what an order that opens needs; one that closes needs nothing."""
        if self.held(order.asset) * order.sign < 0:
            return ZERO
        if order.notional is not None:
            return order.notional - order.paid
        _, ask = touch
        market = self._price_of(order.asset) if ask is None else ask[0]
        if order.side == "sell":
            return max(order.limit or ZERO, market * SHORT_COLLAR) * order.leaves
        limit = order.working_limit
        return (collared(order.stop or market) if limit is None else limit) * order.leaves

    def buying_power(self, orders: Iterable[Order], touch_of: Callable[[Asset], Touch]) -> Decimal:
        """Return what new orders may cost."""
        gross = sum(
            (abs(each.quantity) * self._price_of(each.asset) for each in self.holdings.values()), ZERO
        )
        return max(ZERO, MULTIPLIER * self.equity - gross - self.open_cost(orders, touch_of))

    def open_cost(self, orders: Iterable[Order], touch_of: Callable[[Asset], Touch]) -> Decimal:
        """Return what the open orders need."""
        return sum(
            (
                self.cost(each, touch_of(each.asset))
                for each in orders
                if not each.ended and each.status != "held"
            ),
            ZERO,
        )

    def check(self, order: Order, orders: list[Order], touch_of: Callable[[Asset], Touch]) -> None:
        """Refuse what the account may not do or can't afford; `orders` are the others."""
        if self.flags["account_blocked"] or self.flags["trading_blocked"]:
            raise Refusal(403, None, "account is not authorized to trade")
        if self.configurations["suspend_trade"]:
            raise forbidden("new orders are rejected by user request")
        held = self.held(order.asset)
        if held * order.sign < 0:
            self._check_closing(order, orders)
        elif order.side == "sell":
            self._check_short(order)
        power = self.buying_power(orders, touch_of)
        if order.asset.is_crypto:
            power = min(power, max(ZERO, self.cash - self.open_cost(orders, touch_of)))
        cost = self.cost(order, touch_of(order.asset))
        if cost > power:
            raise forbidden("insufficient buying power", buying_power=text(power), cost_basis=text(cost))

    def _check_closing(self, order: Order, orders: list[Order]) -> None:
        held, available = self.held(order.asset), abs(self.available(order.asset, orders))
        if order.size > available:
            raise forbidden(
                f"insufficient qty available for order (requested: {text(order.size)}, available: "
                f"{text(available)})",
                symbol=order.asset.symbol,
                available=text(available),
                existing_qty=text(abs(held)),
                held_for_orders=text(abs(held) - available),
            )

    def _check_short(self, order: Order) -> None:
        asset = order.asset
        if asset.is_crypto:
            base = asset.symbol.partition("/")[0]
            raise forbidden(
                f"insufficient balance for {base} (requested: {text(order.size)}, available: 0)",
                symbol=asset.symbol,
                available="0",
            )
        if self.configurations["no_shorting"] or not asset.shortable:
            raise wrong_state(f'asset "{asset.symbol}" cannot be sold short')
        if order.size != order.size.to_integral_value() or order.notional is not None:
            raise wrong_state("fractional orders cannot be sold short")

    def fill(self, order: Order, price: Decimal, quantity: Decimal, when_ns: int, fill_id: str) -> None:
        """Take what was traded into account."""
        self._move(order, price, quantity)
        moment = datetime.fromtimestamp(when_ns // SECOND_NS, UTC)
        self.activities.append(
            {
                "id": f"{moment:%Y%m%d%H%M%S}{when_ns // 1_000_000 % 1000:03}::{fill_id}",
                "activity_type": "FILL",
                "transaction_time": stamp(when_ns),
                "type": "partial_fill" if order.leaves > 0 else "fill",
                "price": text(price),
                "qty": text(quantity),
                "side": order.side,
                "symbol": order.asset.symbol,
                "leaves_qty": text(max(order.leaves, ZERO)),
                "order_id": order.id,
                "cum_qty": text(order.filled),
                "order_status": order.status,
            }
        )

    def bust(self, order: Order, activity: Json) -> None:
        """Take back what was traded."""
        self.activities.remove(activity)
        self._move(order, Decimal(activity["price"]), -Decimal(activity["qty"]))

    def _move(self, order: Order, price: Decimal, quantity: Decimal) -> None:
        holding = self.holdings.setdefault(order.asset.symbol, Holding(order.asset))
        holding.move(order.sign * quantity, price)
        self.cash -= order.sign * quantity * price
        if not holding.quantity:
            del self.holdings[order.asset.symbol]

    def json(self, orders: list[Order], touch_of: Callable[[Asset], Touch]) -> Json:
        """Return it as the API has it."""
        values = [each.quantity * self._price_of(each.asset) for each in self.holdings.values()]
        long, short = sum((v for v in values if v > 0), ZERO), sum((v for v in values if v < 0), ZERO)
        equity, power = text(self.equity), text(self.buying_power(orders, touch_of))
        margin = text((long - short) / MULTIPLIER)
        return {
            "id": self.id,
            "account_number": "PA3LOCAL0001",
            "status": "ACTIVE",
            "crypto_status": "ACTIVE",
            "currency": "USD",
            "cash": text(self.cash),
            "buying_power": power,
            "regt_buying_power": power,
            "effective_buying_power": power,
            "options_buying_power": text(max(ZERO, self.cash)),
            "non_marginable_buying_power": text(max(ZERO, self.cash - self.open_cost(orders, touch_of))),
            "accrued_fees": "0",
            "pending_transfer_in": "0",
            "portfolio_value": equity,
            "equity": equity,
            "last_equity": text(self.opened_with),
            "long_market_value": text(long),
            "short_market_value": text(short),
            "position_market_value": text(long - short),
            "initial_margin": margin,
            "maintenance_margin": text((long - short) * Decimal("0.3")),
            "last_maintenance_margin": "0",
            "sma": equity,
            "multiplier": text(MULTIPLIER),
            "trade_suspended_by_user": self.configurations["suspend_trade"],
            "shorting_enabled": not self.configurations["no_shorting"],
            "created_at": "2024-01-02T15:00:00.123456Z",
            **self.flags,
        }
