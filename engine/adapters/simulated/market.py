"""The simulated market as a source of market data whose time can be held and moved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random

from engine.adapters.simulated.agenda import Agenda
from engine.adapters.simulated.history import History
from engine.adapters.simulated.listed_market import ListedMarket
from engine.adapters.simulated.pacing import FOREVER_NS, HELD, Pacing
from engine.adapters.simulated.phases import NEW_YORK
from engine.adapters.simulated.tape import SOURCE
from engine.adapters.simulated.universe import UNIVERSE, Listing
from engine.adapters.simulated.value import FairValue, MarketFactor
from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.errors import InvalidValue
from engine.model.depth import SequenceRule
from engine.model.instrument import AssetClass, Symbol
from engine.ports.market_data import MarketSink

START_NS = 1_767_724_200_000_000_000
"""Tuesday 6 January 2026, 13:30 in New York: four hours into the trading day."""
EVENTS_PER_S = 4_000.0
"""Orders of all kinds in a second, over all symbols, around the usual start; about half change a touch."""
_START_PACE = 0.8
"""How busy that time is, compared with the mean of the day."""
HISTORY_MINUTES = 240
_SLICE_NS = 1 * NS_PER_MS
_REST_S = 0.008
_SATURDAY = 5
_CHECK_EVERY = 8
"""Events between two looks at the steady clock."""


_DAY_NS = 86_400 * NS_PER_S


def start_after(last_ns: int, of_day: time | None = None) -> int:
    """Return when to begin so that time goes on after `last_ns`: the usual time of the next weekday.

    With `of_day` it is that time of day in New York.
    """
    if of_day is not None:
        return _next_weekday_at(of_day, last_ns)
    start_ns = START_NS
    if last_ns >= start_ns:
        start_ns += ((last_ns - start_ns) // _DAY_NS + 1) * _DAY_NS
    while datetime.fromtimestamp(start_ns // NS_PER_S, UTC).weekday() >= _SATURDAY:
        start_ns += _DAY_NS
    return start_ns


def _next_weekday_at(of_day: time, last_ns: int) -> int:
    day = datetime.fromtimestamp(max(START_NS, last_ns) // NS_PER_S, NEW_YORK).date()
    while True:
        start_ns = int(datetime.combine(day, of_day, NEW_YORK).timestamp()) * NS_PER_S
        if start_ns > last_ns and day.weekday() < _SATURDAY:
            return start_ns
        day += timedelta(days=1)


class SimulatedMarket:
    """Thirty-two markets made of orders; the same seed gives the same events at any speed."""

    name = SOURCE

    def __init__(
        self,
        clock: SimulatedClock,
        *,
        seed: int = 1,
        speed: float = 1.0,
        events_per_s: float | None = None,
        start_ns: int = START_NS,
        symbols: Sequence[str] | None = None,
        history_minutes: int = HISTORY_MINUTES,
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._start_ns = start_ns
        self._events_per_s = EVENTS_PER_S if events_per_s is None else events_per_s
        if not 0 < self._events_per_s < float("inf"):
            raise InvalidValue(f"events_per_s: expected more than 0, found {events_per_s}")
        self._listings = _choose(symbols)
        self._history_minutes = history_minutes
        self._pacing = Pacing(start_ns, speed)
        self._agenda: Agenda | None = None
        self._wake = asyncio.Event()
        """Set when it may be held no longer."""

    @property
    def events(self) -> int:
        """How many orders have reached the exchange."""
        return self._agenda.orders if self._agenda is not None else 0

    async def run(self, sink: MarketSink) -> None:
        """List everything, tell the past, then trade until cancelled."""
        self._clock.advance_to(self._start_ns)
        factors = {kind: MarketFactor(self._random(kind)) for kind in AssetClass}
        markets: list[ListedMarket] = []
        await self._in_slices(self._open(sink, factors, markets))
        agenda = self._agenda = Agenda(markets, factors, self._clock, self._random("news"))
        while True:
            self._wake.clear()
            rest_s = self._deliver(agenda)
            await (self._wake.wait() if rest_s is None else asyncio.sleep(rest_s))

    @property
    def paused(self) -> bool:
        """Whether it is held."""
        return self._pacing.paused

    @property
    def speed(self) -> float:
        """How many seconds of market time pass in one second; 0 means as fast as it can."""
        return self._pacing.speed

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """None: a simulation has no end."""
        return None

    @property
    def files(self) -> tuple[str, ...]:
        """None: it is made as it goes."""
        return ()

    @property
    def end_known(self) -> bool:
        """Never."""
        return False

    @property
    def target_ns(self) -> int:
        """Where it is, or where it is on its way to."""
        return self._pacing.goal_after(self._clock.now_ns())

    @property
    def finished(self) -> bool:
        """Never."""
        return False

    def pause(self) -> None:
        """Hold."""
        self._pacing.pause()

    def resume(self) -> None:
        """Go on."""
        self._pacing.resume()
        self._wake.set()

    def step(self) -> None:
        """Deliver one event, then hold."""
        self._pacing.step()
        self._wake.set()

    def jump(self, to_ns: int) -> None:
        """Go forward to another time, through everything on the way.

        Raises:
            InvalidValue: the time has passed.
        """
        self._pacing.hurry_to(to_ns, self._clock.now_ns())
        self._wake.set()

    def set_speed(self, speed: float) -> None:
        """Change the pace; 0 is as fast as it can.

        Raises:
            InvalidValue: it is negative or not finite.
        """
        self._pacing.set_speed(speed)

    def _open(
        self, sink: MarketSink, factors: Mapping[AssetClass, MarketFactor], markets: list[ListedMarket]
    ) -> Iterator[None]:
        """List each instrument with its past and its first book, a piece at a time."""
        minutes = range(self._history_minutes)
        shocks = {kind: [factor.advance(60.0) for _ in minutes] for kind, factor in factors.items()}
        yield
        activity = sum(listing.activity for listing in self._listings)
        for listing in self._listings:
            instrument = listing.instrument
            sink.on_listed(instrument, SequenceRule.CONTIGUOUS)
            random = self._random(instrument.symbol)
            value = FairValue(listing, float(instrument.price_units(listing.prior_close)), random)
            rate = self._events_per_s / _START_PACE * listing.activity / activity
            market = ListedMarket(listing, value, rate, sink, random)
            yield
            history = History(listing, value, rate, market.size_mean, random)
            sink.on_bar(history.prior_day(self._start_ns))
            for bar in history.minutes(self._start_ns, shocks[instrument.asset_class]):
                sink.on_bar(bar)
                yield
            market.start(self._start_ns)
            markets.append(market)
            yield

    def _random(self, purpose: str) -> Random:
        """Return a stream of its own, so that nothing depends on what else is listed."""
        return Random(f"{self._seed} {purpose}")  # noqa: S311 - a simulation, not a secret

    async def _in_slices(self, work: Iterator[None]) -> None:
        began_ns = self._clock.monotonic_ns()
        for _ in work:
            if self._clock.monotonic_ns() - began_ns > _SLICE_NS // 2:
                await asyncio.sleep(0)
                began_ns = self._clock.monotonic_ns()

    def _deliver(self, agenda: Agenda) -> float | None:
        """Deliver what is due, at most a slice's worth; return how long to rest, in seconds, None while it is held."""
        clock, pacing = self._clock, self._pacing
        began_ns = clock.monotonic_ns()
        limit_ns = pacing.limit_ns(clock.now_ns(), began_ns)
        if limit_ns == HELD:
            return None
        if pacing.stepping:
            self._deliver_step(agenda, began_ns)
            return 0.0
        while not agenda.run(limit_ns, _CHECK_EVERY):
            if clock.monotonic_ns() - began_ns > _SLICE_NS:
                return 0.0
        clock.advance_to(limit_ns)
        return _REST_S

    def _deliver_step(self, agenda: Agenda, began_ns: int) -> None:
        """Deliver up to and with the next order, or go on looking for it in the next slice."""
        goal = agenda.orders + 1
        while agenda.orders < goal:
            agenda.run(FOREVER_NS, 1)
            if self._clock.monotonic_ns() - began_ns > _SLICE_NS:
                break
        if agenda.orders == goal:
            self._pacing.take_step()


def _choose(symbols: Sequence[str] | None) -> tuple[Listing, ...]:
    if symbols is None:
        return UNIVERSE
    known = {listing.instrument.symbol: listing for listing in UNIVERSE}
    unknown = [symbol for symbol in symbols if symbol not in known]
    if unknown:
        raise InvalidValue(f"symbols: not listed by the simulated exchange: {', '.join(unknown)}")
    return tuple(known[Symbol(symbol)] for symbol in symbols)
