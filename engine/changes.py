"""What changed since each follower's last frame: nobody takes what another needs.

The market and the orders note what changed once, however many look on. It is dealt out when the next frame is made, so that a
quote costs the same whoever follows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from engine.market.market import Market
from engine.messages.views import Alert
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import Order

ALERTS_MAX: Final = 1_000
"""How many alerts wait for one follower at most."""
ORDERS_MAX: Final = 12_000
"""How many changed orders wait for one follower at most, as long as that many came and ended since it asked."""
RECENT_MAX: Final = 500
"""How many of the alerts before it a new follower is told."""


class News:
    """What one follower has not been told yet."""

    __slots__ = ("alerts", "asked_ns", "orders", "symbols", "trusts")

    def __init__(self, alerts: Iterable[Alert] = ()) -> None:
        self.symbols: set[Symbol] = set()
        self.orders: dict[str, Order] = {}
        """By client id, in order of last change."""
        self.asked_ns: int | None = None
        """When orders were taken last; None for a follower that never asked, and is told everything once it does."""
        self.alerts = list(alerts)
        self.trusts: dict[Symbol, Trust] = {}
        """As they were told last."""

    def take_symbols(self) -> list[Symbol]:
        """Return which symbols changed since the last call."""
        taken = list(self.symbols)
        self.symbols.clear()
        return taken

    def take_orders(self, now_ns: int) -> list[Order]:
        """Return the orders that changed since the last call, each once, in order of last change."""
        taken = list(self.orders.values())
        self.orders.clear()
        self.asked_ns = now_ns
        return taken

    def keep(self, orders: Iterable[Order]) -> int:
        """Keep orders that changed, and return how many had to go: the first that came and ended since it asked, which it never knew."""
        asked_ns, kept = self.asked_ns, self.orders
        if asked_ns is None:
            return 0
        for order in orders:
            kept.pop(order.client_id, None)
            kept[order.client_id] = order
        if len(kept) <= ORDERS_MAX:
            return 0
        unknown = [
            key for key, order in kept.items() if not order.is_open and order.request.created_ns > asked_ns
        ]
        gone = unknown[: len(kept) - ORDERS_MAX * 5 // 6]
        for key in gone:
            del kept[key]
        return len(gone)

    def take_alerts(self) -> tuple[Alert, ...]:
        """Return the alerts since the last call."""
        taken = tuple(self.alerts)
        self.alerts.clear()
        return taken


class Changes:
    """Deals out what changed to everyone who follows, on the engine's thread."""

    def __init__(self, market: Market, take_orders: Callable[[], Iterable[Order]]) -> None:
        """Take from where the market notes it, and what gives the orders that changed since it was last called."""
        self._market = market
        self._take_orders = take_orders
        self._followers: list[News] = []
        self._recent: deque[Alert] = deque(maxlen=RECENT_MAX)
        self.alerts_dropped = 0
        """Alerts that a follower did not get, since it had not taken those before."""
        self.orders_dropped = 0
        """Orders that a follower was not told of, for the same reason; the history has them."""

    @property
    def alerts_waiting(self) -> int:
        """How many alerts were not taken yet."""
        return sum(len(news.alerts) for news in self._followers)

    def follow(self) -> News:
        """Keep what changes from now on for one more follower; it asks for everything first."""
        news = News(self._recent)
        self._followers.append(news)
        return news

    def leave(self, news: News) -> None:
        """Keep nothing any more for a follower."""
        self._followers.remove(news)

    def deal(self) -> None:
        """Give every follower what changed; to be called before a frame is made."""
        dirty, orders = self._market.dirty, self._take_orders()
        for news in self._followers:
            news.symbols |= dirty
            self.orders_dropped += news.keep(orders)
        dirty.clear()

    def has_any_for(self, news: News) -> bool:
        """Return whether a follower has something to be told."""
        self.deal()
        return bool(news.symbols or news.orders or news.alerts)

    def tell(self, alert: Alert) -> None:
        """Keep an alert for everyone who follows, and for those to come."""
        self._recent.append(alert)
        for news in self._followers:
            if len(news.alerts) < ALERTS_MAX:
                news.alerts.append(alert)
            else:
                self.alerts_dropped += 1

    def note_aged(self, now_ns: int) -> None:
        """Have the symbols told whose trust changed without a quote: silence is news too."""
        states = self._market.states
        for news in self._followers:
            for symbol, trust in news.trusts.items():
                if states[symbol].trust(now_ns) is not trust:
                    news.symbols.add(symbol)
