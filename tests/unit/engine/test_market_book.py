from __future__ import annotations

import pytest

from engine.market.book import WAITING, OrderBook, Outcome
from engine.model.depth import DepthDelta, SequenceRule
from engine.model.quote import NO_PRICE
from engine.model.trade import Side
from tests.unit.engine.market_builders import delta, instrument, snapshot


def book_of(rule: SequenceRule = SequenceRule.CONTIGUOUS) -> OrderBook:
    return OrderBook(instrument(), rule)


def test_a_new_book_is_empty_and_waits_for_a_snapshot() -> None:
    book = book_of()
    assert not book.synced
    assert book.status == WAITING
    assert (book.best_bid, book.best_ask) == (NO_PRICE, NO_PRICE)
    assert book.levels(Side.BUY, 5) == ()


def test_a_snapshot_is_ranked_best_first_on_both_sides() -> None:
    book = book_of()
    book.apply_snapshot(snapshot(bids=((98, 1), (100, 2), (99, 3)), asks=((103, 4), (101, 5), (102, 6))))
    assert book.levels(Side.BUY, 2) == ((100, 2), (99, 3))
    assert book.levels(Side.SELL, 9) == ((101, 5), (102, 6), (103, 4))
    assert list(book.walk(Side.SELL)) == [(101, 5), (102, 6), (103, 4)]
    assert (book.best_bid, book.best_ask) == (100, 101)


def test_a_snapshots_empty_levels_are_left_out() -> None:
    book = book_of()
    book.apply_snapshot(snapshot(bids=((100, 0), (99, 3))))
    assert book.best_bid == 99


def test_asking_for_no_levels_gives_none() -> None:
    book = book_of()
    book.apply_snapshot(snapshot())
    assert book.levels(Side.BUY, 0) == ()


def test_a_change_replaces_adds_and_removes_levels() -> None:
    book = book_of()
    book.apply_snapshot(snapshot())
    book.apply_delta(delta(11, bids=((100, 0), (98, 7), (99, 1), (97, 0)), asks=((101, 9),)))
    assert book.levels(Side.BUY, 9) == ((99, 1), (98, 7))
    assert book.size_at(Side.SELL, 101) == 9
    assert book.size_at(Side.BUY, 100) == 0


def test_a_crossed_book_says_so() -> None:
    book = book_of()
    book.apply_snapshot(snapshot())
    assert not book.crossed
    book.apply_delta(delta(11, bids=((101, 1),)))
    assert book.crossed


def test_a_one_sided_book_is_not_crossed() -> None:
    book = book_of()
    book.apply_snapshot(snapshot(asks=()))
    assert not book.crossed


@pytest.mark.parametrize(
    ("rule", "following"),
    [
        (SequenceRule.BINANCE_SPOT, delta(11, 14)),
        (SequenceRule.BINANCE_SPOT, delta(8, 14)),
        (SequenceRule.BINANCE_FUTURES, delta(8, 14, 7)),
        (SequenceRule.BINANCE_FUTURES, delta(8, 10, 7)),
        (SequenceRule.BINANCE_FUTURES, delta(12, 14, 9)),
        (SequenceRule.CONTIGUOUS, delta(11)),
        (SequenceRule.NONE, delta(0)),
    ],
)
def test_a_change_that_reaches_over_the_snapshot_is_applied(
    rule: SequenceRule, following: DepthDelta
) -> None:
    book = book_of(rule)
    book.apply_snapshot(snapshot(last_id=10))
    assert book.apply_delta(following) is Outcome.APPLIED


@pytest.mark.parametrize(
    ("rule", "old"),
    [
        (SequenceRule.BINANCE_SPOT, delta(8, 10)),
        (SequenceRule.BINANCE_FUTURES, delta(7, 9, 6)),
        (SequenceRule.CONTIGUOUS, delta(10)),
    ],
)
def test_a_change_that_the_snapshot_contains_is_dropped(rule: SequenceRule, old: DepthDelta) -> None:
    book = book_of(rule)
    book.apply_snapshot(snapshot(last_id=10))
    assert book.apply_delta(old) is Outcome.OLD
    assert book.synced


@pytest.mark.parametrize(
    ("rule", "beyond"),
    [
        (SequenceRule.BINANCE_SPOT, delta(12, 14)),
        (SequenceRule.BINANCE_FUTURES, delta(13, 14, 12)),
        (SequenceRule.CONTIGUOUS, delta(12)),
    ],
)
def test_a_gap_after_the_snapshot_loses_the_book(rule: SequenceRule, beyond: DepthDelta) -> None:
    book = book_of(rule)
    book.apply_snapshot(snapshot(last_id=10))
    assert book.apply_delta(beyond) is Outcome.LOST
    assert not book.synced
    assert "missing" in book.status
    assert book.resyncs == 1


def test_futures_changes_are_chained_by_the_id_of_the_one_before() -> None:
    book = book_of(SequenceRule.BINANCE_FUTURES)
    book.apply_snapshot(snapshot(last_id=10))
    book.apply_delta(delta(9, 14, 8))
    assert book.apply_delta(delta(20, 25, 14)) is Outcome.APPLIED
    assert book.apply_delta(delta(20, 25, 14)) is Outcome.OLD
    assert book.apply_delta(delta(31, 35, 30)) is Outcome.LOST


def test_changes_from_before_the_snapshot_wait_and_the_straddling_one_is_applied() -> None:
    book = book_of(SequenceRule.BINANCE_SPOT)
    assert book.apply_delta(delta(5, 8, bids=((100, 77),))) is Outcome.BUFFERED
    assert book.apply_delta(delta(9, 12, bids=((99, 88),))) is Outcome.BUFFERED
    assert book.buffered == 2
    assert book.apply_snapshot(snapshot(last_id=10)) is Outcome.APPLIED
    assert book.levels(Side.BUY, 2) == ((100, 5), (99, 88))
    assert (book.last_id, book.buffered) == (12, 0)


def test_a_snapshot_older_than_what_waits_does_not_sync_the_book() -> None:
    book = book_of(SequenceRule.BINANCE_SPOT)
    book.apply_delta(delta(20, 22, bids=((99, 88),)))
    assert book.apply_snapshot(snapshot(last_id=10)) is Outcome.LOST
    assert "older" in book.status
    assert book.apply_snapshot(snapshot(last_id=21)) is Outcome.APPLIED
    assert book.size_at(Side.BUY, 99) == 88


def test_a_fresh_snapshot_recovers_a_lost_book_with_what_came_meanwhile() -> None:
    book = book_of()
    book.apply_snapshot(snapshot(last_id=10))
    book.apply_delta(delta(12, bids=((99, 1),)))
    book.apply_delta(delta(13, bids=((98, 2),)))
    assert book.apply_snapshot(snapshot(last_id=12)) is Outcome.APPLIED
    assert book.levels(Side.BUY, 3) == ((100, 5), (99, 6), (98, 2))
    assert book.status == ""


def test_an_overtaken_snapshot_does_not_turn_a_good_book_back() -> None:
    book = book_of()
    book.apply_snapshot(snapshot(last_id=10))
    book.apply_delta(delta(11, bids=((100, 50),)))
    assert book.apply_snapshot(snapshot(last_id=10)) is Outcome.OLD
    assert book.size_at(Side.BUY, 100) == 50


def test_unnumbered_changes_from_before_the_snapshot_are_not_kept() -> None:
    book = book_of(SequenceRule.NONE)
    book.apply_delta(delta(0, bids=((100, 77),)))
    book.apply_snapshot(snapshot(last_id=0))
    assert book.size_at(Side.BUY, 100) == 5
    assert book.dropped == 1


def test_what_waits_is_bounded_and_what_is_pushed_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.market.book.BUFFER_MAX", 3)
    book = book_of()
    for number in range(11, 16):
        book.apply_delta(delta(number))
    assert (book.buffered, book.dropped) == (3, 2)
    assert book.apply_snapshot(snapshot(last_id=10)) is Outcome.LOST


def test_a_wrong_checksum_loses_the_book() -> None:
    book = book_of(SequenceRule.KRAKEN_CHECKSUM)
    book.apply_snapshot(snapshot())
    assert book.apply_delta(delta(0, bids=((99, 8),), checksum=1)) is Outcome.LOST
    assert "checksum" in book.status


def test_the_checksum_is_the_one_of_krakens_documentation() -> None:
    """Source: Kraken, "Book checksum", the example of the first protocol version."""
    asks = "0.05005 500;0.05010 500;0.05015 500;0.05020 500;0.05025 500;0.05030 500;0.05035 500;0.05040 500"
    asks += ";0.05045 500;0.05050 500"
    bids = "0.05000 500;0.04995 500;0.04990 500;0.04980 500;0.04975 500;0.04970 500;0.04965 500;0.04960 500"
    bids += ";0.04955 500;0.04950 500"

    def levels(text: str) -> tuple[tuple[int, int], ...]:
        pairs = (pair.split() for pair in text.split(";"))
        return tuple((round(float(price) * 10**5), int(size)) for price, size in pairs)

    book = book_of(SequenceRule.KRAKEN_CHECKSUM)
    book.apply_snapshot(snapshot(levels(bids), levels(asks)))
    assert book.checksum() == 974947235


def test_kraken_sends_no_deletion_for_what_falls_below_the_depth() -> None:
    book = book_of(SequenceRule.KRAKEN_CHECKSUM)
    bids = tuple((100 - rank, 5) for rank in range(10))
    book.apply_snapshot(snapshot(bids=bids, asks=((200, 1),)))
    book.apply_delta(delta(0, bids=((101, 1),)))
    assert len(book.bids) == 10
    assert book.size_at(Side.BUY, 91) == 0
    assert book.size_at(Side.BUY, 92) == 5


def test_other_books_keep_every_level() -> None:
    book = book_of(SequenceRule.NONE)
    book.apply_snapshot(snapshot(bids=tuple((100 - rank, 5) for rank in range(10))))
    book.apply_delta(delta(0, bids=((101, 1),)))
    assert len(book.bids) == 11


def test_a_cleared_book_is_as_new() -> None:
    book = book_of()
    book.apply_snapshot(snapshot())
    book.apply_delta(delta(15))
    book.clear()
    assert (book.bids, book.asks, book.resyncs, book.buffered, book.last_id) == ({}, {}, 0, 0, 0)
    assert book.status == WAITING
