"""An account comes back as its journal tells it, after a clean end and after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.account.recovery import read_back
from engine.duties.leaving import Leaving
from engine.errors import EngineError
from engine.handlers import Handlers
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.events import SessionBegan, SessionEnded
from engine.model.order import OrderStatus
from engine.replica import standalone
from engine.rooms import Rooms
from tests.engine_rooms import ABC, XYZ, buying, composed, passes
from tests.journals import records_of


def journal_of(root: Path) -> Path:
    (path,) = (path for path in (root / "data" / "journal").iterdir() if path.is_dir())
    return path


def trade(rooms: Rooms) -> str:
    """Hold 100 ABC, leave an order for 10 working, halt a symbol and a strategy; return the order's id."""
    handlers, resting = Handlers(rooms, Leaving(rooms)), buying(rooms, 10, 9_950)
    handlers.handle(buying(rooms, 100))
    handlers.handle(resting)
    passes(rooms, 0.1)
    handlers.handle(SetTradingState(TradingState.HALTED, "news", symbol=XYZ))
    handlers.handle(SetTradingState(TradingState.REDUCING, "drift", strategy="mean"))
    return resting.request.client_id


def copy_of(rooms: Rooms) -> str:
    """Return the digest of a copy that knows nothing but the journal."""
    copy = standalone(rooms.account.base_currency)
    read_back(copy, rooms.journal.disk)
    return copy.digest()


def test_orders_fills_positions_and_halts_come_back_after_a_crash(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        resting = trade(rooms)
        assert copy_of(rooms) == rooms.replica.digest()
        first_ids = set(rooms.orders.orders)
        highest = max(order.request.number for order in rooms.orders.orders.values())
    with composed(tmp_path) as rooms:
        assert rooms.recovered.cut_short
        assert (rooms.recovered.working, rooms.recovered.unanswered) == (1, 0)
        assert set(rooms.orders.orders) == first_ids
        assert rooms.orders.orders[resting].status is OrderStatus.WORKING
        assert rooms.ledger.positions[ABC].quantity == 100
        assert rooms.halts.said_symbols[XYZ].reason == "news"
        assert rooms.halts.strategies["mean"].state is TradingState.REDUCING
        assert rooms.ids.next()[1] > highest
        assert copy_of(rooms) == rooms.replica.digest()


def test_the_market_that_an_order_was_sent_into_comes_back_with_it(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        resting = trade(rooms)
        state = rooms.market.states[ABC]
        order = rooms.orders.orders[resting]
        assert (order.sent_bid, order.sent_ask) == (state.bid, state.ask)
        assert state.has_quote
    with composed(tmp_path) as rooms:
        order = rooms.orders.orders[resting]
        assert (order.sent_bid, order.sent_ask) == (state.bid, state.ask)


def test_a_halt_of_everything_outlives_the_program(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        Handlers(rooms, Leaving(rooms)).handle(SetTradingState(TradingState.HALTED, "fire"))
    with composed(tmp_path) as rooms:
        assert (rooms.halts.said.state, rooms.halts.said.reason) == (TradingState.HALTED, "fire")


def test_a_flatten_that_was_not_over_is_named_and_not_gone_on_with(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        rooms.orders.submit(buying(rooms, 100).request)
        resting = buying(rooms, 10, 9_950).request
        rooms.orders.submit(resting)
        passes(rooms, 0.1)
        rooms.orders.flatten(ABC)
        assert rooms.orders.flattening == (ABC,)
    with composed(tmp_path) as rooms:
        assert rooms.recovered.flattens == (ABC,)
        assert rooms.orders.flattening == ()
        rooms.orders.begin(had_history=True)
        rooms.orders.cancel(resting.client_id)
        passes(rooms, 60)
        assert rooms.ledger.positions[ABC].quantity == 100
        assert copy_of(rooms) == rooms.replica.digest()
    with composed(tmp_path) as rooms:
        assert rooms.recovered.flattens == ()


def test_the_first_start_on_a_restored_journal_says_so(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        trade(rooms)
        last = rooms.journal.sequence
    marker = journal_of(tmp_path) / "restored.json"
    marker.write_text(f'{{"restored_at": "2024-08-08T12:00:00Z", "last_sequence": {last}, "tip": 1}}')
    marker.chmod(0o600)
    for told in ("2024-08-08T12:00:00Z", ""):
        with composed(tmp_path) as rooms:
            assert rooms.recovered.restored == told


def test_a_way_out_passes_on_a_full_disk_while_its_record_fits(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        rooms.orders.submit(buying(rooms, 100).request)
        passes(rooms, 0.1)
        rooms.journal._spare.refusal = "no room for another 4 MiB: new orders are denied"
        rooms.journal._spare._retry_ns = 1 << 62
        assert not rooms.orders.submit(buying(rooms, 100).request)
        rooms.orders.flatten()
        passes(rooms, 1)
        assert rooms.ledger.positions[ABC].quantity == 0


def test_an_order_that_worked_can_be_taken_back_after_the_restart(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        sent = replace(buying(rooms, 10, 9_950).request, created_ns=rooms.clock.now_ns())
        rooms.orders.submit(sent)
        passes(rooms, 0.1)
    with composed(tmp_path) as rooms:
        passes(rooms, 0.1)
        resting = sent.client_id
        assert rooms.orders.orders[resting].status is OrderStatus.WORKING
        assert rooms.orders.cancel(resting)
        passes(rooms, 0.1)
        assert rooms.orders.orders[resting].status is OrderStatus.CANCELED


def test_an_order_that_was_underway_is_unknown_until_the_broker_is_asked(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        sent = buying(rooms, 10, 9_950).request
        rooms.orders.submit(sent)
        assert rooms.orders.orders[sent.client_id].status is OrderStatus.PENDING_NEW
    with composed(tmp_path, steady_is_own=True) as rooms:
        assert rooms.recovered.unanswered == 1
        assert rooms.orders.orders[sent.client_id].status is OrderStatus.UNKNOWN
        rooms.orders.begin(had_history=True)
        passes(rooms, 60)
        resolved = rooms.orders.orders[sent.client_id]
        assert resolved.status not in {OrderStatus.UNKNOWN, OrderStatus.PENDING_NEW}
        assert copy_of(rooms) == rooms.replica.digest()


def test_a_day_order_of_yesterday_expires_at_the_start_and_a_position_stays(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        resting = trade(rooms)
    with composed(tmp_path, later_s=86_400) as rooms:
        passes(rooms, 0.1)
        order = rooms.orders.orders[resting]
        assert (order.status, order.reason) == (OrderStatus.EXPIRED, "its day ended between two runs")
        assert rooms.ledger.positions[ABC].quantity == 100


def test_a_session_that_ends_on_purpose_is_not_cut_short(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        Leaving(rooms).finish()
    with composed(tmp_path) as rooms:
        assert not rooms.recovered.cut_short
    kinds = [type(record) for record in records_of(journal_of(tmp_path))]
    assert [kind for kind in kinds if kind in {SessionBegan, SessionEnded}] == [
        SessionBegan,
        SessionEnded,
        SessionBegan,
    ]


def test_order_numbers_go_on_though_every_order_is_out_of_sight(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        rooms.orders.submit(buying(rooms, 100).request)
        passes(rooms, 0.1)
        highest = rooms.ids.next()[1] - 1
    for day in (5, 10, 15):
        with composed(tmp_path, later_s=day * 86_400) as rooms:
            number = rooms.ids.next()[1]
    assert not rooms.orders.orders
    assert number > highest


def test_a_torn_end_is_cut_and_told(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        trade(rooms)
        size = rooms.journal.size_bytes
    segment = journal_of(tmp_path) / "00000001.tlj"
    data = bytearray(segment.read_bytes())
    data[size : size + 40] = b"\x01" * 40
    segment.write_bytes(data)
    with composed(tmp_path) as rooms:
        assert rooms.recovered.torn_bytes
        assert rooms.ledger.positions[ABC].quantity == 100


def test_a_damaged_middle_stops_the_start_and_says_what_to_do(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        trade(rooms)
    with composed(tmp_path) as rooms:
        trade(rooms)
    segment = journal_of(tmp_path) / "00000001.tlj"
    data = bytearray(segment.read_bytes())
    data[200] ^= 0xFF
    segment.write_bytes(data)
    with pytest.raises(EngineError, match=r"damaged at byte .*touchline restore"), composed(tmp_path):
        pass
    assert segment.read_bytes() == data
