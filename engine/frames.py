"""Frames: what the screen asked to see, copied once, only where it changed."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.messages.comparison_views import RecoveryView
from engine.messages.events import Severity
from engine.messages.playback_views import PlaybackView
from engine.messages.tape_views import TapeView
from engine.messages.views import (
    Alert,
    ChartView,
    DepthView,
    Frame,
    OrderView,
    PositionView,
    QuoteView,
    ViewRequest,
)
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState, Trust
from engine.model.trade import Side
from engine.observe.rate import SteadyRate
from engine.order_views import order_view, stop_of
from engine.rooms import Recovered, Rooms

QUOTES_OVER_NS = NS_PER_S // 2
"""Over how long quotes a second are measured at least."""
PACE_OVER_NS = 2 * NS_PER_S
"""Over how long the pace of market time is measured at least."""

View = TypeVar("View", bound=Struct)


def quote_view(state: MarketState, now_ns: int, spark: tuple[int, ...]) -> QuoteView:
    """Copy one symbol's state."""
    return QuoteView(
        symbol=state.symbol,
        bid=state.bid,
        ask=state.ask,
        bid_size=state.bid_size,
        ask_size=state.ask_size,
        last=state.last,
        last_side=state.last_side,
        last_trade_ns=state.last_trade_ns,
        prior_close=state.prior_close,
        day_open=state.day_open,
        day_high=state.day_high,
        day_low=state.day_low,
        volume=state.day_volume,
        vwap=state.day_turnover // state.day_volume if state.day_volume else 0,
        session=state.session,
        session_reason=state.session_reason,
        source=state.source,
        trust=state.trust(now_ns),
        trust_reason=state.distrust_reason or state.doubt,
        receive_ns=state.quote_receive_ns,
        accepted=state.accepted,
        refused=state.refused,
        spark=spark,
    )


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
    """Makes the frames of one screen and remembers what that screen has."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._sequence = 0
        self._listed = 0
        self._trusts: dict[Symbol, Trust] = {}
        self._sent: dict[type, Struct] = {}
        self._positions_sent: tuple[PositionView, ...] | None = None
        self._quote_rate = SteadyRate(rooms.clock.monotonic_ns, QUOTES_OVER_NS)
        self._pace_rate = SteadyRate(rooms.clock.monotonic_ns, PACE_OVER_NS)
        self._pace_rate.begin(rooms.clock.now_ns())
        self.alerts: list[Alert] = []
        self.alerts_dropped = 0

    @property
    def built(self) -> int:
        """How many frames were made."""
        return self._sequence

    @property
    def quotes_per_s(self) -> float:
        """Quotes a second, as last measured."""
        return self._quote_rate.latest

    def build(self, request: ViewRequest) -> Frame:
        """Copy what changed since the last frame, and everything when asked to."""
        rooms = self._rooms
        if request.everything:
            self._forget()
        now_ns = rooms.clock.now_ns()
        self._sequence += 1
        alerts, self.alerts = tuple(self.alerts), []
        return Frame(
            now_ns=now_ns,
            sequence=self._sequence,
            instruments=self._instruments(),
            quotes=self._quotes(now_ns, everything=request.everything),
            depth=self._changed(self._depth(request)),
            chart=self._changed(self._chart(request)),
            tape=self._changed(self._tape(request)),
            orders=self._orders(everything=request.everything),
            positions=self._positions(),
            account=self._changed(rooms.valuation.account_view()),
            risk=self._changed(rooms.gate.view(*rooms.numbers)),
            arming=self._changed(rooms.arming.view()),
            lock=self._changed(rooms.lock),
            health=rooms.health.take_views(),
            playback=self._changed(self._playback()),
            recovery=self._changed(recovery_view(rooms.recovered)),
            reconcile=self._changed(rooms.orders.reconciler.view()),
            exits=self._changed(rooms.orders.exits.view()),
            catalogue=self._anew(rooms.catalogue.view if rooms.catalogue is not None else None),
            watching=self._anew(rooms.watching.view if rooms.watching is not None else None),
            abilities=self._anew(rooms.abilities),
            alerts=alerts,
            quotes_per_s=self._quote_rate.read(rooms.market.counters.quotes),
        )

    def faulty(self, text: str) -> Frame:
        """Return a frame that only says what went wrong with it."""
        now_ns = self._rooms.clock.now_ns()
        return Frame(now_ns, self._sequence, alerts=(Alert(Severity.CRITICAL, "engine", text, now_ns),))

    def mark_aged(self) -> None:
        """Have the symbols sent whose trust changed without a quote: silence is news too."""
        now_ns = self._rooms.clock.now_ns()
        for symbol, trust in self._trusts.items():
            if self._rooms.market.states[symbol].trust(now_ns) is not trust:
                self._rooms.market.dirty.add(symbol)

    def _forget(self) -> None:
        self._listed = 0
        self._sent.clear()
        self._positions_sent = None
        self._rooms.health.forget()

    def _instruments(self) -> tuple[Instrument, ...]:
        states = self._rooms.market.states
        if len(states) == self._listed:
            return ()
        fresh = tuple(state.instrument for state in list(states.values())[self._listed :])
        self._listed = len(states)
        return fresh

    def _quotes(self, now_ns: int, *, everything: bool) -> tuple[QuoteView, ...]:
        market = self._rooms.market
        symbols = list(market.states) if everything else list(market.dirty)
        market.dirty.clear()
        views = tuple(quote_view(market.states[s], now_ns, market.bars.spark(s)) for s in symbols)
        self._trusts.update((view.symbol, view.trust) for view in views)
        return views

    def _orders(self, *, everything: bool) -> tuple[OrderView, ...]:
        changed = self._rooms.orders.take_changed()
        orders = self._rooms.orders.orders.values() if everything else changed
        return tuple(order_view(order) for order in orders)

    def _positions(self) -> tuple[PositionView, ...] | None:
        """Return every position, or None when the screen has them all as they are."""
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
        """Return the view, or None when the screen has it already."""
        if view is None or self._sent.get(type(view)) == view:
            return None
        self._sent[type(view)] = view
        return view

    def _anew(self, view: View | None) -> View | None:
        """Return a view that is too large to compare each time, or None when the screen has this very one."""
        if view is None or self._sent.get(type(view)) is view:
            return None
        self._sent[type(view)] = view
        return view

    def _depth(self, request: ViewRequest) -> DepthView | None:
        market, symbol = self._rooms.market, request.focus
        state = market.states.get(symbol) if symbol else None
        if state is None:
            return None
        book = market.books.get(state.symbol)
        if book is None or not book.source:
            return DepthView(state.symbol, (), (), synced=True, source=state.source, status="")
        count = request.depth_levels
        return DepthView(
            state.symbol,
            book.levels(Side.BUY, count),
            book.levels(Side.SELL, count),
            synced=book.synced,
            source=state.source,
            status=book.status,
        )

    def _chart(self, request: ViewRequest) -> ChartView | None:
        if request.focus is None or request.focus not in self._rooms.market.states:
            return None
        series = self._rooms.market.bars.shown(request.focus, request.bar_interval_ns)
        return ChartView(request.focus, series.interval_ns, series.last(request.bars_max))

    def _tape(self, request: ViewRequest) -> TapeView | None:
        tape = self._rooms.market.tape.get(request.focus) if request.focus else None
        if tape is None or request.focus is None:
            return None
        count = min(len(tape), request.prints_max)
        return TapeView(request.focus, tuple(tape[-1 - i] for i in range(count)))

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
