"""What Interactive Brokers says, as whole units. Its library keeps numbers as floats, which are exact to fifteen digits."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final, NamedTuple

from engine.adapters.ib.names import FUTURE, PAIR, SHARE, symbol_of
from engine.adapters.texts import moment_ns
from engine.adapters.units import ID_MAX, micros, price_units, rounded_price_units, size_units
from engine.errors import DataError, InvalidValue
from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import AssetClass, Instrument
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.text import clean
from engine.model.trade import Side

WORKS: Final = frozenset({"PreSubmitted", "Submitted", "PendingCancel"})
"""What an order is that Interactive Brokers has."""
FILLED: Final = "Filled"
CANCELED: Final = frozenset({"Cancelled", "ApiCancelled"})
INACTIVE: Final = "Inactive"
_UNSET: Final = 1e300
"""What is larger is no number: the library's word for none is the largest float there is."""
_TYPES: Final = {
    "MKT": OrderType.MARKET,
    "LMT": OrderType.LIMIT,
    "STP": OrderType.STOP,
    "STP LMT": OrderType.STOP_LIMIT,
    "TRAIL": OrderType.TRAILING,
}
_WITH_LIMIT: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_WITH_STOP: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_KINDS: Final = {SHARE: AssetClass.EQUITY, PAIR: AssetClass.FX, FUTURE: AssetClass.FUTURE}
_SIDES: Final = {"BUY": Side.BUY, "BOT": Side.BUY, "SELL": Side.SELL, "SLD": Side.SELL}


class Terms(NamedTuple):
    """What may be changed of an order, in units."""

    quantity: int
    limit: int | None
    stop: int | None


def decimal_of(value: object) -> Decimal:
    """Return a number of the library as it was written.

    Raises:
        DataError: it is none.
    """
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) < _UNSET:
        return Decimal(int(value)) if value == int(value) else Decimal(repr(value))
    raise DataError(f"expected a number, found {clean(str(value), 32)}")


def instrument_of(details: Any) -> Instrument:
    """Return the instrument of a contract's details.

    Raises:
        DataError: its kind is not traded here, or its steps are not told or contradict each other.
    """
    contract = details.contract
    symbol, kind = symbol_of(contract), contract.secType
    tick, step = _step(details.minTick, "0.01"), _step(details.sizeIncrement, "1")
    dollars = kind == SHARE and contract.currency == "USD"
    try:
        return Instrument(
            symbol=symbol,
            venue="ib",
            asset_class=_KINDS[kind],
            currency=clean(contract.currency, 16),
            base=clean(contract.symbol, 16) if kind == PAIR else "",
            description=clean(f"{details.longName or contract.symbol} at Interactive Brokers", 80),
            price_unit=_unit(tick),
            tick=tick,
            size_unit=_unit(step),
            lot=step,
            size_min=_step(details.minSize, "0"),
            multiplier=Decimal(contract.multiplier or 1) / (details.priceMagnifier or 1),
            calendar="FX" if kind == PAIR else "XNYS" if dollars else "24/7",
        )
    except (InvalidValue, ArithmeticError) as error:
        raise DataError(f"{symbol}: {clean(str(error))}") from error


def side_of(word: str) -> Side:
    """Return who somebody is.

    Raises:
        DataError: it is neither word.
    """
    try:
        return _SIDES[word]
    except KeyError:
        raise DataError(f"expected a side, found {clean(word, 16)}") from None


def terms_of(order: Any, instrument: Instrument) -> Terms:
    """Return the terms of an order.

    Raises:
        DataError: something of it does not fit.
    """
    kind = type_of(order)
    limit = price_units(instrument, decimal_of(order.lmtPrice)) if kind in _WITH_LIMIT else None
    stop = price_units(instrument, decimal_of(order.auxPrice)) if kind in _WITH_STOP else None
    return Terms(size_units(instrument, decimal_of(order.totalQuantity)), limit, stop)


def type_of(order: Any) -> OrderType:
    """Return the type of an order.

    Raises:
        DataError: there is none of that name here.
    """
    try:
        return _TYPES[order.orderType]
    except KeyError:
        raise DataError(f"expected a type of order, found {clean(order.orderType, 16)}") from None


def order_of(
    told: Any,
    client_id: str,
    instrument: Instrument,
    state: str,
    filled: int,
    *,
    known_quantity: int = 0,
    reason: str = "",
    at_ns: int = 0,
) -> BrokerOrder:
    """Return an order as Interactive Brokers has it, of which so much is filled.

    How large an order was that has ended is not always told: then it is as large as was known, or as what it filled.

    Raises:
        DataError: something of it does not fit.
    """
    terms = terms_of(told, instrument)
    tif = told.tif.lower()
    return BrokerOrder(
        client_id=client_id,
        venue_id=str(told.permId),
        symbol=instrument.symbol,
        side=side_of(told.action),
        quantity=max(terms.quantity or known_quantity, filled),
        filled=filled,
        status=status_of(state, filled),
        type=type_of(told),
        tif=TimeInForce(tif) if tif in set(TimeInForce) else TimeInForce.DAY,
        limit=terms.limit,
        stop=terms.stop,
        reason=clean(reason),
        updated_ns=at_ns,
    )


def status_of(state: str, filled: int) -> OrderStatus:
    """Return where an order is in its life."""
    if state == FILLED:
        return OrderStatus.FILLED
    if state in CANCELED or (state == INACTIVE and filled):
        return OrderStatus.CANCELED
    if state == INACTIVE:
        return OrderStatus.REJECTED
    if state not in WORKS and not filled:
        return OrderStatus.PENDING_NEW
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.WORKING


def fill_of(
    told: Any, fee: Any, client_id: str, instrument: Instrument, account: str, received_ns: int
) -> Fill:
    """Return an execution; `fee` is None where it is not known.

    Its id is without the number of the version at its end: a version that comes later takes the place of the one before.

    Raises:
        DataError: something of it does not fit.
    """
    cost, currency = (decimal_of(fee.commission), fee.currency) if fee is not None else (Decimal(0), "")
    return Fill(
        fill_id=id_of(told.execId),
        client_id=client_id,
        account=account,
        symbol=instrument.symbol,
        side=side_of(told.side),
        price=rounded_price_units(instrument, decimal_of(told.price)),
        quantity=size_units(instrument, decimal_of(told.shares), least=1),
        fee_micros=micros(cost),
        fee_currency=clean(currency, 16) or instrument.currency,
        liquidity=Liquidity.MAKER if told.lastLiquidity == 1 else Liquidity.TAKER,
        event_ns=moment_ns(told.time),
        receive_ns=received_ns,
    )


def id_of(exec_id: str) -> str:
    """Return the id that all versions of an execution have in common."""
    return clean(exec_id.rpartition(".")[0] or exec_id, ID_MAX)


def version_of(exec_id: str) -> int:
    """Return which version of an execution it is."""
    number = exec_id.rpartition(".")[2]
    return int(number) if number.isdecimal() else 1


def cash_of(rows: list[tuple[str, str, str]]) -> dict[str, int]:
    """Return what there is of each currency in millionths, of rows of a summary: what, how much, of which.

    Raises:
        DataError: an amount is none.
    """
    try:
        return {
            clean(currency, 16): micros(Decimal(value))
            for what, value, currency in rows
            if what == "CashBalance" and currency != "BASE"
        }
    except ArithmeticError as error:
        raise DataError(f"expected an amount of money: {clean(str(error))}") from None


def _step(value: object, otherwise: str) -> Decimal:
    step = decimal_of(value)
    return step if step > 0 else Decimal(otherwise)


def _unit(step: Decimal) -> Decimal:
    """Return the decimal place in which a step is written."""
    return Decimal(1).scaleb(min(0, int(step.normalize().as_tuple().exponent)))
