"""What was known of a live market is there at the next start: shown as old, and traded against by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.duties import market_cache
from engine.duties.market_cache import MarketCache
from engine.errors import InvalidValue
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.market.recall import OLD
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import DepthSnapshot, SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.quote import Quote
from engine.model.trade import Side, Trade

BTC = Symbol("BTC/USD")
NOON_NS = 1_767_268_800 * NS_PER_S
COIN = Instrument(
    symbol=BTC,
    venue="kraken",
    asset_class=AssetClass.CRYPTO,
    currency="USD",
    base="BTC",
    price_unit=Decimal("0.1"),
    tick=Decimal("0.1"),
    size_unit=Decimal("0.00000001"),
    lot=Decimal("0.00000001"),
)


def empty_market() -> Market:
    return Market(MarketSettings(), SimulatedClock(NOON_NS))


def quoted(market: Market, bid: int, at_ns: int) -> None:
    market.on_quote(Quote(BTC, "kraken", bid, bid + 1, 5, 7, at_ns, at_ns))


@pytest.fixture
def left() -> Market:
    """A market with three minutes of prints, as a desk leaves it."""
    market = empty_market()
    market.on_listed(COIN, SequenceRule.KRAKEN_CHECKSUM)
    for number in range(4):
        at_ns = NOON_NS + number * MINUTE_NS
        market.on_trade(Trade(BTC, "kraken", 600_000 + number, 10, Side.BUY, at_ns, at_ns, number + 1))
    quoted(market, 600_100, NOON_NS + 3 * MINUTE_NS)
    return market


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def cache_of(tmp_path: Path, alerts: list[str]) -> Callable[[Market], MarketCache]:
    return lambda market: MarketCache(tmp_path / "market" / "kraken", market, lambda: [BTC], alerts.append)


def saved(cache: MarketCache) -> None:
    """Let it run for a moment, and end."""

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await cache.run()

    asyncio.run(run())


def test_what_was_known_is_shown_as_old_until_something_fresh_comes(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    market = empty_market()
    cache = cache_of(market)
    cache.recall()
    state = market.states[BTC]
    assert (state.bid, state.ask, state.last) == (600_100, 600_101, 600_003)
    assert (state.bid_size, state.ask_size) == (0, 0), "nobody can have these sizes any more"
    assert state.age_ns(NOON_NS + 3 * MINUTE_NS + 5) == 5
    assert (state.trust(NOON_NS), state.distrust_reason) == (Trust.DISTRUSTED, OLD)
    bars = market.bars.series(BTC, MINUTE_NS).closed
    assert list(bars) == list(left.bars.series(BTC, MINUTE_NS).closed)
    assert len(bars) == 3
    assert cache.known_to_ns(BTC) == NOON_NS + 3 * MINUTE_NS
    market.on_listed(COIN, SequenceRule.KRAKEN_CHECKSUM)
    quoted(market, 700_000, NOON_NS + 10 * MINUTE_NS)
    assert state.trust(NOON_NS + 10 * MINUTE_NS) is Trust.GOOD, "an old price judges no fresh one"
    assert len(market.bars.series(BTC, MINUTE_NS).closed) == 3


def test_a_symbol_that_is_added_later_is_shown_as_it_was_once_its_source_lists_it(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    market = Market(MarketSettings(), SimulatedClock(NOON_NS))
    cache = cache_of(market)
    asyncio.run(cache.look_up(BTC))
    assert BTC not in market.states, "nothing is shown of what its venue may not have"
    market.on_listed(COIN, SequenceRule.KRAKEN_CHECKSUM)
    assert cache.known_to_ns(BTC) == NOON_NS + 3 * MINUTE_NS
    state = market.states[BTC]
    assert (state.bid, state.trust(NOON_NS), state.distrust_reason) == (600_100, Trust.DISTRUSTED, OLD)
    quoted(market, 700_000, NOON_NS + 10 * MINUTE_NS)
    assert cache.known_to_ns(BTC) == NOON_NS + 3 * MINUTE_NS
    assert state.bid == 700_000


def test_sums_that_64_bits_do_not_hold_are_kept_whole(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    at_ns = NOON_NS + 4 * MINUTE_NS
    bar = Bar(BTC, MINUTE_NS, at_ns, 1, 2, 1, 2, 10**20, 10**36, 3, closed=True)
    left.on_bar(RecordedBar("kraken", bar, at_ns + MINUTE_NS))
    bars = list(left.bars.series(BTC, MINUTE_NS).closed)
    assert bars[-1] == bar
    saved(cache_of(left))
    market = empty_market()
    cache_of(market).recall()
    assert list(market.bars.series(BTC, MINUTE_NS).closed) == bars


def test_a_book_ends_what_is_old_just_as_well(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    market = empty_market()
    cache_of(market).recall()
    market.on_snapshot(DepthSnapshot(BTC, "kraken", ((600_050, 3),), ((600_051, 4),), 0, NOON_NS, NOON_NS))
    assert (market.states[BTC].bid, market.states[BTC].bid_size) == (600_050, 3)
    assert market.states[BTC].trust(NOON_NS) is Trust.GOOD


def test_what_a_source_has_said_is_not_overtaken_by_what_was(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    market = empty_market()
    market.on_listed(COIN)
    quoted(market, 610_000, NOON_NS)
    cache_of(market).recall()
    assert market.states[BTC].bid == 610_000


def test_steps_that_changed_meanwhile_are_taken_from_the_source_where_nothing_is_counted_in_them(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    finer = replace(COIN, price_unit=Decimal("0.01"), tick=Decimal("0.01"))
    market = empty_market()
    cache = cache_of(market)
    cache.recall()
    state = market.states[BTC]
    market.on_listed(finer, SequenceRule.KRAKEN_CHECKSUM)
    assert market.states[BTC] is state
    assert (state.instrument, state.has_quote, cache.known_to_ns(BTC)) == (finer, False, 0)
    assert market.books[BTC].instrument == finer
    with pytest.raises(InvalidValue):
        market.on_listed(COIN)


def test_steps_that_an_account_counts_in_hold(
    left: Market, cache_of: Callable[[Market], MarketCache]
) -> None:
    saved(cache_of(left))
    finer = replace(COIN, price_unit=Decimal("0.01"), tick=Decimal("0.01"))
    market = empty_market()
    market.on_listed(finer)
    cache_of(market).recall()
    assert not market.states[BTC].has_quote
    assert market.states[BTC].instrument == finer


@pytest.mark.parametrize("damage", [b"", b"\x00" * 3, b"nonsense, and more of it"])
def test_what_cannot_be_read_is_not_there(
    left: Market, cache_of: Callable[[Market], MarketCache], tmp_path: Path, damage: bytes
) -> None:
    saved(cache_of(left))
    (path,) = (tmp_path / "market" / "kraken").iterdir()
    path.write_bytes(damage)
    market = empty_market()
    cache_of(market).recall()
    assert BTC not in market.states


def test_one_flipped_bit_is_noticed_and_another_version_too(
    left: Market,
    cache_of: Callable[[Market], MarketCache],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved(cache_of(left))
    (path,) = (tmp_path / "market" / "kraken").iterdir()
    whole = path.read_bytes()
    market = empty_market()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        cache_of(market).recall()
    path.write_bytes(whole)
    monkeypatch.setattr(market_cache, "_VERSION", 2)
    cache_of(market).recall()
    assert BTC not in market.states


def test_only_what_changed_is_written_again(
    left: Market, cache_of: Callable[[Market], MarketCache], tmp_path: Path
) -> None:
    cache = cache_of(left)
    saved(cache)
    (path,) = (tmp_path / "market" / "kraken").iterdir()
    path.unlink()
    saved(cache)
    assert not path.exists()
    quoted(left, 600_200, NOON_NS + 4 * MINUTE_NS)
    saved(cache)
    assert path.exists()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_told_once_and_again_after_it_could(
    left: Market, cache_of: Callable[[Market], MarketCache], tmp_path: Path, alerts: list[str]
) -> None:
    (tmp_path / "market").write_bytes(b"in the way")
    cache = cache_of(left)
    saved(cache)
    saved(cache)
    assert alerts == [
        f"what is known of the market can't be kept in {tmp_path}/market/kraken: Not a directory"
    ]
    (tmp_path / "market").unlink()
    saved(cache)
    assert len(alerts) == 1
    assert list((tmp_path / "market" / "kraken").iterdir()), "what could not be written before is now"
