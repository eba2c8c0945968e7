"""What anybody sees of one symbol's market."""

from __future__ import annotations

from engine.frames.market_views import quote_view
from engine.messages.views import QuoteView
from engine.model.market_state import MarketState, Trust
from engine.model.market_status import Session
from tests.unit.engine.portfolio_bench import ACME, INSTRUMENTS

NUMBERS = (
    "bid",
    "ask",
    "bid_size",
    "ask_size",
    "last",
    "last_side",
    "last_trade_ns",
    "prior_close",
    "day_open",
    "day_high",
    "day_low",
    "accepted",
    "refused",
)
"""What has the same name in the state and in its view."""


def test_each_field_of_a_quote_is_what_its_name_says() -> None:
    state = MarketState(INSTRUMENTS[ACME])
    for value, name in enumerate(NUMBERS, 1):
        setattr(state, name, value)
    state.day_volume, state.day_turnover, state.quote_receive_ns = 100, 2_000, 50
    state.session, state.session_reason = Session.HALTED, "news"
    state.source, state.distrust_reason = "hand", "crossed"
    assert quote_view(state, 60, (7, 8)) == QuoteView(
        symbol=ACME,
        volume=100,
        vwap=20,
        session=Session.HALTED,
        session_reason="news",
        source="hand",
        trust=Trust.DISTRUSTED,
        trust_reason="crossed",
        receive_ns=50,
        spark=(7, 8),
        **{name: value for value, name in enumerate(NUMBERS, 1)},
    )
