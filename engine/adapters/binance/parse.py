"""What Binance's messages mean: instruments, books, prints, touches; nothing here has a state.

Recordings and the live stream are read by the same functions. Numbers become whole units from their texts.
"""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.binance import messages as m
from engine.adapters.steps import DECIMALS_MAX, amount, unit_of
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_MS
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade

SOURCE = "binance"
LABEL = "Binance"
TRADING = "TRADING"


def touch_texts(event: m.Event) -> tuple[str, str]:
    """Return the best bid and ask as they are written.

    Raises:
        Unreadable: there are none.
    """
    bid, ask = event.bid, event.ask
    if not (isinstance(bid, str) and isinstance(ask, str) and bid):
        raise Unreadable("bad_message", "expected a best bid and ask")
    return bid, ask


def quote_of(event: m.Event, units: TextUnits, received_ns: int) -> Quote:
    """Return a touch.

    Raises:
        Unreadable: a number is none.
    """
    bid, ask = touch_texts(event)
    best_bid, bid_size = units.touch(bid, event.bid_size)
    best_ask, ask_size = units.touch(ask, event.ask_size)
    symbol, source = units.instrument.symbol, units.instrument.venue
    at_ns = (event.event_ms or event.trade_ms) * NS_PER_MS
    return Quote(symbol, source, best_bid, best_ask, bid_size, ask_size, at_ns, received_ns, event.last_id)


def changes(event: m.Event) -> tuple[m.Pairs, m.Pairs]:
    """Return the bids and asks that changed, as they are written.

    Raises:
        Unreadable: there are none.
    """
    bids, asks = event.bid, event.ask
    if not (isinstance(bids, list) and isinstance(asks, list)):
        raise Unreadable("bad_message", "expected lists of levels")
    return bids, asks


def delta_of(event: m.Event, units: TextUnits, received_ns: int) -> DepthDelta:
    """Return changes to a book.

    Raises:
        Unreadable: a number is none.
    """
    bids, asks = changes(event)
    return DepthDelta(
        units.instrument.symbol,
        units.instrument.venue,
        units.levels(bids),
        units.levels(asks),
        event.first_id,
        event.last_id,
        event.previous_id,
        event.event_ms * NS_PER_MS,
        received_ns,
    )


def snapshot_of(book: m.Book, units: TextUnits, received_ns: int) -> DepthSnapshot:
    """Return a whole book.

    Raises:
        Unreadable: a number is none.
    """
    return DepthSnapshot(
        units.instrument.symbol,
        units.instrument.venue,
        units.levels(book.bids),
        units.levels(book.asks),
        book.last_update_id,
        book.event_ms * NS_PER_MS,
        received_ns,
    )


def trade_of(event: m.Event, units: TextUnits, number: int, received_ns: int) -> Trade:
    """Return a print; the buyer being the maker, the seller took.

    Raises:
        Unreadable: a number is none.
    """
    return Trade(
        units.instrument.symbol,
        units.instrument.venue,
        units.price(event.price),
        units.size(event.size),
        Side.SELL if event.buyer_is_maker else Side.BUY,
        (event.trade_ms or event.event_ms) * NS_PER_MS,
        received_ns,
        number,
        event.order_type[:32],
        event.order_type in {"", "MARKET"},
    )


def instrument_of(pair: m.Pair, rules: dict[str, m.Rule]) -> Instrument:
    """Return the instrument of a pair: orders on its steps, market data in the decimals that it is written with.

    Books show more decimals than a step has: of orders from before it was made coarser, and of dust.

    Raises:
        Unreadable: its rules contradict each other.
    """
    none = m.Rule("")
    prices, lots = rules.get("PRICE_FILTER", none), rules.get("LOT_SIZE", none)
    notional = rules.get("NOTIONAL", none).min_notional or rules.get("MIN_NOTIONAL", none).min_notional
    try:
        tick = _step(prices.tick_size, pair.quote_precision)
        lot = _step(lots.step_size, pair.base_asset_precision)
        return Instrument(
            symbol=Symbol(pair.symbol),
            venue=SOURCE,
            asset_class=AssetClass.CRYPTO,
            currency=clean(pair.quote_asset, 16),
            base=clean(pair.base_asset, 16),
            description=f"{clean(pair.symbol, 32)} at {LABEL}",
            price_unit=unit_of(tick, pair.quote_precision, prices.max_price),
            tick=tick,
            size_unit=unit_of(lot, pair.base_asset_precision, lots.max_qty),
            lot=lot,
            size_min=amount(lots.min_qty),
            notional_min=amount(notional),
        )
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def status_of(symbol: Symbol, status: str, received_ns: int) -> StatusChange:
    """Return whether a pair trades."""
    if status == TRADING:
        return StatusChange(symbol, SOURCE, Session.OPEN, "", 0, received_ns)
    reason = clean(f"{LABEL} says {status}", 60)
    return StatusChange(symbol, SOURCE, Session.HALTED, reason, 0, received_ns)


def _step(text: str, precision: int) -> Decimal:
    """Return a step of prices or sizes; one of zero is none, and the precision says how fine they are."""
    if not 0 <= precision <= DECIMALS_MAX:
        raise Unreadable("bad_instrument", f"expected at most {DECIMALS_MAX} decimals")
    step = amount(text) or Decimal(1).scaleb(-precision)
    return Decimal(f"{step.normalize():f}")
