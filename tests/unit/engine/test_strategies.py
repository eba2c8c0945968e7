"""A strategy can be held back by itself: its orders and no others, and a restart knows it."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from engine.duties.leaving import Leaving
from engine.execution.legs import Bracket, leg_request
from engine.handlers import Handlers
from engine.messages.commands import CancelAll, SetTradingState, SubmitOrder, TradingState
from engine.model.order import ExitPlan, Leg, Order, OrderRequest, OrderStatus
from engine.rooms import Rooms
from tests.engine_rooms import buying, composed, passes


def sent(rooms: Rooms, strategy: str, limit: int = 9_900) -> Order:
    """Send an order of a strategy; return what became of it."""
    return became(rooms, replace(buying(rooms, 10, limit).request, strategy=strategy))


def became(rooms: Rooms, request: OrderRequest) -> Order:
    Handlers(rooms, Leaving(rooms)).handle(SubmitOrder(request))
    passes(rooms, 0.1)
    return rooms.orders.orders[request.client_id]


def put(rooms: Rooms, state: TradingState, strategy: str) -> None:
    Handlers(rooms, Leaving(rooms)).handle(SetTradingState(state, "drift", strategy=strategy))


def test_the_orders_of_a_halted_strategy_are_denied_and_others_pass(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        put(rooms, TradingState.HALTED, "meanrev")
        denied = sent(rooms, "meanrev")
        assert denied.status is OrderStatus.DENIED
        assert denied.reason == "trading of strategy meanrev is halted: drift"
        assert sent(rooms, "trend").status is OrderStatus.WORKING
        assert sent(rooms, "", 9_890).status is OrderStatus.WORKING


def test_a_restart_still_denies_them_until_the_strategy_is_resumed(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        put(rooms, TradingState.HALTED, "meanrev")
    with composed(tmp_path) as rooms:
        assert sent(rooms, "meanrev").status is OrderStatus.DENIED
        assert sent(rooms, "trend").status is OrderStatus.WORKING
        put(rooms, TradingState.ACTIVE, "meanrev")
        assert sent(rooms, "meanrev", 9_890).status is OrderStatus.WORKING


def test_a_strategy_that_reduces_may_not_open(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        put(rooms, TradingState.REDUCING, "meanrev")
        denied = sent(rooms, "meanrev")
        assert denied.status is OrderStatus.DENIED
        assert denied.reason == "only orders of strategy meanrev that reduce are allowed: drift"


def test_cancelling_a_strategy_takes_back_its_orders_and_no_others(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        meant, kept = sent(rooms, "meanrev"), sent(rooms, "trend", 9_890)
        Handlers(rooms, Leaving(rooms)).handle(CancelAll(strategy="meanrev"))
        passes(rooms, 0.1)
        assert (meant.status, kept.status) == (OrderStatus.CANCELED, OrderStatus.WORKING)


def test_legs_belong_to_the_strategy_of_their_entry(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        request = replace(buying(rooms, 10, 9_900).request, strategy="meanrev", plan=ExitPlan(stop=9_500))
        entry = became(rooms, request)
        leg = leg_request(Bracket(entry), Leg.STOP, 10, 1, number=9, now_ns=0)
        assert (leg.strategy, leg.stop) == ("meanrev", 9_500)
