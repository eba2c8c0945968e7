from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import pytest

from engine.adapters.simulated.market import START_NS, SimulatedMarket
from engine.adapters.simulated.universe import UNIVERSE
from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import AssetClass, Symbol
from engine.model.market_status import Session
from engine.model.quote import Quote
from engine.model.trade import Trade
from tests.unit.engine.simulated_recorder import Recorder, record, until
from tests.unit.engine.test_simulated_phases import new_york

FEW = ("NVDA", "EURUSD", "BTCUSD")


def _books(recorder: Recorder) -> dict[Symbol, tuple[dict[int, int], dict[int, int]]]:
    """Rebuild every book from what was published, checking the numbers and each quote on the way."""
    books: dict[Symbol, tuple[dict[int, int], dict[int, int]]] = {}
    last_ids: dict[Symbol, int] = {}
    for message in recorder.messages:
        if isinstance(message, DepthSnapshot):
            books[message.symbol] = (dict(message.bids), dict(message.asks))
            last_ids[message.symbol] = message.last_id
        elif isinstance(message, DepthDelta):
            assert message.first_id == message.last_id == last_ids[message.symbol] + 1
            assert message.previous_id == last_ids[message.symbol]
            last_ids[message.symbol] = message.last_id
            bids, asks = books[message.symbol]
            _apply(bids, message.bids)
            _apply(asks, message.asks)
            assert max(bids, default=0) < min(asks, default=2**62)
        elif isinstance(message, Quote):
            bids, asks = books[message.symbol]
            bid, ask = max(bids, default=0), min(asks, default=0)
            expected = (bid, ask, bids.get(bid, 0), asks.get(ask, 0))
            assert (message.bid, message.ask, message.bid_size, message.ask_size) == expected
    return books


def _apply(side: dict[int, int], changes: tuple[Level, ...]) -> None:
    for price, size in changes:
        if size:
            side[price] = size
        else:
            assert side.pop(price, None) is not None or len(changes) > 1


def test_the_published_changes_rebuild_a_book_that_every_quote_agrees_with() -> None:
    recorder = record(40, symbols=FEW, events_per_s=300)
    books = _books(recorder)
    assert set(books) == set(FEW)
    assert all(len(bids) > 10 and len(asks) > 10 for bids, asks in books.values())


def test_every_price_lies_on_its_tick_and_every_size_on_its_lot() -> None:
    recorder = record(10, events_per_s=1000)
    for trade in recorder.trades:
        instrument = recorder.instruments[trade.symbol]
        assert trade.price % instrument.tick_units == 0
        assert trade.size % instrument.lot_units == 0
    for quote in recorder.quotes:
        instrument = recorder.instruments[quote.symbol]
        assert quote.bid % instrument.tick_units == quote.ask % instrument.tick_units == 0
        assert (quote.bid + quote.ask) % 2 == 0


def test_the_clock_shows_the_time_of_each_event_when_it_is_delivered() -> None:
    assert record(10, symbols=FEW, events_per_s=300).late == []


def test_sequences_and_trade_ids_rise_by_one() -> None:
    recorder = record(20, symbols=["SPY"], events_per_s=100)
    assert [quote.sequence for quote in recorder.quotes] == list(range(1, len(recorder.quotes) + 1))
    assert [trade.trade_id for trade in recorder.trades] == list(range(1, len(recorder.trades) + 1))


def test_a_trade_prints_at_the_touch_or_beyond_on_its_aggressors_side() -> None:
    quotes: dict[Symbol, Quote] = {}
    checked = 0
    for message in record(20, symbols=["SPY"], events_per_s=100).messages:
        if isinstance(message, Quote):
            quotes[message.symbol] = message
        elif isinstance(message, Trade) and message.aggressor is not None:
            quote = quotes[message.symbol]
            touch = quote.ask if message.aggressor > 0 else quote.bid
            assert (message.price - touch) * message.aggressor >= 0
            checked += 1
    assert checked > 50


@pytest.mark.no_cover
def test_the_same_seed_gives_the_same_events_and_another_seed_does_not() -> None:
    first, second, other = (record(15, seed=seed, events_per_s=300) for seed in (5, 5, 6))
    end_ns = START_NS + 15 * NS_PER_S
    assert until(first, end_ns) == until(second, end_ns)
    assert until(first, end_ns) != until(other, end_ns)


@pytest.mark.parametrize("speed", [30.0, 300.0])
def test_speed_does_not_change_the_events(speed: float) -> None:
    end_ns = START_NS + 6 * NS_PER_S
    plain = record(6, symbols=FEW, events_per_s=200)
    assert until(plain, end_ns) == until(record(6, symbols=FEW, events_per_s=200, speed=speed), end_ns)


def test_pauses_steps_and_jumps_do_not_change_the_events() -> None:
    def play(market: SimulatedMarket, clock: SimulatedClock) -> Iterator[None]:
        yield from repeat(None, 100)
        market.pause()
        for _ in range(9):
            market.step()
            yield
        yield from repeat(None, 500)
        market.resume()
        market.jump(clock.now_ns() + 2 * NS_PER_S)
        market.set_speed(50.0)
        yield from repeat(None, 600)
        market.set_speed(0)

    end_ns = START_NS + 6 * NS_PER_S
    played = record(6, symbols=FEW, events_per_s=200, speed=1.0, meanwhile=play)
    assert until(played, end_ns) == until(record(6, symbols=FEW, events_per_s=200), end_ns)


def test_the_same_market_is_made_whoever_else_is_listed_when_its_rate_is_the_same() -> None:
    alone = record(5, symbols=["SPY"], events_per_s=120)
    together = record(5, symbols=["QQQ", "SPY"], events_per_s=210)
    end_ns = START_NS + 5 * NS_PER_S
    spy = [m for m in until(together, end_ns) if isinstance(m, Quote) and m.symbol == "SPY"]
    assert spy == [m for m in until(alone, end_ns) if isinstance(m, Quote)]


def test_history_comes_first_in_order_and_meets_the_live_book() -> None:
    recorder = record(1)
    for listing in UNIVERSE:
        instrument = listing.instrument
        day, *minutes = [bar for bar in recorder.bars if bar.symbol == instrument.symbol]
        assert (day.interval_ns, day.close) == (
            86_400 * NS_PER_S,
            instrument.price_units(listing.prior_close),
        )
        starts = [bar.start_ns for bar in minutes]
        assert starts == list(range(START_NS - 240 * 60 * NS_PER_S, START_NS, 60 * NS_PER_S))
        assert all(bar.low <= min(bar.open, bar.close) for bar in minutes)
        assert all(bar.high >= max(bar.open, bar.close) for bar in minutes)
        assert all(bar.volume > 0 and bar.low * bar.volume <= bar.turnover for bar in minutes)
        first = next(quote for quote in recorder.quotes if quote.symbol == instrument.symbol)
        mid = (first.bid + first.ask) / 2
        assert abs(mid / minutes[-1].close - 1) < listing.daily_volatility / 20


def test_a_minute_of_live_trading_has_about_the_volume_of_a_minute_of_history() -> None:
    recorder = record(300, symbols=["SPY", "EURUSD"], events_per_s=60)
    for symbol in ("SPY", "EURUSD"):
        live = sum(trade.size for trade in recorder.trades if trade.symbol == symbol) / 5
        past = [bar.volume for bar in recorder.bars if bar.symbol == symbol][-60:]
        assert 0.4 < live / (sum(past) / 60) < 2.5


def test_the_universe_is_varied_and_each_symbol_is_listed_with_contiguous_numbers() -> None:
    recorder = record(0.1)
    classes = [instrument.asset_class for instrument in recorder.instruments.values()]
    assert recorder.rules == {SequenceRule.CONTIGUOUS}
    assert {kind: classes.count(kind) for kind in set(classes)} == {
        AssetClass.EQUITY: 23,
        AssetClass.FX: 5,
        AssetClass.CRYPTO: 4,
    }


@pytest.mark.parametrize(
    ("start", "after", "first", "second"),
    [
        ("2026-01-06T09:29:57", 6, Session.PRE, Session.OPEN),
        ("2026-01-06T15:59:57", 6, Session.OPEN, Session.POST),
        ("2026-01-06T19:59:57", 6, Session.POST, Session.CLOSED),
        ("2026-01-06T03:59:57", 6, Session.CLOSED, Session.PRE),
    ],
)
def test_the_session_turns_on_the_minute(start: str, after: int, first: Session, second: Session) -> None:
    start_ns = new_york(start)
    recorder = record(after, symbols=["SPY"], events_per_s=200, start_ns=start_ns)
    assert [status.session for status in recorder.statuses] == [first, second]
    assert recorder.statuses[1].event_ns == start_ns + 3 * NS_PER_S
    _books(recorder)


def test_the_day_opens_with_an_auction_and_nothing_trades_while_closed() -> None:
    opening = record(5, symbols=["SPY"], events_per_s=200, start_ns=new_york("2026-01-06T09:29:58"))
    auction = next(trade for trade in opening.trades if trade.conditions)
    assert (auction.conditions, auction.aggressor) == ("opening", None)
    assert auction.event_ns == new_york("2026-01-06T09:30:00")
    night = record(600, symbols=["SPY"], events_per_s=200, start_ns=new_york("2026-01-06T22:00:00"))
    assert not night.trades
    assert len(night.quotes) == 1


def test_currencies_stop_for_the_weekend_while_coins_go_on() -> None:
    start_ns = new_york("2026-01-09T16:59:58")
    recorder = record(10, symbols=["EURUSD", "BTCUSD"], events_per_s=200, start_ns=start_ns)
    closed_ns = start_ns + 2 * NS_PER_S
    assert {quote.symbol for quote in recorder.quotes if quote.event_ns > closed_ns} == {"BTCUSD"}


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(InvalidValue, match="events_per_s"):
        SimulatedMarket(SimulatedClock(START_NS), events_per_s=rate)


def test_an_unknown_symbol_is_refused_by_name() -> None:
    with pytest.raises(InvalidValue, match="NOPE"):
        SimulatedMarket(SimulatedClock(START_NS), symbols=["SPY", "NOPE"])
