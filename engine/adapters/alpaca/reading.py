"""What Alpaca's messages mean, as reports and stock in the instrument's units; nothing here has a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.times import time_ns, whole_ms
from engine.adapters.units import ID_MAX, micros, rounded_price_units, signed_units, size_units
from engine.errors import DataError
from engine.messages.reports import (
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    RejectReport,
    Report,
)
from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill
from engine.model.instrument import Instrument
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.text import clean
from engine.model.trade import Side

SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL}
FILLS: Final = frozenset({"fill", "partial_fill"})
"""The events that have an execution."""
CORRECTIONS: Final = frozenset({"trade_bust", "trade_correct"})
"""The events after which less may be filled than before."""
CHANGES: Final = CORRECTIONS | {"order_cancel_rejected", "order_replace_rejected"}
"""The events that take a fill back or change it, or refuse what was asked for."""
ENDS: Final = {
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}
"""What ends an order; `replaced` is followed by another, and all else may still trade."""
_TYPES: Final = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop": OrderType.STOP,
    "stop_limit": OrderType.STOP_LIMIT,
    "trailing_stop": OrderType.TRAILING,
}
_TIMES: Final = {each.value: each for each in TimeInForce}


def fill_of_update(
    update: m.TradeUpdate, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Fill:
    """Return the execution that an update tells.

    Raises:
        DataError: something of it is missing or does not fit.
    """
    if update.price is None or update.qty is None or not update.execution_id:
        raise DataError(f"{client_id}: expected an execution with its id, price and size")
    return Fill(
        fill_id=clean(update.execution_id, ID_MAX),
        client_id=client_id,
        account=account,
        symbol=instrument.symbol,
        side=side_of(update.order.side),
        price=rounded_price_units(instrument, update.price),
        quantity=size_units(instrument, update.qty, least=1),
        fee_currency=instrument.currency,
        event_ns=whole_ms(moment_of(update)) or received_ns,
        receive_ns=received_ns,
    )


def fill_of_activity(
    activity: m.Activity, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Fill:
    """Return the execution of an activity: its id ends with that of the execution.

    Raises:
        DataError: something of it does not fit.
    """
    return Fill(
        fill_id=clean(activity.id.rpartition("::")[2], ID_MAX),
        client_id=client_id,
        account=account,
        symbol=instrument.symbol,
        side=side_of(activity.side),
        price=rounded_price_units(instrument, activity.price),
        quantity=size_units(instrument, abs(activity.qty), least=1),
        fee_currency=instrument.currency,
        event_ns=whole_ms(time_ns(activity.transaction_time)),
        receive_ns=received_ns,
    )


def order_of(
    order: m.OrderText, client_id: str, instrument: Instrument, carried: int = 0, group: str = ""
) -> BrokerOrder:
    """Return an order as the venue has it, `carried` being what the orders before it in its place had filled.

    Raises:
        DataError: something of it does not fit.
    """
    own = size_units(instrument, order.filled)
    quantity = size_units(instrument, order.qty) if order.qty is not None else own
    return BrokerOrder(
        client_id=client_id,
        venue_id=clean(order.id, ID_MAX),
        symbol=instrument.symbol,
        side=side_of(order.side),
        quantity=carried + quantity,
        filled=carried + own,
        status=status_of(order.status, carried + own),
        type=_TYPES.get(order.type or "", OrderType.LIMIT),
        tif=_TIMES.get(order.time_in_force or "", TimeInForce.DAY),
        limit=_price(instrument, order.limit_price),
        stop=_price(instrument, order.stop_price),
        updated_ns=changed_ns(order),
        group=group,
    )


def end_of(what: str, client_id: str, reason: str, event_ns: int, filled: int) -> Report | None:
    """Return the report of an end by its word, a status or an event; None for what may still trade, or is filled."""
    reason = clean(reason)
    if what == "rejected":
        return RejectReport(client_id, reason, event_ns)
    make = _ENDED.get(what)
    return make(client_id, reason, event_ns, filled) if make is not None else None


def filled_units(instrument: Instrument, orders: Iterable[m.OrderText]) -> int:
    """Return how much is filled of orders that took each other's place.

    Raises:
        DataError: it does not fit.
    """
    return sum(size_units(instrument, each.filled) for each in orders)


def change_of(
    update: m.TradeUpdate, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Report | None:
    """Return the report of a fill that was changed or taken back, or of a request that was refused; None for others.

    Raises:
        DataError: something of it does not fit.
    """
    event_ns = moment_of(update) or received_ns
    reason = clean(update.reason or "")
    if update.event == "trade_bust":
        fill_id = update.previous_execution_id or update.execution_id or ""
        return BustReport(client_id, clean(fill_id, ID_MAX), reason, event_ns)
    if update.event == "trade_correct":
        return CorrectReport(fill_of_update(update, client_id, instrument, account, received_ns))
    if update.event in {"order_cancel_rejected", "order_replace_rejected"}:
        return CancelRejectReport(client_id, reason or "Alpaca refused it, without a reason", event_ns)
    return None


def position_units(position: m.PositionText, instrument: Instrument) -> int:
    """Return what is held, below 0 where it is short: its size has a sign in some answers, its side always tells.

    Raises:
        DataError: it does not fit.
    """
    units = abs(signed_units(instrument, position.qty))
    return -units if position.side == "short" or position.qty < 0 else units


def cash_micros(account: m.AccountText) -> dict[str, int]:
    """Return the account's cash by currency, in millionths.

    Raises:
        DataError: it is no amount.
    """
    return {clean(account.currency, 16): micros(account.cash)}


def blocked(account: m.AccountText) -> str:
    """Say why the account may not trade; empty while it may."""
    if account.status not in {None, "ACTIVE"}:
        return f"the account is {clean(account.status or '', 32)}"
    if account.trading_blocked or account.account_blocked:
        return "Alpaca has blocked trading on the account"
    return (
        "trading is suspended in the account's settings at Alpaca" if account.trade_suspended_by_user else ""
    )


def status_of(status: str, filled: int) -> OrderStatus:
    """Return what an order is to us: whatever is no end may still trade, also what is done for the day or held."""
    return ENDS.get(status) or (OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.WORKING)


def side_of(text: str | None) -> Side:
    """Return a side.

    Raises:
        DataError: it is none.
    """
    side = SIDES.get((text or "").removesuffix("_short"))
    if side is None:
        raise DataError(f"expected buy or sell, found {clean(str(text), 16)}")
    return side


def changed_ns(order: m.OrderText) -> int:
    """Return when an order last changed, 0 where nothing says so.

    Raises:
        DataError: a time of it is none.
    """
    times = (order.created_at, order.submitted_at, order.updated_at, order.filled_at, order.canceled_at)
    ends = (order.expired_at, order.failed_at, order.replaced_at)
    return max(map(time_ns, times + ends))


def moment_of(update: m.TradeUpdate) -> int:
    """Return when an update happened, 0 where it does not say.

    Raises:
        DataError: its time is none.
    """
    return time_ns(update.timestamp or update.at)


def _price(instrument: Instrument, price: Decimal | None) -> int | None:
    return rounded_price_units(instrument, price) if price else None


_ENDED: Final[dict[str, Callable[[str, str, int, int], Report]]] = {
    "canceled": CancelReport,
    "expired": ExpireReport,
}
