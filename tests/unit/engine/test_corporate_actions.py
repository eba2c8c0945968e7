"""Splits and dividends as a person books them: a record first, the same live and read back, nothing lost."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.account.recovery import read_back
from engine.duties.keeper import Keeper
from engine.duties.leaving import Leaving
from engine.errors import EngineError, JournalError
from engine.handlers import Handlers
from engine.messages.commands import BookDividend, BookSplit, Flatten, SubmitOrder
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import AlertRaised, CorporateEvent, DividendBooked, PositionSplit
from engine.model.position import COST_SCALE
from engine.replica import standalone
from engine.rooms import Rooms
from engine.shell.past import past_of
from engine.store.projection import Projection
from tests.engine_rooms import ABC, XYZ, buying, composed, passes, quoted
from tests.journals import records_of
from tests.waiting import wait_until

MICROS = 1_000_000


def handle(rooms: Rooms, *commands: SubmitOrder | BookSplit | BookDividend | Flatten) -> None:
    handlers = Handlers(rooms, Leaving(rooms))
    for command in commands:
        handlers.handle(command)
        passes(rooms, 0.1)


def hold(rooms: Rooms, quantity: int = 100) -> None:
    handle(rooms, buying(rooms, quantity))
    rooms.valuation.revalue()
    assert rooms.ledger.positions[ABC].quantity == quantity


def refusal(rooms: Rooms, command: BookSplit | BookDividend) -> str:
    before = rooms.journal.sequence, rooms.replica.digest()
    with pytest.raises(EngineError) as caught:
        handle(rooms, command)
    assert (rooms.journal.sequence, rooms.replica.digest()) == before
    return str(caught.value)


def booked(rooms: Rooms, kind: type[CorporateEvent]) -> list[object]:
    return [each for each in records_of(Path(rooms.journal.disk.where)) if isinstance(each, kind)]


def copy_of(rooms: Rooms) -> str:
    copy = standalone(rooms.account.base_currency)
    read_back(copy, rooms.journal.disk)
    return copy.digest()


def test_a_split_makes_more_of_what_is_held_at_the_same_cost_and_comes_back_after_a_crash(
    tmp_path: Path,
) -> None:
    said: list[AlertRaised] = []
    with composed(tmp_path) as rooms:
        hold(rooms)
        rooms.bus.subscribe(AlertRaised, said.append)
        position = rooms.ledger.positions[ABC]
        cost, cash = position.cost, rooms.account.cash_micros
        handle(rooms, BookSplit(ABC, 4, 1))
        rooms.valuation.revalue()
        assert (position.quantity, position.cost, position.realised) == (400, cost, 0)
        assert rooms.account.cash_micros == cash
        assert said[-1].text == (
            "ABC split 4:1: 100 became 400 at the same cost; split ABC 1:4 takes it back"
        )
        assert copy_of(rooms) == rooms.replica.digest()
    with composed(tmp_path) as rooms:
        position = rooms.ledger.positions[ABC]
        assert (position.quantity, position.cost) == (400, cost)
        handle(rooms, BookSplit(ABC, 1, 4))
        assert (position.quantity, position.cost) == (100, cost)


def test_the_paper_venue_splits_too_and_the_books_agree(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        hold(rooms)
        handle(rooms, BookSplit(ABC, 4, 1))
        for _ in range(6):
            rooms.orders.take_stock()
            passes(rooms, 5)
        view = rooms.orders.reconciler.view()
        assert view.phase is ReconcilePhase.AGREED
        assert view.breaks == ()
        handle(rooms, Flatten(ABC))
        passes(rooms, 1)
        assert rooms.ledger.positions[ABC].quantity == 0


def test_a_split_is_refused_while_orders_work_at_old_prices(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        hold(rooms)
        handle(rooms, buying(rooms, 10, 9_000), buying(rooms, 10, 9_001), buying(rooms, 1, 9_000, XYZ))
        told = refusal(rooms, BookSplit(ABC, 4, 1))
        assert told.endswith("cancel them first: #2, #3")
        rooms.orders.cancel_all(ABC)
        passes(rooms, 0.1)
        handle(rooms, BookSplit(ABC, 4, 1))
        assert rooms.ledger.positions[ABC].quantity == 400


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (BookSplit(XYZ, 4, 1), "a split needs a position, and XYZ is flat"),
        (BookDividend(XYZ, Decimal("0.24")), "a dividend needs a position, and XYZ is flat"),
        (BookSplit(ABC, 0, 1), "expected a split such as 4:1, found 0:1"),
        (BookSplit(ABC, 4, 0), "found 4:0"),
        (BookSplit(ABC, -4, 1), "found -4:1"),
        (BookSplit(ABC, 3, 3), "found 3:3"),
        (BookDividend(ABC, Decimal(0)), "expected a dividend such as 0.24, found 0"),
        (BookDividend(ABC, Decimal("NaN")), "found NaN"),
        (BookDividend(ABC, Decimal("Infinity")), "found Infinity"),
    ],
)
def test_what_can_not_be_booked_is_a_sentence_and_no_record(
    tmp_path: Path, command: BookSplit | BookDividend, told: str
) -> None:
    with composed(tmp_path) as rooms:
        hold(rooms)
        assert told in refusal(rooms, command)


def test_what_can_not_be_written_is_not_booked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise JournalError("the disk is full")

    with composed(tmp_path) as rooms:
        hold(rooms)
        with monkeypatch.context() as patched:
            patched.setattr(type(rooms.journal), "append", full)
            with pytest.raises(EngineError, match="the disk is full"):
                handle(rooms, BookSplit(ABC, 4, 1))
        assert rooms.ledger.positions[ABC].quantity == 100
        assert copy_of(rooms) == rooms.replica.digest()


def test_a_dividend_is_cash_to_the_cent_and_its_opposite_takes_it_back(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        hold(rooms)
        cash, equity = rooms.account.cash_micros, rooms.account.equity_micros
        handle(rooms, BookDividend(ABC, Decimal("0.24")))
        rooms.valuation.revalue()
        assert rooms.account.cash_micros == cash + 24 * MICROS
        assert rooms.account.equity_micros == equity + 24 * MICROS
        assert rooms.valuation.account_view().dividends_micros == 24 * MICROS
        handle(rooms, BookDividend(ABC, Decimal("-0.24")))
        rooms.valuation.revalue()
        assert rooms.account.cash_micros == cash


def test_both_are_in_the_audit_trail_with_who_asked_and_the_position_is_in_the_history(
    tmp_path: Path,
) -> None:
    with composed(tmp_path) as rooms:
        hold(rooms)
        handle(rooms, BookSplit(ABC, 4, 1, 2_500, origin="line"), BookDividend(ABC, Decimal("0.24")))
        (split,) = booked(rooms, PositionSplit)
        assert isinstance(split, PositionSplit)
        assert (split.numerator, split.denominator, split.cash_price, split.origin) == (4, 1, 2_500, "line")
        assert len(booked(rooms, DividendBooked)) == 1
        database = rooms.folders.data / "sim.sqlite3"
        journal = rooms.journal
        follower = Keeper(journal.disk, database, "USD", 10**9, lambda: journal.sequence, journal.sequence)
        follower.start()
        try:
            wait_until(lambda: follower.sequence == journal.sequence)
        finally:
            follower.stop()
        kinds = {row["kind"] for row in past_of(rooms.folders, "audit", symbol=ABC)}
        assert {"PositionSplit", "DividendBooked"} <= kinds
        projection = Projection(database).open()
        (row,) = projection.rows("SELECT quantity, average_cost FROM positions")
        projection.close()
        assert row == {"quantity": "400", "average_cost": "25.005"}


@given(
    sizes=st.lists(st.integers(1, 5_000), min_size=1, max_size=5),
    terms=st.lists(
        st.tuples(st.integers(1, 60), st.integers(1, 60), st.none() | st.integers(1, 50_000)), max_size=4
    ),
    cents=st.integers(-500, 500).filter(bool),
)
@settings(deadline=None, max_examples=25)
def test_no_split_loses_cost_and_every_dividend_is_exact(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int],
    terms: list[tuple[int, int, int | None]],
    cents: int,
) -> None:
    with composed(tmp_path_factory.mktemp("account")) as rooms:
        for index, size in enumerate(sizes):
            quoted(rooms, ABC, 10_000 + 7 * index)
            handle(rooms, buying(rooms, size % 400 + 1))
        position = rooms.ledger.positions[ABC]
        for new, old, cash_price in terms:
            if new == old or not position.quantity:
                continue
            exact, cost, realised = Fraction(position.quantity * new, old), position.cost, position.realised
            handle(rooms, BookSplit(ABC, new, old, cash_price))
            rest = exact - position.quantity
            assert 0 <= rest < 1
            paid_out = cost - position.cost
            gain = position.realised - realised
            assert (rest > 0) or (paid_out == gain == 0)
            if cash_price is None:
                assert gain == 0
            else:
                assert abs(paid_out + gain - rest * cash_price * COST_SCALE) < 1
            assert sum(lot.quantity for lot in rooms.ledger.holdings()[0].lots.open) == position.quantity
        if position.quantity:
            before = position.dividends_micros
            handle(rooms, BookDividend(ABC, Decimal(cents) / 100))
            assert position.dividends_micros - before == position.quantity * cents * 10_000
        assert copy_of(rooms) == rooms.replica.digest()
