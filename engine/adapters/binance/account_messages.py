"""Binance's messages about an account as they come (REST and the user data of the WebSocket API).

Money and sizes are texts: a Decimal takes them digit for digit. The keys of an event differ by case alone.
Source: Binance spot API documentation, "Trading endpoints", "Account endpoints", "User Data Stream".
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw, Struct, field

from engine.adapters.binance.messages import Fault, Limit
from engine.adapters.decoding import decoder_of

ZERO = Decimal(0)
NO_TRADE = NO_LIST = -1
EXECUTION = "executionReport"


class OrderText(Struct, rename="camel"):
    """One order as it is read, or as it was answered with."""

    symbol: str
    order_id: int
    order_list_id: int = NO_LIST
    client_order_id: str = ""
    price: Decimal = ZERO
    orig_qty: Decimal = ZERO
    executed_qty: Decimal = ZERO
    status: str = ""
    time_in_force: str = ""
    type: str = ""
    side: str = ""
    stop_price: Decimal = ZERO
    time: int = 0
    update_time: int = 0

    @property
    def number(self) -> int:
        """What it is numbered by at the venue."""
        return self.order_id


class TradeText(Struct, rename="camel"):
    """One execution as it is read."""

    symbol: str
    id: int
    order_id: int
    price: Decimal
    qty: Decimal
    commission: Decimal = ZERO
    commission_asset: str | None = None
    time: int = 0
    is_buyer: bool = False
    is_maker: bool = False

    @property
    def number(self) -> int:
        """What it is numbered by at the venue."""
        return self.id


class Balance(Struct):
    """What there is of one coin."""

    asset: str
    free: Decimal = ZERO
    locked: Decimal = ZERO


class AccountText(Struct, rename="camel"):
    """The account; it holds coins, not positions."""

    balances: list[Balance] = []
    can_trade: bool = True
    uid: int = 0


class AmendedOrder(Struct):
    """An order as it is since it was made smaller; of its fields only the size is read."""

    qty: Decimal


class Amended(Struct, rename="camel"):
    """The answer to an order that was made smaller."""

    amended_order: AmendedOrder | None = None


class Accepted(Struct, rename="camel"):
    """The answer to a new order, in its shortest form."""

    symbol: str
    order_id: int
    transact_time: int = 0


class Listed(Struct, rename="camel"):
    """One order of a list, as the answer to the list names it."""

    symbol: str
    order_id: int
    client_order_id: str


class AcceptedList(Struct, rename="camel"):
    """The answer to a list of orders."""

    orders: list[Listed]
    transaction_time: int = 0


class Told(Struct):
    """What the time is there."""

    server_time: int = field(default=0, name="serverTime")


class Terms(Struct, rename="camel"):
    """What is allowed there."""

    rate_limits: list[Limit] = []


class Execution(
    Struct,
    rename={
        "kind": "e", "event_ms": "E", "symbol": "s", "name": "c", "original": "C", "side": "S", "type": "o",
        "tif": "f", "quantity": "q", "price": "p", "stop": "P", "what": "x", "status": "X", "reason": "r",
        "order_id": "i", "last_quantity": "l", "last_price": "L", "filled": "z", "fee": "n", "fee_asset": "N",
        "trade_id": "t", "at_ms": "T", "is_working": "w", "is_maker": "m", "created_ms": "O",
    },
):  # fmt: skip
    """Something happened to an order."""

    symbol: str
    order_id: int
    what: str
    """What happened: NEW, CANCELED, REPLACED, REJECTED, TRADE, EXPIRED or TRADE_PREVENTION."""
    kind: str = EXECUTION
    event_ms: int = 0
    name: str = ""
    """Its id of ours; of a cancel the id of that."""
    original: str = ""
    """Its id of ours where `name` is that of a cancel."""
    side: str = ""
    type: str = ""
    tif: str = ""
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    stop: Decimal = ZERO
    status: str = ""
    reason: str = ""
    last_quantity: Decimal = ZERO
    last_price: Decimal = ZERO
    filled: Decimal = ZERO
    fee: Decimal | None = None
    fee_asset: str | None = None
    trade_id: int = NO_TRADE
    at_ms: int = 0
    is_working: bool = False
    is_maker: bool = False
    created_ms: int = 0


class UserFrame(Struct):
    """One message of the WebSocket API: the answer to a request, or an event."""

    id: str | int | None = None
    status: int = 0
    error: Fault | None = None
    event: Raw = Raw(b"")


class EventKind(Struct):
    """What an event is about."""

    kind: str = field(default="", name="e")


read_order = decoder_of(OrderText, "an order")
read_orders = decoder_of(list[OrderText], "orders")
read_trades = decoder_of(list[TradeText], "fills")
read_account = decoder_of(AccountText, "an account")
read_accepted = decoder_of(Accepted, "the id of an order")
read_accepted_list = decoder_of(AcceptedList, "the ids of a list")
read_amended = decoder_of(Amended, "an order that was made smaller")
read_time = decoder_of(Told, "the time")
read_terms = decoder_of(Terms, "limits")
read_frame = decoder_of(UserFrame, "a message of the WebSocket API")
read_kind = decoder_of(EventKind, "an event")
read_execution = decoder_of(Execution, "an event about an order")
