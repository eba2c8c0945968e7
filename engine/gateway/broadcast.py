"""Tells everybody what they subscribed to; what changed is written once, however many are told."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import Final

from engine.gateway.account_values import account_of, health_of, note_of, position_of, risk_of
from engine.gateway.channels import Channel
from engine.gateway.feed import Feed
from engine.gateway.market_values import depth_of, quote_of
from engine.gateway.order_values import order_of
from engine.gateway.outbox import Batch, Outbox
from engine.gateway.stream_messages import message, text_of
from engine.messages.alarm_views import AlarmsView, AlarmView
from engine.messages.views import Alert, DepthView, Frame, HealthView, OrderView, PositionView, QuoteView
from engine.model.instrument import Symbol

ORDERS_MAX: Final = 500
"""How many orders a snapshot has that trade no more."""

Wanted = frozenset[Symbol] | None
"""Symbols; None is all of them."""


class Broadcast:
    """Knows who wants what, and hears the feed for as long as anybody wants anything."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._wanted: dict[Channel, dict[Outbox, Wanted]] = {channel: {} for channel in Channel}
        self._snapshots: dict[tuple[Channel, Wanted], bytes] = {}
        self._alarms: dict[int, AlarmView] = {}
        """As they were told last."""
        self._heard = False

    def subscribe(self, outbox: Outbox, channel: Channel, wanted: Wanted = None) -> None:
        """Tell a client of a channel from now on, what there is now first; of these symbols in place of those before."""
        self._wanted[channel][outbox] = wanted
        outbox.forget(channel)
        if not self._heard:
            self._snapshots.clear()
            self._alarms = _by_number(self._feed.mirror.alarms)
            self._feed.tell(self)
            self._heard = True
        outbox.keep(self._snapshot(channel, wanted))

    def narrow(self, outbox: Outbox, channel: Channel, wanted: Wanted) -> None:
        """Tell a client of these symbols alone from now on."""
        self._wanted[channel][outbox] = wanted

    def unsubscribe(self, outbox: Outbox, channel: Channel) -> None:
        """Tell a client of a channel no more."""
        outbox.forget(channel)
        self._wanted[channel].pop(outbox, None)
        if self._heard and not any(self._wanted.values()):
            self._feed.leave(self)
            self._heard = False

    def on_frame(self, frame: Frame) -> None:
        """Tell what changed."""
        self._snapshots.clear()
        if frame.quotes:
            self._tell_quotes(frame.quotes)
        if frame.orders and self._wanted[Channel.ORDERS]:
            self._keep(Channel.ORDERS, self._orders(frame.orders))
        if frame.alerts and self._wanted[Channel.ALERTS]:
            self._keep(Channel.ALERTS, _alerts(frame.alerts))
        if frame.alarms is not None:
            self._tell_alarms(_by_number(frame.alarms))
        for channel, changed in (
            (Channel.POSITIONS, frame.positions),
            (Channel.ACCOUNT, frame.account),
            (Channel.RISK, frame.risk),
            (Channel.HEALTH, frame.health),
        ):
            if changed is not None and self._wanted[channel]:
                self._put(Batch(channel, {"": ",".join(self._whole(channel))}))

    def on_books(self, books: tuple[DepthView, ...]) -> None:
        """Tell of the books that changed."""
        batch = Batch(Channel.DEPTH, {depth.symbol: self._depth(depth) for depth in books})
        for outbox, wanted in self._wanted[Channel.DEPTH].items():
            outbox.put(batch if wanted is None else batch.of(wanted))

    def _tell_quotes(self, quotes: tuple[QuoteView, ...]) -> None:
        wanted = self._wanted[Channel.QUOTES]
        if not wanted:
            return
        if None not in wanted.values():
            anybody = frozenset(chain.from_iterable(each for each in wanted.values() if each is not None))
            quotes = tuple(quote for quote in quotes if quote.symbol in anybody)
        batch = Batch(Channel.QUOTES, {quote.symbol: self._quote(quote) for quote in quotes})
        for outbox, symbols in wanted.items():
            outbox.put(batch if symbols is None else batch.of(symbols))

    def _tell_alarms(self, alarms: dict[int, AlarmView]) -> None:
        changed = [alarm for number, alarm in alarms.items() if self._alarms.get(number) != alarm]
        self._alarms = alarms
        if changed and self._wanted[Channel.ALARMS]:
            self._keep(Channel.ALARMS, [text_of(alarm) for alarm in changed])

    def _keep(self, channel: Channel, texts: list[str]) -> None:
        frame = message(channel, texts, snapshot=False)
        for outbox in self._wanted[channel]:
            outbox.keep(frame)

    def _put(self, batch: Batch) -> None:
        for outbox in self._wanted[batch.channel]:
            outbox.put(batch)

    def _snapshot(self, channel: Channel, wanted: Wanted) -> bytes:
        held = self._snapshots.get((channel, wanted))
        if held is None:
            held = self._snapshots[channel, wanted] = message(
                channel, self._standing(channel, wanted), snapshot=True
            )
        return held

    def _standing(self, channel: Channel, wanted: Wanted) -> list[str]:
        """Return what there is of a channel now."""
        mirror = self._feed.mirror
        if channel is Channel.QUOTES:
            symbols = mirror.quotes if wanted is None else wanted
            return [self._quote(mirror.quotes[symbol]) for symbol in symbols if symbol in mirror.quotes]
        if channel is Channel.DEPTH:
            books = self._feed.books
            return [self._depth(books[symbol]) for symbol in wanted or books if symbol in books]
        if channel is Channel.ORDERS:
            return self._orders(_latest(mirror.orders.values()))
        if channel is Channel.ALERTS:
            return _alerts(mirror.alerts)
        if channel is Channel.ALARMS:
            return [text_of(alarm) for alarm in self._alarms.values()]
        return self._whole(channel)

    def _whole(self, channel: Channel) -> list[str]:
        mirror = self._feed.mirror
        if channel is Channel.POSITIONS:
            return [self._position(view) for view in mirror.positions.values()]
        if channel is Channel.HEALTH:
            return _healths(mirror.health)
        if channel is Channel.ACCOUNT:
            return [text_of(account_of(mirror.account))] if mirror.account is not None else []
        return [text_of(risk_of(mirror.risk))] if mirror.risk is not None else []

    def _quote(self, view: QuoteView) -> str:
        return text_of(quote_of(view, self._feed.mirror.instruments[view.symbol]))

    def _depth(self, view: DepthView) -> str:
        return text_of(depth_of(view, self._feed.mirror.instruments[view.symbol]))

    def _position(self, view: PositionView) -> str:
        return text_of(position_of(view, self._feed.mirror.instruments[view.symbol]))

    def _orders(self, views: Iterable[OrderView]) -> list[str]:
        instruments = self._feed.mirror.instruments
        return [text_of(order_of(view, instruments[view.symbol])) for view in views]


def _alerts(alerts: Iterable[Alert]) -> list[str]:
    return [text_of(note_of(alert)) for alert in alerts]


def _by_number(view: AlarmsView) -> dict[int, AlarmView]:
    """Return what is wrong and what is over, oldest first."""
    return {alarm.number: alarm for alarm in sorted((*view.open, *view.past), key=lambda each: each.number)}


def _healths(views: Iterable[HealthView]) -> list[str]:
    return [text_of(health_of(view)) for view in views]


def _latest(orders: Iterable[OrderView]) -> list[OrderView]:
    """Return those that may still trade and the latest of the others, oldest first."""
    views = list(orders)
    over = [view.client_id for view in reversed(views) if not view.status.is_open]
    told = frozenset(islice(over, ORDERS_MAX))
    return [view for view in views if view.status.is_open or view.client_id in told]
