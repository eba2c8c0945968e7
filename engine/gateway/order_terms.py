"""Orders as programs write them: a line as at the desk, or each term by its name; to requests in whole units."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta, Struct

from engine.errors import InvalidValue
from engine.gateway.asking import ORIGIN
from engine.gateway.refusals import Code, Refused
from engine.gateway.symbols import Name, listed
from engine.mirror import Mirror
from engine.model.instrument import Instrument
from engine.model.order import ExitPlan, OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side

LINE_MAX: Final = 200

Number = Annotated[Decimal, Meta(extra_json_schema={"pattern": r"^[0-9]{1,18}(\.[0-9]{1,18})?$"})]
"""As a text or a number; `_plain` says which ones will do."""
_DIGITS_MAX: Final = 20
Strategy = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]


class LineReader(Protocol):
    """Reads lines as the desk does."""

    def __call__(self, line: str, mirror: Mirror, account: str) -> tuple[OrderRequest, ...]:
        """Return the orders that a line asks for: one, or two of which one cancels the other.

        Raises:
            InvalidValue: it asks for none; the sentence says why.
        """


class OrderTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """One order; prices and sizes are decimals, as texts or numbers."""

    symbol: Name
    side: Literal["buy", "sell"]
    quantity: Number
    type: OrderType = OrderType.LIMIT
    limit: Number | None = None
    stop: Number | None = None
    trail: Number | None = None
    """How far a trailing stop is from the best price since."""
    tif: TimeInForce | None = None
    """None: what is usual with this broker."""
    post_only: bool = False
    reduce_only: bool = False
    strategy: Strategy | Literal[""] = ""
    """Whose idea it is."""
    exit_stop: Number | None = None
    """Where the stop is that protects what fills."""
    exit_trail: Number | None = None
    exit_target: Number | None = None


class OrderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A line, or an order; one of the two."""

    line: Annotated[str, Meta(min_length=1, max_length=LINE_MAX)] | None = None
    """As it is typed at the desk: `b 100 AAPL bid+.05 gtc`."""
    order: OrderTerms | None = None


def requests_of(
    body: OrderBody, mirror: Mirror, account: str, reader: LineReader
) -> tuple[OrderRequest, ...]:
    """Return the orders that a body asks for, without ids.

    Raises:
        Refused: it asks for none; the sentence says why.
    """
    if (body.line is None) == (body.order is None):
        raise Refused(Code.BODY_INVALID, "expected either a line or an order")
    try:
        if body.line is not None:
            return reader(body.line, mirror, account)
        assert body.order is not None
        return (_request(body.order, listed(mirror, body.order.symbol), mirror, account),)
    except InvalidValue as error:
        raise Refused(Code.BODY_INVALID, str(error)) from None


def _request(terms: OrderTerms, instrument: Instrument, mirror: Mirror, account: str) -> OrderRequest:
    abilities = mirror.abilities.of(instrument.asset_class)
    return OrderRequest(
        client_id="",
        number=0,
        account=account,
        symbol=instrument.symbol,
        side=Side.BUY if terms.side == "buy" else Side.SELL,
        quantity=size_in(instrument, terms.quantity),
        type=terms.type,
        limit=price_in(instrument, terms.limit),
        stop=price_in(instrument, terms.stop),
        trail=price_in(instrument, terms.trail),
        tif=terms.tif or abilities.usual_time(terms.type),
        post_only=terms.post_only,
        reduce_only=terms.reduce_only,
        origin=ORIGIN,
        strategy=terms.strategy,
        plan=_plan(terms, instrument),
    )


def _plan(terms: OrderTerms, instrument: Instrument) -> ExitPlan | None:
    plan = ExitPlan(
        stop=price_in(instrument, terms.exit_stop),
        trail=price_in(instrument, terms.exit_trail),
        target=price_in(instrument, terms.exit_target),
    )
    if plan == ExitPlan():
        return None
    if plan.stop is not None and plan.trail is not None:
        raise InvalidValue("an order has one stop: exit_stop or exit_trail")
    return plan


def price_in(instrument: Instrument, price: Decimal | None) -> int | None:
    """Return a price in units; raises InvalidValue."""
    return None if price is None else instrument.price_units(_plain(price))


def size_in(instrument: Instrument, size: Decimal) -> int:
    """Return a size in units; raises InvalidValue."""
    return instrument.size_units(_plain(size))


def _plain(number: Decimal) -> Decimal:
    """Return a number above 0 of so many digits: one with a huge exponent would take for ever to write out."""
    if not number.is_finite() or number <= 0 or abs(number.adjusted()) > _DIGITS_MAX:
        raise InvalidValue("expected prices and sizes above 0, as 190.25")
    return number
