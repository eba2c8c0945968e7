"""What being measured costs: quotes and orders with everything counted, sampled and scraped, and without."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from engine.clock import SimulatedClock, SystemClock
from engine.frames.frame_builder import FrameBuilder
from engine.observe.latency import Latency
from engine.observe.metrics import Sample, text_of
from engine.observe.order_counts import OrderCounts
from engine.observe.storage import Storage
from engine.readings.machine_rows import MachineRows
from engine.readings.sample_maker import SampleMaker
from engine.readings.samples import METRICS
from engine.readings.vitals import Vitals
from engine.rooms import Rooms
from tests.benchmarks.bench_route import START_NS, as_on_a_desk, one_order
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.feed_server import SYMBOLS, payloads
from tests.benchmarks.options import Options, in_turn
from tests.benchmarks.quote_feed import QuoteFeed
from tests.benchmarks.row import Row, limited

_QUOTES = 50_000
"""A second's quotes, as many as the desk is made for."""
_A_FRAME = 20
_ORDERS, _QUICK_ORDERS = 2_000, 50
_ROUNDS = 11
_WARM = 60
"""Looks before the one that is measured, as of a program in its second minute: the interpreter has learnt their way by then."""
SCRAPE_S = 5
"""How often `docs/prometheus/prometheus.yml` has a page fetched."""
_GOAL = "<= 1.05"


def rows(options: Options) -> list[Row]:
    """Return the rows of a second of quotes and of an order, measured against not, and of one look and scrape."""
    quotes = _QUOTES // 25 if options.quick else _QUOTES
    orders = _QUICK_ORDERS if options.quick else _ORDERS
    rounds = options.rounds(_ROUNDS)
    fed_ms, look_ms, page_ms = map(min, zip(*(_a_second(quotes) for _ in range(rounds)), strict=True))
    cost_ms = look_ms + page_ms / SCRAPE_S
    sent = in_turn(rounds, lambda: _orders(orders, counts=True), lambda: _orders(orders, counts=False))
    return [
        _row("a second of 50,000 quotes, sampled and scraped", fed_ms + cost_ms, "ms", 1 + cost_ms / fed_ms),
        _row("order to fill, counted and timed", sent.ours, "us", sent.ratio),
        limited("one look at every metric, and its page", look_ms + page_ms, "ms", 10),
    ]


def _row(name: str, value: float, unit: str, ratio: float) -> Row:
    return Row(name=name, value=value, unit=unit, against="the same, not measured", ratio=ratio, goal=_GOAL)


def _a_second(count: int) -> tuple[float, float, float]:
    """Return the milliseconds of processor time of a second's quotes, from the bytes of their frames, of a look, and of a page."""
    clock = SystemClock()
    with composed(clock, SYMBOLS) as rooms:
        look = _looking(rooms)
        for _ in range(_WARM):
            text_of(look)
        instruments = {symbol: state.instrument for symbol, state in rooms.market.states.items()}
        take, frames = (
            QuoteFeed(instruments, rooms.market.on_quote, clock).take,
            payloads("json", _A_FRAME, count),
        )
        with as_on_a_desk():
            start_ns = time.thread_time_ns()
            for frame in frames:
                take(frame)
            fed_ns = time.thread_time_ns()
            samples = look()
            looked_ns = time.thread_time_ns()
            text_of(lambda: samples)
            told_ns = time.thread_time_ns()
        return (fed_ns - start_ns) / 1e6, (looked_ns - fed_ns) / 1e6, (told_ns - looked_ns) / 1e6


def _orders(count: int, *, counts: bool) -> float:
    """Return the microseconds of processor time of an order, the median, with who counts and times it or without."""
    clock = SimulatedClock(START_NS)
    with composed(clock, ["ACME"]) as rooms:
        counted = OrderCounts(rooms.bus) if counts else None
        with as_on_a_desk():
            spent_ns = median(one_order(rooms, clock, number) for number in range(1, count + 1))
            noted_ns = _timed(rooms.latencies.key_to_wire, count) / count
            spent_ns += noted_ns if counts else -noted_ns  # the answer's is noted either way
        assert counted is None or counted.fills == count
        return spent_ns / 1_000


def _timed(latency: Latency, count: int) -> int:
    """Return what it costs to note how long so many orders took to the wire."""
    start_ns = time.thread_time_ns()
    for number in range(count):
        latency.record(number * 1_000)
    return time.thread_time_ns() - start_ns


def _looking(rooms: Rooms) -> Callable[[], tuple[Sample, ...]]:
    """Return what is done once a second: the rows of the health board, then every sample."""
    counts = OrderCounts(rooms.bus)
    Vitals(rooms, FrameBuilder(rooms), counts).register()
    machine = MachineRows(rooms)
    machine.register()
    maker = SampleMaker(rooms, counts, machine.pauses, Storage({}, rooms.folders.data), METRICS)

    def look() -> tuple[Sample, ...]:
        rooms.health.sample()
        return maker.make()

    return look
