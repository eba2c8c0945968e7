"""What anybody sees of one symbol's market: copies, made on the engine's thread."""

from __future__ import annotations

from engine.market.market import Market
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.tape_views import TapeView
from engine.messages.views import ChartView, DepthView, QuoteView
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.trade import Side


def quote_view(state: MarketState, now_ns: int, spark: tuple[int, ...]) -> QuoteView:
    """Copy one symbol's state."""
    return QuoteView(  # by place: more than 15 by name go through a dictionary
        state.symbol,
        state.bid,
        state.ask,
        state.bid_size,
        state.ask_size,
        state.last,
        state.last_side,
        state.last_trade_ns,
        state.prior_close,
        state.day_open,
        state.day_high,
        state.day_low,
        state.day_volume,
        state.day_turnover // state.day_volume if state.day_volume else 0,
        state.session,
        state.session_reason,
        state.source,
        state.trust(now_ns),
        state.distrust_reason or state.doubt,
        state.quote_receive_ns,
        state.accepted,
        state.refused,
        spark,
    )


def depth_view(market: Market, symbol: Symbol, levels: int) -> DepthView | None:
    """Copy the best levels of one book; None for a symbol that is not listed."""
    state = market.states.get(symbol)
    if state is None:
        return None
    book = market.books.get(symbol)
    if book is None or not book.source:
        return DepthView(symbol, (), (), synced=True, source=state.source, status="")
    return DepthView(
        symbol,
        book.levels(Side.BUY, levels),
        book.levels(Side.SELL, levels),
        synced=book.synced,
        source=state.source,
        status=book.status,
    )


def chart_view(market: Market, symbol: Symbol, interval_ns: int, bars_max: int) -> ChartView | None:
    """Copy the latest bars; None for a symbol that is not listed."""
    if symbol not in market.states:
        return None
    series = market.bars.shown(symbol, interval_ns)
    return ChartView(symbol, series.interval_ns, series.last(bars_max))


def tape_view(market: Market, symbol: Symbol, prints_max: int) -> TapeView | None:
    """Copy the latest prints, newest first; None for a symbol that is not listed."""
    tape = market.tape.get(symbol)
    if tape is None:
        return None
    count = min(len(tape), prints_max)
    return TapeView(symbol, tuple(tape[-1 - i] for i in range(count)))


def answer(market: Market, question: MarketQuestion, now_ns: int) -> MarketAnswer:
    """Copy what was asked for of one symbol."""
    symbol, levels, prints = question.symbol, question.depth_levels, question.prints_max
    bars, interval_ns = question.bars_max, question.bar_interval_ns
    return MarketAnswer(
        symbol,
        now_ns,
        depth=depth_view(market, symbol, levels) if levels else None,
        chart=chart_view(market, symbol, interval_ns, bars) if bars else None,
        tape=tape_view(market, symbol, prints) if prints else None,
    )
