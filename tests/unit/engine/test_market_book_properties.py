"""A book against the plainest model there is, and against a transport that loses, repeats and reorders."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.market.book import OrderBook, Outcome
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.trade import Side
from tests.unit.engine.market_builders import ABC, NOON_NS, instrument

Model = tuple[dict[int, int], dict[int, int]]
CHANGES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 4)), max_size=8).map(tuple)


def changed(side: dict[int, int], changes: tuple[Level, ...]) -> dict[int, int]:
    after = side | dict(changes)
    return {price: size for price, size in after.items() if size}


def whole(last_id: int, model: Model) -> DepthSnapshot:
    bids, asks = (tuple(side.items()) for side in model)
    return DepthSnapshot(ABC, "feed", bids, asks, last_id, NOON_NS, NOON_NS)


def check_against(book: OrderBook, model: Model) -> None:
    bids, asks = model
    assert (book.bids, book.asks) == (bids, asks)
    assert book.levels(Side.BUY, 99) == tuple(sorted(bids.items(), reverse=True))
    assert book.levels(Side.SELL, 99) == tuple(sorted(asks.items()))
    assert book.best_bid == max(bids, default=0)
    assert book.best_ask == min(asks, default=0)
    assert list(book.walk(Side.BUY)) == list(book.levels(Side.BUY, 99))


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), CHANGES, CHANGES), max_size=30))
def test_a_book_equals_a_plain_dictionary_after_any_snapshots_and_changes(
    messages: list[tuple[bool, tuple[Level, ...], tuple[Level, ...]]],
) -> None:
    book = OrderBook(instrument())
    model: Model = ({}, {})
    book.apply_snapshot(whole(0, model))
    for is_snapshot, bids, asks in messages:
        before: Model = ({}, {}) if is_snapshot else model
        model = (changed(before[0], bids), changed(before[1], asks))
        if is_snapshot:
            book.apply_snapshot(whole(0, model))
        else:
            book.apply_delta(DepthDelta(ABC, "feed", bids, asks, 0, 0, 0, NOON_NS, NOON_NS))
        check_against(book, model)


class UnreliableVenue(RuleBasedStateMachine):
    """A venue whose messages are lost, repeated and swapped on the way; ids step as its rule says."""

    sequence_rule = SequenceRule.CONTIGUOUS
    id_step = 1

    @initialize()
    def open(self) -> None:
        self.book = OrderBook(instrument(), self.sequence_rule)
        self.last_id = 100
        self.models: dict[int, Model] = {100: ({}, {})}
        self.on_the_way: list[DepthDelta] = []

    @rule(bids=CHANGES, asks=CHANGES, skipped=st.integers(0, 3))
    def change(self, bids: tuple[Level, ...], asks: tuple[Level, ...], skipped: int) -> None:
        """Let the venue's book change, a message for it go out, and its number rise."""
        previous_id = self.last_id
        first_id = previous_id + 1
        if self.sequence_rule is SequenceRule.BINANCE_FUTURES:
            first_id += skipped
        self.last_id = first_id + (0 if self.id_step == 1 else skipped)
        bids_before, asks_before = self.models[previous_id]
        self.models[self.last_id] = (changed(bids_before, bids), changed(asks_before, asks))
        self.on_the_way.append(
            DepthDelta(ABC, "feed", bids, asks, first_id, self.last_id, previous_id, NOON_NS, NOON_NS)
        )

    @precondition(lambda self: self.on_the_way)
    @rule()
    def deliver(self) -> None:
        self._receive(self.on_the_way.pop(0))

    @precondition(lambda self: self.on_the_way)
    @rule()
    def lose(self) -> None:
        self.on_the_way.pop(0)

    @precondition(lambda self: self.on_the_way)
    @rule()
    def repeat(self) -> None:
        self.on_the_way.insert(0, self.on_the_way[0])

    @precondition(lambda self: len(self.on_the_way) > 1)
    @rule(index=st.integers(0, 10))
    def swap(self, index: int) -> None:
        index %= len(self.on_the_way) - 1
        first, second = self.on_the_way[index : index + 2]
        self.on_the_way[index : index + 2] = [second, first]

    @rule(age=st.integers(0, 5))
    def send_snapshot(self, age: int) -> None:
        """Answer with the book as it is, or as it was some changes ago."""
        ids = list(self.models)
        last_id = ids[max(0, len(ids) - 1 - age)]
        self.book.apply_snapshot(whole(last_id, self.models[last_id]))

    @rule()
    def settle(self) -> None:
        """Deliver all, then a snapshot of now: whatever happened, the book is right."""
        while self.on_the_way:
            self._receive(self.on_the_way.pop(0))
        self.book.apply_snapshot(whole(self.last_id, self.models[self.last_id]))
        assert self.book.synced
        check_against(self.book, self.models[self.last_id])

    @invariant()
    def a_synced_book_is_what_the_venue_had_at_that_number(self) -> None:
        if hasattr(self, "book") and self.book.synced:
            check_against(self.book, self.models[self.book.last_id])

    def _receive(self, delta: DepthDelta) -> None:
        was_synced, before = self.book.synced, self.book.last_id
        outcome = self.book.apply_delta(delta)
        if was_synced and delta.previous_id > before:
            assert outcome is Outcome.LOST, "changes are missing and nobody noticed"


class UnreliableSpot(UnreliableVenue):
    sequence_rule = SequenceRule.BINANCE_SPOT
    id_step = 2


class UnreliableFutures(UnreliableVenue):
    sequence_rule = SequenceRule.BINANCE_FUTURES
    id_step = 2


@pytest.mark.parametrize("venue", [UnreliableVenue, UnreliableSpot, UnreliableFutures])
def test_no_loss_repetition_or_swap_leaves_a_wrong_book_unnoticed(venue: Any) -> None:
    case = venue.TestCase
    case.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
    case("runTest").runTest()
