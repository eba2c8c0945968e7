"""What leaves the gateway is exact, and says nothing where there is nothing."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.gateway.account_values import account_of, position_of, risk_of
from engine.gateway.decimals import decimal, money
from engine.gateway.market_values import depth_of, quote_of
from engine.gateway.order_values import order_of
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.trade import Side
from tests.frozen_desk import account, positions, risk
from tests.market_views import depth, instrument, order, quote


@given(st.integers(-(10**18), 10**18), st.sampled_from([1, 4, 8, 10, 32, 100, 10_000, 10**8]))
def test_a_number_of_units_is_written_exactly_and_without_an_exponent(units: int, scale: int) -> None:
    written = decimal(units, scale)
    assert Decimal(written) * scale == units
    assert "E" not in written.upper()


def test_a_quote_has_prices_of_its_instrument_and_null_where_there_is_none() -> None:
    told = quote_of(quote("NVDA", 18_234, bid=0, volume=-3), instrument(size_unit="0.5", lot="0.5"))
    assert (told.bid, told.ask, told.last, told.bid_size) == (None, "182.35", "182.34", "150")
    assert told.day_volume == "-1.5"
    assert b'"bid":null' in msgspec.json.encode(told)


def test_a_book_is_prices_and_sizes_the_best_first() -> None:
    told = depth_of(depth(levels=2), instrument())
    assert (told.bids, told.asks) == (
        (("182.33", "100"), ("182.32", "200")),
        (("182.35", "100"), ("182.36", "200")),
    )


def test_an_order_tells_its_fills() -> None:
    fill = Fill(
        fill_id="f", client_id="c", account="a", symbol=Symbol("NVDA"), side=Side.BUY, price=18_231, quantity=50,
        fee_micros=-250_000, fee_currency="USD", event_ns=9,
    )  # fmt: skip
    told = order_of(
        order(3, Side.SELL, 200, limit=None, filled=50, average_price=18_231, fills=(fill,)), instrument()
    )
    assert (told.side, told.limit, told.average_price, told.quantity) == ("sell", None, "182.31", "200")
    (part,) = told.fills
    assert (part.price, part.quantity, part.fee, part.liquidity) == ("182.31", "50", "-0.250000", "taker")
    assert order_of(order(4, Side.BUY, 1), instrument()).average_price is None


def test_money_is_exact() -> None:
    assert account_of(account()).equity == "999974.000000"
    assert position_of(positions()[1], instrument("AAPL")).quantity == "-200"
    assert money(-1) == "-0.000001"
    assert [limit.rule for limit in risk_of(risk()).limits] == ["gross", "position", "rate"]
