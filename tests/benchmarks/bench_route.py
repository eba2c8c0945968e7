"""An order through the rooms as the program composes them: gate, journal, paper broker, fill, positions."""

from __future__ import annotations

import gc
import time
from statistics import median

from engine.clock import SimulatedClock, SystemClock
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType
from engine.model.quote import Quote
from engine.model.trade import Side
from engine.observe.event_notes import EventNotes
from engine.observe.logs import EventLog
from engine.observe.traces import Traces
from engine.readings.observation import story_of
from engine.rooms import Rooms
from engine.settings.traces import TracesSettings
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited

START_NS = 1_767_724_200_000_000_000
_SYMBOL = Symbol("ACME")
_TRACES = TracesSettings(endpoint="http://127.0.0.1:4318")
"""Nothing is sent there: what is measured is what the engine's thread does."""
_ORDERS, _QUICK_ORDERS = 2_000, 50
_ROUNDS = 7
_FLUSHED = 50
"""Orders from one writing of the log to the next: the engine writes once a second."""
_STEP_NS = 1_000_000_000
"""Market time between two orders, so that the order rate limit is not what is measured."""
_SHOWN = 1_000_000
"""Shares at the touch: more than all orders take."""
_RISE = 2
"""Ticks that the market is higher when it is sold, so that fees don't add up to a loss that halts trading."""


def rows(options: Options) -> list[Row]:
    """Return the row of an order from submit to its fill in the positions."""
    count = _QUICK_ORDERS if options.quick else _ORDERS
    rounds = [
        (measure(count), measure(count, logged=True), measure(count, traced=True))
        for _ in range(options.rounds(_ROUNDS))
    ]
    best, logged, traced = (min(each) for each in zip(*rounds, strict=True))
    ratio = median(with_log / without for without, with_log, _ in rounds)
    traced_ratio = median(with_traces / without for without, _, with_traces in rounds)
    return [
        limited("order to fill, gate and journal", best, "us", 10),
        Row(
            name="order to fill, logged",
            value=logged,
            unit="us",
            against="the same without the log, round by round",
            ratio=ratio,
            goal="<= 1.05",
        ),
        Row(
            name="order to fill, traced",
            value=traced,
            unit="us",
            against="the same without traces, round by round",
            ratio=traced_ratio,
            goal="<= 1.05",
        ),
    ]


def measure(count: int, *, logged: bool = False, traced: bool = False) -> float:
    """Return the microseconds of processor time an order costs, its quote's arrival not counted."""
    clock = SimulatedClock(START_NS)
    with composed(clock, [_SYMBOL], traces=_TRACES if traced else None) as rooms:
        traces = rooms.traces
        log = EventLog(rooms.folders.logs, SystemClock().now_ns)
        if logged:
            EventNotes(rooms.bus, log, story_of(rooms))
        if traces is not None:
            traces.follow(rooms.bus)
        gc.collect()
        gc.freeze()
        log.open()
        spent_ns = made = 0
        try:
            for number in range(1, count + 1):
                spent_ns += one_order(rooms, clock, number)
                if number % _FLUSHED == 0:
                    log.flush()
                    if traces is not None:
                        made += _made(traces)
        finally:
            gc.unfreeze()
        assert all(order.status is OrderStatus.FILLED for order in rooms.orders.orders.values())
        assert len(rooms.orders.orders) == count
        assert bool(log.written) is logged
        assert bool(made) is traced
        return spent_ns / count / 1_000


def _made(traces: Traces) -> int:
    """Make the spans that the exporter's thread would make, and return how many there are."""
    traces.export.prepare()
    return len(traces.tracer.take(100_000))


def one_order(rooms: Rooms, clock: SimulatedClock, number: int) -> int:
    """Give the market a fresh quote, then time one order until the positions have it."""
    now_ns = START_NS + number * _STEP_NS
    clock.advance_to(now_ns)
    bid = 10_000 if number % 2 else 10_000 + _RISE
    rooms.market.on_quote(Quote(_SYMBOL, "hand", bid, bid + 1, _SHOWN, _SHOWN, now_ns, now_ns, number))
    request = _request(rooms, number, now_ns)
    start_ns = time.thread_time_ns()
    rooms.orders.submit(request)
    clock.advance_to(now_ns)
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
