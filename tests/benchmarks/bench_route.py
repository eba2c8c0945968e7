"""An order through the rooms as the program composes them: gate, journal, paper broker, fill, positions."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from engine.clock import SimulatedClock
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType
from engine.model.quote import Quote
from engine.model.trade import Side
from engine.rooms import Rooms
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.benchmarks.watched_desk import logged, plain, traced

START_NS = 1_767_724_200_000_000_000
_SYMBOL = Symbol("ACME")
_ORDERS, _QUICK_ORDERS = 2_000, 50
_ROUNDS, _TURNS = 7, 15
"""How often an order alone is measured, and how often with a log and with traces."""
_FLUSHED = 50
"""Orders from one writing of what was noted to the next: the program writes once a second."""
_STEP_NS = 1_000_000_000
"""Market time between two orders, so that the order rate limit is not what is measured."""
_SHOWN = 1_000_000
"""Shares at the touch: more than all orders take."""
_RISE = 2
"""Ticks that the market is higher when it is sold, so that fees don't add up to a loss that halts trading."""


def rows(options: Options) -> list[Row]:
    """Return the row of an order from submit to its fill in the positions, and of the same with a log and with traces.

    The order alone is the mean of a round, in simulated time. What a log and traces cost is measured turn by turn: three desks stand
    in one process, each with the machine's time as where orders go to a venue, and each order is sent at all three, one after the other, another first
    each time. A ratio is that of the medians of a round, and of all rounds the median; the desks are composed in another order each
    round, for where their memory lies shows.
    """
    count = _QUICK_ORDERS if options.quick else _ORDERS
    best = min(measure(count) for _ in range(options.rounds(_ROUNDS)))
    turns = [in_turns(count, number) for number in range(options.rounds(_TURNS))]
    return [
        limited("order to fill, gate and journal", best, "us", 10),
        _beside("logged", "the log", [(alone, with_log) for alone, with_log, _ in turns]),
        _beside("traced", "traces", [(alone, with_traces) for alone, _, with_traces in turns]),
    ]


def _beside(how: str, what: str, rounds: list[tuple[float, float]]) -> Row:
    return Row(
        name=f"order to fill, {how}",
        value=min(with_it for _, with_it in rounds),
        unit="us",
        against=f"the same without {what}, order by order",
        ratio=median(with_it / alone for alone, with_it in rounds),
        goal="<= 1.05",
    )


def measure(count: int) -> float:
    """Return the microseconds of processor time an order costs, its quote's arrival not counted."""
    clock = SimulatedClock(START_NS)
    with composed(clock, [_SYMBOL]) as rooms, as_on_a_desk():
        spent_ns = sum(one_order(rooms, clock, number) for number in range(1, count + 1))
        check_filled(rooms, count)
        return spent_ns / count / 1_000


def in_turns(count: int, first: int = 0) -> tuple[float, float, float]:
    """Return the median microseconds of an order of three desks: without log and traces, with a log, with traces."""
    kinds = (plain, logged, traced)
    with ExitStack() as stack:
        made = {
            kind: stack.enter_context(kind(_SYMBOL)) for kind in (*kinds[first % 3 :], *kinds[: first % 3])
        }
        desks = [made[kind] for kind in kinds]
        stack.enter_context(as_on_a_desk())
        spent_ns: list[list[int]] = [[] for _ in desks]
        for number in range(1, count + 1):
            for turn in range(number, number + len(desks)):
                desk, spent = desks[turn % len(desks)], spent_ns[turn % len(desks)]
                spent.append(timed(desk.rooms, number, desk.clock.begin(), desk.clock.run_due))
            if number % _FLUSHED == 0:
                for desk in desks:
                    desk.flush()
        for desk in desks:
            check_filled(desk.rooms, count)
            desk.check()
        alone, with_log, with_traces = (median(each) / 1_000 for each in spent_ns)
        return alone, with_log, with_traces


@contextmanager
def as_on_a_desk() -> Iterator[None]:
    """Let the garbage collector run as on a desk: it does not look again at what stood when the desk did."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def check_filled(rooms: Rooms, count: int) -> None:
    """Fail unless so many orders were sent and filled."""
    assert all(order.status is OrderStatus.FILLED for order in rooms.orders.orders.values())
    assert len(rooms.orders.orders) == count


def one_order(rooms: Rooms, clock: SimulatedClock, number: int) -> int:
    """Give the market a fresh quote, then time one order until the positions have it; ns of processor time."""
    now_ns = START_NS + number * _STEP_NS
    clock.advance_to(now_ns)
    return timed(rooms, number, now_ns, lambda: clock.advance_to(now_ns))


def timed(rooms: Rooms, number: int, now_ns: int, answer: Callable[[], None]) -> int:
    """Give the market a quote of now, then time one order until the broker's answers are taken; ns of processor time."""
    bid = 10_000 if number % 2 else 10_000 + _RISE
    rooms.market.on_quote(Quote(_SYMBOL, "hand", bid, bid + 1, _SHOWN, _SHOWN, now_ns, now_ns, number))
    request = _request(rooms, number, now_ns)
    start_ns = time.thread_time_ns()
    rooms.orders.submit(request)
    answer()
    return time.thread_time_ns() - start_ns


def _request(rooms: Rooms, number: int, now_ns: int) -> OrderRequest:
    return OrderRequest(
        client_id=f"bench-{number}",
        number=number,
        account=rooms.account.name,
        symbol=_SYMBOL,
        side=Side.BUY if number % 2 else Side.SELL,
        quantity=100,
        type=OrderType.MARKET,
        created_ns=now_ns,
        correlation=f"bench-{number}",
    )
