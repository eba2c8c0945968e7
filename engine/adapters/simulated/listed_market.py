"""One listed instrument with everything that makes its market: value, orders, book, tape, hours."""

from __future__ import annotations

from math import exp, sqrt
from random import Random

from engine.adapters.simulated.auction import Interest, clear
from engine.adapters.simulated.exchange import MatchingBook
from engine.adapters.simulated.flow import OrderFlow
from engine.adapters.simulated.halts import BAND, PAUSE_NS, VolatilityGuard
from engine.adapters.simulated.phases import Phase, pace, phase_at
from engine.adapters.simulated.tape import Tape
from engine.adapters.simulated.taste import Taste
from engine.adapters.simulated.universe import Listing
from engine.adapters.simulated.value import FairValue
from engine.clock import NS_PER_S
from engine.model.instrument import AssetClass
from engine.model.market_status import Session
from engine.ports.market_data import MarketSink

NEVER_NS = 2**63
_PACE_EVERY_NS = 2 * NS_PER_S
_AUCTION_ORDERS = 60
_THIN_AT_OPEN = 5.0
_THIN_FADES_S = 60.0
_REASONS = {
    Session.PRE: "before the open",
    Session.OPEN: "continuous trading",
    Session.POST: "after the close",
    Session.CLOSED: "closed",
}


class ListedMarket:
    """A market that is told the time: `tick` moves its surroundings, `flow.act` its orders."""

    def __init__(
        self, listing: Listing, value: FairValue, rate: float, sink: MarketSink, random: Random
    ) -> None:
        self.listing = listing
        self.value = value
        self.due_ns = NEVER_NS
        """When the next order comes."""
        self.book = MatchingBook()
        self.tape = Tape(listing.instrument.symbol, self.book, sink)
        self._random = random
        self._taste = Taste(listing, random)
        self.flow = OrderFlow(self.book, self.tape, self._taste, rate, random)
        self._halts = listing.instrument.asset_class is AssetClass.EQUITY
        self._guard = VolatilityGuard()
        self._phase = Phase(Session.CLOSED, 0, 0)
        self._pace = 0.0
        self._pace_due_ns = 0
        self._halted_until_ns = 0
        self._thin_since_ns = 0

    @property
    def size_mean(self) -> float:
        """The mean size of an order, in size units."""
        return sum(self._taste.sizes) / len(self._taste.sizes)

    def start(self, now_ns: int) -> None:
        """Enter the phase of this moment with an ordinary book and publish it."""
        self._phase = phase_at(self.listing.instrument.calendar, now_ns)
        session = self._phase.session
        self._thin_since_ns = self._phase.start_ns
        self._set_pace(now_ns)
        self.flow.believe(self.value.price)
        full = self.listing.resting_orders
        self.flow.fill_book(full // 3 if self._taste.wide else full)
        self.tape.status(session, _REASONS[session], now_ns)
        self.tape.snapshot(now_ns)
        self._schedule(now_ns)

    def tick(self, now_ns: int, market_shock: float, seconds: float) -> bool:
        """Move value, hours and halts; return whether the next order's time was drawn anew."""
        turned = now_ns >= self._phase.end_ns and self._turn(now_ns)
        if now_ns >= self._pace_due_ns:
            self._set_pace(now_ns)
        if not self._pace:
            return turned
        self.value.advance(market_shock, self._pace, seconds)
        if self._halted_until_ns:
            return turned or (now_ns >= self._halted_until_ns and self._reopen(now_ns))
        self.flow.believe(self.value.price)
        return turned or (self._halts and self._phase.session is Session.OPEN and self._check(now_ns))

    def hear(self, jump: float) -> None:
        """Begin to move by a fraction of the price, and everyone with it."""
        self.value.hear(jump)
        self.flow.excite(6.0)

    def _schedule(self, now_ns: int) -> None:
        stands_still = self._halted_until_ns or not self._pace
        self.due_ns = NEVER_NS if stands_still else self.flow.next_ns(now_ns)

    def _set_pace(self, now_ns: int) -> None:
        self._pace_due_ns = now_ns + _PACE_EVERY_NS
        self._pace = pace(self.listing.instrument.calendar, self._phase, now_ns)
        self.flow.activity = self._pace * (0.5 + 0.5 * self.value.nervousness)
        self._taste.widen(self._width(now_ns))

    def _width(self, now_ns: int) -> float:
        if self._phase.session is not Session.OPEN:
            return 4.0
        thin = _THIN_AT_OPEN * exp((self._thin_since_ns - now_ns) / NS_PER_S / _THIN_FADES_S)
        return max(0.8, sqrt(self.value.nervousness)) + thin

    def _turn(self, now_ns: int) -> bool:
        before = self._phase.session
        self._phase = phase_at(self.listing.instrument.calendar, now_ns)
        session = self._phase.session
        self._halted_until_ns = 0
        if session is before:
            return False
        self._set_pace(now_ns)
        self.tape.status(session, _REASONS[session], now_ns)
        if before is Session.CLOSED:
            self.value.gap()
            self._start_anew(now_ns)
        elif session is Session.OPEN:
            self._auction(now_ns, "opening")
        self._schedule(now_ns)
        return True

    def _check(self, now_ns: int) -> bool:
        bid, ask = self.book.bids.best, self.book.asks.best
        if not bid or not ask:
            return False
        move = self._guard.move((bid + ask) // 2, now_ns)
        if -BAND < move < BAND:
            return False
        self._halted_until_ns = now_ns + PAUSE_NS
        reason = f"volatility pause: moved {move:+.1%} from its five-minute mean"
        self.tape.status(Session.HALTED, reason, now_ns)
        self._schedule(now_ns)
        return True

    def _reopen(self, now_ns: int) -> bool:
        self._halted_until_ns = 0
        self.tape.status(Session.OPEN, "trading resumed", now_ns)
        self._auction(now_ns, "reopening")
        self._schedule(now_ns)
        return True

    def _auction(self, now_ns: int, conditions: str) -> None:
        """Trade everyone who came for the auction at one price, then start a new and thin book."""
        price, size = clear(self._interests(1), self._interests(-1), round(self.value.price))
        if size:
            self.tape.trades(((price, size),), None, now_ns, conditions)
        self._start_anew(now_ns)

    def _start_anew(self, now_ns: int) -> None:
        """Replace everyone in the book by the few who come at once, in one published change."""
        self._guard.reset()
        self._thin_since_ns = now_ns
        self._taste.widen(self._width(now_ns))
        bids, asks = self.book.bids, self.book.asks
        old_bids, old_asks = set(bids.sizes), set(asks.sizes)
        bids.clear()
        asks.clear()
        self.flow.believe(self.value.price)
        self.flow.fill_book(self.listing.resting_orders // 3)
        self.tape.levels(sorted(old_bids | bids.sizes.keys()), sorted(old_asks | asks.sizes.keys()), now_ns)

    def _interests(self, sign: int) -> list[Interest]:
        """Draw who comes to an auction: limits scattered around the value, more than half past it."""
        random, taste = self._random, self._taste
        value_ticks = self.value.price / taste.tick
        spread = 6.0 * self.listing.spread_ticks
        limits = (random.gauss(value_ticks + sign * spread / 4, spread) for _ in range(_AUCTION_ORDERS))
        return [(max(1, round(limit)) * taste.tick, random.choice(taste.sizes)) for limit in limits]
