"""Frames: what a follower asked to see, copied once, only where it changed."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.frames.market_views import chart_view, depth_view, quote_view, tape_view
from engine.frames.order_views import order_view, stop_of
from engine.messages.comparison_views import RecoveryView
from engine.messages.events import Severity
from engine.messages.playback_views import PlaybackView
from engine.messages.views import Alert, Frame, HealthView, OrderView, PositionView, QuoteView, ViewRequest
from engine.model.instrument import Instrument, Symbol
from engine.model.text import clean
from engine.observe.rate import SteadyRate
from engine.observe.source_times import SourceTimes
from engine.rooms import Recovered, Rooms

QUOTES_OVER_NS = NS_PER_S // 2
"""Over how long quotes a second are measured at least."""
PACE_OVER_NS = 2 * NS_PER_S
"""Over how long the pace of market time is measured at least."""

View = TypeVar("View", bound=Struct)


def recovery_view(recovered: Recovered) -> RecoveryView:
    """Copy what was found at the start."""
    return RecoveryView(
        cut_short=recovered.cut_short,
        records=recovered.records,
        working=recovered.working,
        unanswered=recovered.unanswered,
        torn_bytes=recovered.torn_bytes,
        last_ns=recovered.last_ns,
        flattens=recovered.flattens,
        halts=recovered.halts,
        restored=recovered.restored,
    )


class FrameBuilder:
    """Makes the frames of one follower, the screen or another, and remembers what that one has."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._sequence = 0
        self._told_ns = 0
        self._listed = 0
        self._news = rooms.changes.follow()
        self._sent: dict[type, Struct] = {}
        self._positions_sent: tuple[PositionView, ...] | None = None
        self._health_sent: tuple[HealthView, ...] = ()
        self._failed = False
        self._quote_rate = SteadyRate(rooms.clock.monotonic_ns, QUOTES_OVER_NS)
        self._pace_rate = SteadyRate(rooms.clock.monotonic_ns, PACE_OVER_NS)
        self._pace_rate.begin(rooms.clock.now_ns())
        self._source_times = SourceTimes()
        self._source_ns = 0

    @property
    def built(self) -> int:
        """How many frames were made."""
        return self._sequence

    @property
    def quotes_per_s(self) -> float:
        """Quotes a second, as last measured."""
        return self._quote_rate.latest

    @property
    def has_news(self) -> bool:
        """Whether the next frame has to tell of a market, an order or an alert, or of another second."""
        seconds = self._rooms.clock.now_ns() // NS_PER_S
        return seconds != self._told_ns // NS_PER_S or self._rooms.changes.has_any_for(self._news)

    def close(self) -> None:
        """Keep nothing any more of what changes."""
        self._rooms.changes.leave(self._news)

    def make(self, request: ViewRequest) -> Frame:
        """Return the next frame; one that can't be made says why, and the one after it holds everything."""
        try:
            frame = self.build(replace(request, everything=True) if self._failed else request)
        except Exception as error:  # noqa: BLE001  # a frame that can't be made must not freeze who waits for it
            self._failed = True
            return self.faulty(clean(f"a frame could not be made: {type(error).__name__}: {error}"))
        self._failed = False
        return frame

    def build(self, request: ViewRequest) -> Frame:
        """Copy what changed since the last frame, and everything when asked to."""
        rooms, market, focus = self._rooms, self._rooms.market, request.focus
        rooms.changes.deal()
        if request.everything:
            self._forget()
        now_ns = self._told_ns = rooms.clock.now_ns()
        self._sequence += 1
        return Frame(
            now_ns=now_ns,
            sequence=self._sequence,
            instruments=self._instruments(),
            quotes=self._quotes(now_ns, everything=request.everything),
            depth=self._changed(depth_view(market, focus, request.depth_levels)) if focus else None,
            chart=self._changed(chart_view(market, focus, request.bar_interval_ns, request.bars_max))
            if focus
            else None,
            tape=self._changed(tape_view(market, focus, request.prints_max)) if focus else None,
            orders=self._orders(everything=request.everything),
            positions=self._positions(),
            account=self._changed(rooms.valuation.account_view()),
            risk=self._changed(rooms.gate.view(*rooms.numbers)),
            arming=self._changed(rooms.arming.view()),
            lock=self._changed(rooms.lock),
            health=self._health(),
            incidents=self._anew(rooms.timeline.view),
            playback=self._changed(self._playback()),
            recovery=self._changed(recovery_view(rooms.recovered)),
            reconcile=self._changed(rooms.orders.reconciler.view()),
            exits=self._changed(rooms.orders.exits.view()),
            catalogue=self._anew(rooms.catalogue.view if rooms.catalogue is not None else None),
            watching=self._anew(rooms.watching.view if rooms.watching is not None else None),
            alarms=self._anew(rooms.alarms.view),
            signals=self._anew(rooms.signals.view if rooms.signals is not None else None),
            desks=self._anew(rooms.desks.view if rooms.desks is not None else None),
            abilities=self._anew(rooms.abilities),
            quotes_per_s=self._quote_rate.read(rooms.market.counters.quotes),
            source_ns=self._source_ns,
            alerts=self._news.take_alerts(),  # the last of all: what comes before may fail
        )

    def faulty(self, text: str) -> Frame:
        """Return a frame that only says what went wrong with it."""
        now_ns = self._rooms.clock.now_ns()
        return Frame(now_ns, self._sequence, alerts=(Alert(Severity.CRITICAL, "engine", text, now_ns),))

    def _forget(self) -> None:
        self._listed = 0
        self._sent.clear()
        self._positions_sent = None
        self._health_sent = ()

    def _instruments(self) -> tuple[Instrument, ...]:
        states = self._rooms.market.states
        if len(states) == self._listed:
            return ()
        fresh = tuple(state.instrument for state in list(states.values())[self._listed :])
        self._listed = len(states)
        return fresh

    def _quotes(self, now_ns: int, *, everything: bool) -> tuple[QuoteView, ...]:
        market, changed = self._rooms.market, self._news.take_symbols()
        symbols = list(market.states) if everything else changed
        self._source_ns = self._oldest(symbols, now_ns)
        views = tuple(quote_view(market.states[s], now_ns, market.bars.spark(s)) for s in symbols)
        self._news.trusts.update((view.symbol, view.trust) for view in views)
        return views

    def _oldest(self, symbols: list[Symbol], now_ns: int) -> int:
        """Return when a source had the oldest quote that is new, while market time passes as the world's does."""
        rooms, states = self._rooms, self._rooms.market.states
        skews_ns = {venue.name: skew_ns for venue in rooms.venues if (skew_ns := venue.skew_ns)}
        found = self._source_times.oldest((states[symbol] for symbol in symbols), now_ns, skews_ns)
        playback = rooms.playback
        return found if playback is None or (playback.speed == 1 and playback.target_ns == now_ns) else 0

    def _orders(self, *, everything: bool) -> tuple[OrderView, ...]:
        everything = everything or self._news.asked_ns is None
        changed = self._news.take_orders(self._rooms.account_clock.now_ns())
        orders = self._rooms.orders.orders.values() if everything else changed
        return tuple(order_view(order) for order in orders)

    def _health(self) -> tuple[HealthView, ...] | None:
        views = self._rooms.health.views
        if views is self._health_sent:
            return None
        self._health_sent = views
        return views

    def _positions(self) -> tuple[PositionView, ...] | None:
        """Return every position, or None for one who has them all as they are."""
        views = tuple(self._protected(view) for view in self._rooms.valuation.views())
        if views == self._positions_sent:
            return None
        self._positions_sent = views
        return views

    def _protected(self, view: PositionView) -> PositionView:
        """Say of a position what protects it."""
        if not view.quantity:
            return view
        protected = self._rooms.orders.protection.of(view.symbol)
        exits = [o for o in self._rooms.working.of(view.symbol) if int(o.side) * view.quantity < 0]
        if not exits and not protected.planned:
            return view
        stops = [stop for order in exits if (stop := stop_of(order)) is not None]
        nearest = max if view.quantity > 0 else min
        return replace(
            view,
            covered=protected.covered,
            planned=protected.planned,
            stop=nearest(stops) if stops else None,
            trail=min((o.request.trail for o in exits if o.request.trail is not None), default=None),
        )

    def _changed(self, view: View | None) -> View | None:
        """Return the view, or None for one who has it already."""
        if view is None or self._sent.get(type(view)) == view:
            return None
        self._sent[type(view)] = view
        return view

    def _anew(self, view: View | None) -> View | None:
        """Return a view that is too large to compare each time, or None for one who has this very one."""
        if view is None or self._sent.get(type(view)) is view:
            return None
        self._sent[type(view)] = view
        return view

    def _playback(self) -> PlaybackView | None:
        playback, now_ns = self._rooms.playback, self._rooms.clock.now_ns()
        if playback is None:
            return None
        first_ns, last_ns = playback.span_ns or (0, 0)
        jumping = playback.target_ns != now_ns
        if jumping or playback.paused or playback.finished or not playback.events:
            self._pace_rate.begin(now_ns)
        return PlaybackView(
            kind=self._rooms.account.mode.value,
            paused=playback.paused,
            finished=playback.finished,
            speed=playback.speed,
            first_ns=first_ns,
            last_ns=last_ns,
            events=playback.events,
            end_known=playback.end_known,
            files=playback.files,
            achieved=float(f"{self._pace_rate.read(now_ns) / NS_PER_S:.2g}"),
            target_ns=playback.target_ns if jumping else 0,
        )
