"""Alpaca's trading messages as they come (REST v2 and the stream of trade updates); what they mean is `reading`'s.

Money and sizes are texts, in some answers numbers: a Decimal takes both, digit for digit. Whatever may be
missing or null has a default, and what is not named here is passed over.
Source: Alpaca's trading API, "Orders", "Positions", "Account activities", "Assets", "Websocket streaming".
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw, Struct

from engine.adapters.decoding import decoder_of

REPLACED = "replaced"
OCO = "oco"
"""The class of a target and its stop, which is the target's one leg."""
CRYPTO = "crypto"


class Asset(Struct, rename={"asset_class": "class"}):
    """What can be traded, and its rules."""

    id: str
    symbol: str
    asset_class: str = ""
    name: str | None = None
    exchange: str | None = None
    status: str | None = None
    tradable: bool = True
    min_order_size: Decimal | None = None
    min_trade_increment: Decimal | None = None
    price_increment: Decimal | None = None


class OrderText(Struct):
    """One order as the venue has it; changing its terms makes another one, with another id."""

    id: str
    status: str
    client_order_id: str | None = None
    asset_id: str | None = None
    symbol: str | None = None
    asset_class: str | None = None
    order_class: str | None = None
    side: str | None = None
    qty: Decimal | None = None
    """None for an order that is for an amount of money."""
    filled_qty: Decimal | None = None
    type: str | None = None
    time_in_force: str | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    legs: list[OrderText] | None = None
    created_at: str | None = None
    submitted_at: str | None = None
    updated_at: str | None = None
    filled_at: str | None = None
    canceled_at: str | None = None
    expired_at: str | None = None
    failed_at: str | None = None
    replaced_at: str | None = None

    @property
    def filled(self) -> Decimal:
        """How much of it is filled."""
        return self.filled_qty or Decimal(0)


class TradeUpdate(Struct):
    """Something happened to an order; price and qty are of this execution, where it is one."""

    event: str
    order: OrderText
    execution_id: str | None = None
    previous_execution_id: str | None = None
    timestamp: str | None = None
    at: str | None = None
    price: Decimal | None = None
    qty: Decimal | None = None
    reason: str | None = None


class Activity(Struct):
    """One execution, as the account's activities tell it."""

    id: str
    order_id: str
    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    transaction_time: str
    activity_type: str = "FILL"


class PositionText(Struct):
    """What is held of one asset; its symbol is written without a slash."""

    symbol: str
    qty: Decimal
    asset_id: str = ""
    asset_class: str = ""
    side: str = "long"


class AccountText(Struct):
    """The account; what else it tells is reckoned here."""

    cash: Decimal
    currency: str = "USD"
    buying_power: Decimal | None = None
    account_number: str | None = None
    status: str | None = None
    trading_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False


class ClockText(Struct):
    """What time it is there."""

    timestamp: str
    is_open: bool = False


class Frame(Struct):
    """One message of the stream of trade updates."""

    stream: str = ""
    data: Raw = Raw(b"{}")


class Authorization(Struct):
    """Whether the key was accepted."""

    status: str = ""


read_asset = decoder_of(Asset, "an asset")
read_assets = decoder_of(list[Raw], "assets")
read_order = decoder_of(OrderText, "an order")
read_orders = decoder_of(list[OrderText], "orders")
read_activities = decoder_of(list[Activity], "fills")
read_positions = decoder_of(list[PositionText], "positions")
read_account = decoder_of(AccountText, "an account")
read_clock = decoder_of(ClockText, "the time")
read_frame = decoder_of(Frame, "a message of the stream")
read_update = decoder_of(TradeUpdate, "a trade update")
read_authorization = decoder_of(Authorization, "an authorization")
