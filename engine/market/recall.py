"""Takes in what was known before the start, as old: it is shown, and nothing is traded against it."""

from __future__ import annotations

from typing import Final

from engine.market.bars import MINUTE_NS
from engine.market.line import Line
from engine.model.last_known import LastKnown

OLD: Final = "from before the start"


def last_known(line: Line) -> LastKnown:
    """Return what is worth remembering of a symbol."""
    state = line.state
    return LastKnown(
        instrument=line.instrument,
        rule=line.book.rule,
        source=state.source,
        bid=state.bid,
        ask=state.ask,
        last=state.last,
        quote_event_ns=state.quote_event_ns,
        quote_receive_ns=state.quote_receive_ns,
        last_trade_ns=state.last_trade_ns,
        minutes=line.bars.of_interval(MINUTE_NS).closed.copy(),
    )


def recall(line: Line, known: LastKnown) -> None:
    """Let a symbol of which nothing was heard yet be as it was; its next quote ends that."""
    for bar in known.minutes:
        line.bars.record(bar)
        line.take_bar(bar)
    state = line.state
    state.source = known.source
    state.bid, state.ask = known.bid, known.ask
    state.quote_event_ns, state.quote_receive_ns = known.quote_event_ns, known.quote_receive_ns
    if known.last:
        state.last, state.last_trade_ns = known.last, known.last_trade_ns
    state.distrust_reason = OLD
    state.version += 1
