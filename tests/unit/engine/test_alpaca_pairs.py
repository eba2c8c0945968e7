"""A stop and a target that Alpaca holds as one: whose the stop is, whatever is lost, late, or done elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from engine.adapter_contract.pair_contract import STOP, TARGET, pair
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.lives import Lives
from engine.adapters.alpaca.messages import OrderText
from engine.messages.reports import (
    CancelRejectReport,
    CancelReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    ReplaceReport,
    StatusReport,
)
from engine.messages.stock import BrokerOrder
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.alpaca_bench import AlpacaBench
from tests.unit.engine.test_alpaca_outcomes import fault, posts
from tests.venues.alpaca.venue import AlpacaVenue

S = OrderStatus
OCO: dict[str, Any] = {
    "symbol": "AAPL",
    "qty": "10",
    "side": "sell",
    "type": "limit",
    "time_in_force": "gtc",
    "order_class": "oco",
    "take_profit": {"limit_price": "120"},
    "stop_loss": {"stop_price": "90"},
}


@pytest.fixture
def bench() -> Iterator[AlpacaBench]:
    with AlpacaVenue() as venue:
        bench = AlpacaBench(venue).begin()
        bench.quote(99, 101)
        bench.send(Side.BUY, 10)
        bench.reports.clear()
        yield bench
        bench.close()


def send_pair(bench: AlpacaBench) -> AlpacaBroker:
    """Send a pair, and wait for all that follows at once."""
    bench.alpaca.submit_pair(*pair(bench))
    bench.settle()
    return bench.alpaca


def send_unheard(bench: AlpacaBench) -> AlpacaBroker:
    """Send a pair of which no update comes."""
    bench.venue.floor.faults.lose_updates = 3
    bench.alpaca.submit_pair(*pair(bench))
    bench.answered_requests()
    bench.venue.floor.faults.lose_updates = 0
    bench.meet()
    return bench.alpaca


def told(bench: AlpacaBench) -> dict[str, BrokerOrder]:
    """Return what the stock says of exits."""
    bench.broker.take_stock(0, 1)
    bench.settle()
    return {each.client_id: each for each in bench.stock().orders if each.side is Side.SELL}


def asked(bench: AlpacaBench, client_id: str) -> BrokerOrder:
    bench.broker.inquire(client_id, 1)
    bench.settle()
    return bench.of(StatusReport)[-1].order


def held_there(bench: AlpacaBench) -> Decimal:
    floor = bench.venue.floor
    asset = floor.listing.assets["AAPL"]
    return bench.venue.do(lambda: floor.account.reserved(asset, "sell", floor.exchange.open))


@pytest.mark.parametrize("done", [True, False])
def test_a_pair_whose_answer_is_lost_is_unknown_twice_and_each_is_found_by_its_id(
    bench: AlpacaBench, done: bool
) -> None:
    fault(bench, "error", "POST", done=done)
    broker = send_unheard(bench)
    assert {each.client_id for each in bench.of(LostReport)} == {STOP, TARGET}
    assert posts(bench) == 2  # what was bought, and the pair
    for number, client_id in enumerate((STOP, TARGET), 1):
        broker.inquire(client_id, number)
        bench.settle()
    if done:
        assert [each.order.client_id for each in bench.of(StatusReport)] == [STOP, TARGET]
        assert {each.order.status for each in bench.of(StatusReport)} == {S.WORKING}
        assert held_there(bench) == 10
    else:
        assert [each.client_id for each in bench.of(NotFoundReport)] == [STOP, TARGET]


def test_a_stop_whose_answer_is_lost_can_be_taken_back_at_once(bench: AlpacaBench) -> None:
    fault(bench, "error", "POST", done=True)
    broker = send_unheard(bench)
    broker.cancel(STOP)
    bench.settle()
    assert held_there(bench) == 0
    assert bench.of(CancelRejectReport) == []
    assert {each.client_id for each in bench.of(CancelReport)} == {STOP, TARGET}


def test_a_pair_that_is_not_sent_is_said_of_both(bench: AlpacaBench) -> None:
    bench.requests.submit_circuit.leave_alone(60.0, "trouble")
    send_pair(bench)
    assert {each.client_id for each in bench.of(RejectReport)} == {STOP, TARGET}
    assert all("not sent" in each.reason for each in bench.of(RejectReport))


def test_a_desk_that_comes_after_knows_the_pair(bench: AlpacaBench) -> None:
    send_pair(bench)
    with closing(AlpacaBench(bench.venue).begin()) as later:
        assert asked(later, STOP).stop == 90
        assert {name: (each.status, each.group) for name, each in told(later).items()} == {
            STOP: (S.WORKING, TARGET),
            TARGET: (S.WORKING, TARGET),
        }
        later.broker.cancel(STOP)
        later.settle()
        assert {each.client_id for each in later.of(CancelReport)} == {STOP, TARGET}


def test_a_target_that_fills_in_part_leaves_the_stop_smaller(bench: AlpacaBench) -> None:
    send_pair(bench)
    bench.quote(120, 122, bid_size=4)
    bench.venue.do(lambda: bench.venue.floor.quote("AAPL", "100", "130"))
    orders = told(bench)
    assert (orders[TARGET].quantity, orders[TARGET].filled) == (10, 4)
    assert (orders[STOP].quantity, orders[STOP].filled) == (6, 0)
    assert held_there(bench) == 6


def test_a_stop_that_gets_a_new_price_stays_the_targets_partner(bench: AlpacaBench) -> None:
    broker = send_pair(bench)
    broker.amend(STOP, 10, None, 95)
    bench.settle()
    assert (bench.of(ReplaceReport)[-1].client_id, bench.of(ReplaceReport)[-1].stop) == (STOP, 95)
    with closing(AlpacaBench(bench.venue).begin()) as later:
        assert told(later)[STOP].stop == 95
    bench.quote(94, 96)
    assert asked(bench, STOP).status is S.FILLED
    assert asked(bench, TARGET).status is S.CANCELED


def test_new_prices_from_elsewhere_leave_both_what_they_are(bench: AlpacaBench) -> None:
    send_pair(bench)
    exchange = bench.venue.floor.exchange
    target, stop = bench.venue.do(lambda: [each.id for each in exchange.open])
    bench.venue.do(lambda: exchange.replace(target, {"limit_price": "125"}))
    bench.settle()
    bench.venue.do(lambda: exchange.replace(stop, {"stop_price": "91"}))
    bench.settle()
    with closing(AlpacaBench(bench.venue).begin()) as later:
        orders = told(later)
        assert (orders[STOP].stop, orders[TARGET].limit, len(orders)) == (91, 125, 2)
        assert asked(later, STOP).stop == 91


def test_a_pair_from_elsewhere_is_told_with_what_it_has_in_common(bench: AlpacaBench) -> None:
    bench.venue.do(lambda: bench.venue.floor.exchange.submit(OCO))
    bench.settle()
    orders = told(bench)
    assert len(orders) == 2
    (group,) = {each.group for each in orders.values()}
    assert group in orders


def test_coins_have_no_pairs(bench: AlpacaBench) -> None:
    assert bench.alpaca.holds_as_one(Symbol("AAPL"))
    assert not bench.alpaca.holds_as_one(Symbol("BTC/USD"))


LEG = OrderText(id="v2", status="new", client_order_id="7a3c", order_class="oco", qty=Decimal(10))
WHOLE = OrderText(id="v1", status="new", client_order_id=TARGET, order_class="oco", legs=[LEG])


def test_what_was_heard_of_a_stop_before_its_target_was_is_kept_for_it() -> None:
    lives = Lives()
    stranger = lives.of(LEG)
    stranger.take(LEG)
    stranger.held.extend([object()])  # type: ignore[list-item]
    lives.of(WHOLE)
    stop = lives.named(STOP)
    assert stop is not None
    assert lives.of(LEG) is stop
    assert len(stop.held) == 1
    assert lives.named("7a3c") is None


def test_word_of_more_is_from_before_what_the_partner_traded() -> None:
    life = Lives().begin(STOP)
    smaller = OrderText(id="v2", status="new", qty=Decimal(6))
    assert not life.take(LEG)
    assert life.take(smaller)
    assert not life.take(LEG)
    assert life.order is smaller


def test_a_cancel_of_what_goes_with_its_partner_is_refused_there_and_not_here(bench: AlpacaBench) -> None:
    broker, floor = send_pair(bench), bench.venue.floor
    bench.venue.do(lambda: setattr(floor.faults, "hold_changes", True))
    for client_id in (TARGET, STOP):
        broker.cancel(client_id)
        bench.settle()
    assert bench.of(CancelReport) == []
    bench.venue.do(floor.let_go)
    bench.settle()
    assert {each.client_id for each in bench.of(CancelReport)} == {STOP, TARGET}
    assert bench.of(CancelRejectReport) == []
