"""What Coinbase's messages mean: instruments, books, prints, touches; nothing here has a state.

Recordings of the older feed and the live stream are read by the same functions, where they say the same.
"""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.coinbase import messages as m
from engine.adapters.steps import DECIMALS_MAX, amount, unit_of
from engine.adapters.texts import TextUnits, Unreadable, moment_ns
from engine.clock import NS_PER_MS
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade

SOURCE = "coinbase"
LABEL = "Coinbase"
DECIMALS = 8
"""That prices and sizes are kept with, where their steps are no finer and 64 bits hold the largest."""
ID_MAX = (1 << 63) - 1
MILLIS_MAX = 1 << 43
"""A time after this is none."""
_AGGRESSORS = {"sell": Side.BUY, "buy": Side.SELL}
"""A print names the side that rested."""
_SIDES = frozenset(("bid", "offer"))
_DIGITS_MAX = 40


def time_ns(body: bytes) -> int:
    """Return what time it is at the venue.

    Raises:
        Unreadable: its answer is none.
    """
    text = m.read_time(body).epoch_millis
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS_MAX and 0 < int(text) < MILLIS_MAX):
        raise Unreadable("absurd_time", clean(text, 24))
    return int(text) * NS_PER_MS


def trade_of(match: m.Match, units: TextUnits, received_ns: int) -> Trade:
    """Return a print.

    Raises:
        Unreadable: a number is none.
    """
    price, size = units.price(match.price), units.size(match.size)
    side, at_ns = _AGGRESSORS.get(match.side.lower()), moment_ns(match.time)
    symbol, number = units.instrument.symbol, number_of(match.trade_id)
    return Trade(symbol, SOURCE, price, size, side, at_ns, received_ns, number)


def number_of(trade_id: int | str) -> int:
    """Return the id of a print.

    Raises:
        Unreadable: it is no whole number that fits.
    """
    text = str(trade_id)
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS_MAX) or int(text) > ID_MAX:
        raise Unreadable("bad_message", "expected a trade's id")
    return int(text)


def quote_of(
    units: TextUnits,
    bid: tuple[str, str],
    ask: tuple[str, str],
    at_ns: int,
    received_ns: int,
    number: int = 0,
) -> Quote:
    """Return a touch of best prices and their sizes, where the feed tells those.

    Raises:
        Unreadable: a number is none.
    """
    symbol = units.instrument.symbol
    bid_size, ask_size = (units.size(size) if size else UNPUBLISHED_SIZE for _, size in (bid, ask))
    best_bid, best_ask = units.price(bid[0]), units.price(ask[0])
    return Quote(symbol, SOURCE, best_bid, best_ask, bid_size, ask_size, at_ns, received_ns, number)


def snapshot_of(
    event: m.BookEvent, units: TextUnits, number: int, at_ns: int, received_ns: int
) -> DepthSnapshot:
    """Return a whole book; the number is our own count of what came for it.

    Raises:
        Unreadable: a number is none.
    """
    return DepthSnapshot(units.instrument.symbol, SOURCE, *_levels(event, units), number, at_ns, received_ns)


def delta_of(event: m.BookEvent, units: TextUnits, number: int, at_ns: int, received_ns: int) -> DepthDelta:
    """Return changes to a book; the number is our own count of what came for it.

    Raises:
        Unreadable: a number is none, or it is something else.
    """
    if event.type != m.UPDATE:
        raise Unreadable("bad_message", "expected a snapshot or an update")
    symbol, levels = units.instrument.symbol, _levels(event, units)
    return DepthDelta(symbol, SOURCE, *levels, number, number, number - 1, at_ns, received_ns)


def _levels(event: m.BookEvent, units: TextUnits) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    levels = m.read_levels(event.updates)
    if not all(level.side in _SIDES for level in levels):
        raise Unreadable("bad_message", "expected bid or offer")
    bids = units.levels([(each.price_level, each.new_quantity) for each in levels if each.side == "bid"])
    asks = units.levels([(each.price_level, each.new_quantity) for each in levels if each.side == "offer"])
    return bids, asks


def instrument_of(product: m.Product) -> Instrument:
    """Return the instrument of a product: orders on its steps, market data in decimals that leave room for dust.

    Raises:
        Unreadable: its rules contradict each other.
    """
    try:
        tick = _step(product.price_increment or product.quote_increment)
        lot = _step(product.base_increment)
        return Instrument(
            symbol=Symbol(product.product_id),
            venue=SOURCE,
            asset_class=AssetClass.CRYPTO,
            currency=clean(product.quote_currency_id, 16) or product.product_id.rpartition("-")[2],
            base=clean(product.base_currency_id, 16) or product.product_id.partition("-")[0],
            description=f"{clean(product.product_id, 32)} at {LABEL}",
            price_unit=unit_of(tick, DECIMALS, ""),
            tick=tick,
            size_unit=unit_of(lot, DECIMALS, product.base_max_size),
            lot=lot,
            size_min=amount(product.base_min_size),
            notional_min=amount(product.quote_min_size),
        )
    except (InvalidValue, ArithmeticError) as error:
        raise Unreadable("bad_instrument", clean(str(error))) from error


def mode_of(product: m.Product) -> str:
    """Return why orders in a product can't meet, nothing where they can."""
    modes = {
        "trading is disabled": product.trading_disabled or product.is_disabled,
        "cancel only": product.cancel_only,
        "post only": product.post_only,
        "in auction": product.auction_mode,
    }
    return next((mode for mode, is_so in modes.items() if is_so), "")


def status_of(symbol: Symbol, status: str, mode: str, received_ns: int) -> StatusChange:
    """Return whether a product trades: where it is online and in no mode that keeps orders apart."""
    odd = mode or (status if status not in {m.ONLINE, ""} else "")
    session = Session.HALTED if odd else Session.OPEN
    reason = clean(f"{LABEL} says {odd}", 60) if odd else ""
    return StatusChange(symbol, SOURCE, session, reason, 0, received_ns)


def _step(text: str) -> Decimal:
    """Return a step of prices or sizes."""
    step = amount(text).normalize()
    if not step or -int(step.as_tuple().exponent) > DECIMALS_MAX:
        raise Unreadable("bad_instrument", f"expected steps of at most {DECIMALS_MAX} decimals")
    return Decimal(f"{step:f}")
