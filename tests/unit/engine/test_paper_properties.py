"""Over random markets: no fill the market did not offer, no size used twice, every fee right."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.paper.fees import divide_half_even
from engine.config import PaperSettings
from engine.messages.reports import FillReport, QueueReport
from engine.model.fill import Liquidity
from engine.model.order import OrderRequest, TimeInForce
from engine.model.trade import Side
from tests.unit.engine.paper_bench import SYMBOL, PaperBench

PRICES = st.integers(95, 105)
SIZES = st.integers(1, 60)
SIDES = st.sampled_from(list(Side))


class Shown(NamedTuple):
    """A whole book."""

    bids: dict[int, int]
    asks: dict[int, int]


class Printed(NamedTuple):
    """A trade."""

    price: int
    size: int
    aggressor: Side | None


class Sent(NamedTuple):
    """One of our orders; without a limit it takes."""

    side: Side
    quantity: int
    limit: int | None
    tif: TimeInForce


@st.composite
def shown(draw: st.DrawFn) -> Shown:
    middle = draw(PRICES)
    below = st.dictionaries(st.integers(90, middle - 1), SIZES, max_size=5)
    above = st.dictionaries(st.integers(middle, 110), SIZES, max_size=5)
    return Shown(draw(below), draw(above))


EVENTS = st.one_of(
    shown(),
    st.builds(Printed, PRICES, SIZES, st.none() | SIDES),
    st.builds(Sent, SIDES, SIZES, st.none() | PRICES, st.sampled_from(list(TimeInForce))),
)


class Witness:
    """Lets a market happen to the broker and remembers what it offered."""

    def __init__(self, settings_: PaperSettings) -> None:
        self.bench = PaperBench(settings_)
        self.requests: dict[str, OrderRequest] = {}
        self.book = Shown({}, {})

    def happen(self, event: Shown | Printed | Sent) -> list[FillReport]:
        before = len(self.bench.reports)
        if isinstance(event, Shown):
            self.book = event
            self.bench.depth(event.bids, event.asks)
        elif isinstance(event, Printed):
            self.bench.trade(*event)
        else:
            request = self.bench.request(event.side, event.quantity, event.limit, tif=event.tif)
            self.requests[request.client_id] = request
            self.bench.broker.submit(request)
            self.bench.settle()
        return [report for report in self.bench.reports[before:] if isinstance(report, FillReport)]

    def offered(self, side: Side, limit: int) -> int:
        """Return what the book shows to a side at a limit or better."""
        levels = self.book.asks if side is Side.BUY else self.book.bids
        return sum(size for price, size in levels.items() if side * (limit - price) >= 0)


@given(st.lists(EVENTS, max_size=40))
@settings(deadline=None, max_examples=250)
def test_a_resting_order_fills_at_its_limit_and_only_where_the_market_printed_or_showed_it(
    events: list[Shown | Printed | Sent],
) -> None:
    witness = Witness(PaperSettings())
    for event in events:
        for fill in (report.fill for report in witness.happen(event)):
            request = witness.requests[fill.client_id]
            if fill.liquidity is Liquidity.TAKER:
                assert isinstance(event, Sent)
                levels = witness.book.asks if fill.side is Side.BUY else witness.book.bids
                assert fill.price in levels
                assert request.limit is None or fill.side * (request.limit - fill.price) >= 0
                continue
            assert fill.price == request.limit
            if isinstance(event, Printed):
                assert fill.side * (fill.price - event.price) >= 0
                assert event.price != fill.price or event.aggressor is not fill.side
            else:
                assert isinstance(event, Shown)
                assert witness.offered(fill.side, fill.price) > 0


@given(st.lists(EVENTS, max_size=40))
@settings(deadline=None, max_examples=250)
def test_no_print_and_no_shown_size_serves_more_than_its_size(events: list[Shown | Printed | Sent]) -> None:
    witness = Witness(PaperSettings())
    taken: Counter[Side] = Counter()
    for event in events:
        if isinstance(event, Shown):
            taken.clear()
        fills = [report.fill for report in witness.happen(event)]
        if isinstance(event, Printed):
            assert sum(fill.quantity for fill in fills) <= event.size
            continue
        for fill in fills:
            taken[fill.side] += fill.quantity
        for side in Side:
            assert taken[side] <= witness.offered(side, side * 10**9)


@given(st.lists(EVENTS, max_size=40))
@settings(deadline=None, max_examples=150)
def test_no_order_fills_beyond_its_quantity_and_positions_are_the_sum_of_fills(
    events: list[Shown | Printed | Sent],
) -> None:
    witness = Witness(PaperSettings())
    filled: Counter[str] = Counter()
    position = 0
    for event in events:
        for fill in (report.fill for report in witness.happen(event)):
            filled[fill.client_id] += fill.quantity
            position += fill.side * fill.quantity
            assert fill.quantity > 0
    for client_id, quantity in filled.items():
        request = witness.requests[client_id]
        assert quantity <= request.quantity
        if request.tif is TimeInForce.FOK:
            assert quantity == request.quantity
    assert witness.bench.paper.position_of(SYMBOL) == position
    assert all(report.ahead >= 0 for report in witness.bench.reports if isinstance(report, QueueReport))


@given(
    st.lists(EVENTS, max_size=30),
    st.decimals(-5, 30, places=2),
    st.decimals(0, 30, places=2),
)
@settings(deadline=None, max_examples=100)
def test_every_fee_is_the_stated_share_of_the_notional(
    events: list[Shown | Printed | Sent], maker_bps: Decimal, taker_bps: Decimal
) -> None:
    witness = Witness(PaperSettings(maker_fee_bps=maker_bps, taker_fee_bps=taker_bps))
    for event in events:
        for fill in (report.fill for report in witness.happen(event)):
            bps = maker_bps if fill.liquidity is Liquidity.MAKER else taker_bps
            notional_micros = fill.price * fill.quantity * 10_000
            expected = (notional_micros * bps / 10_000).quantize(Decimal(1), ROUND_HALF_EVEN)
            assert fill.fee_micros == expected


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_division_rounds_half_to_even(numerator: int, denominator: int) -> None:
    quotient = divide_half_even(numerator, denominator)
    error = 2 * abs(numerator - quotient * denominator)
    assert error < denominator or (error == denominator and quotient % 2 == 0)
