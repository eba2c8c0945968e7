"""Who takes an account's orders, by the name that the settings give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from engine.adapters.adapter import Adapter, BrokerTerms, settings_for
from engine.adapters.paper.broker import PaperBroker
from engine.adapters.registry import distribution_of, find
from engine.clock import Clock
from engine.config import Settings
from engine.errors import ConfigError
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.text import clean
from engine.ports.broker import Broker
from engine.ports.market_data import MarketDataSource
from engine.ports.venue import LiveVenue

LIVE_KINDS = {"alpaca": "Alpaca", "binance": "Binance", "ib": "Interactive Brokers"}
"""The brokers that have live accounts, and what they are called in a sentence."""
_PAPER_NAMES = ("PAPER", "SIM", "TEST")
_NAME_MAX = 64


def check_kind(settings: Settings, adapter: Adapter) -> None:
    """Refuse a broker that does not go with a venue's market data.

    Raises:
        ConfigError: the broker is another venue's, or that venue takes no orders; the message says what to set.
    """
    kind = settings.broker.kind
    if kind == "paper":
        return
    if kind != adapter.name:
        raise ConfigError(
            f"broker.kind: live market data of {adapter.name} goes with the paper broker; set it to paper, "
            f"found {kind}"
        )
    if adapter.make_broker is None:
        raise ConfigError(
            f"broker.kind: nothing here takes orders to {adapter.label}; set it to paper, found {kind}"
        )
    if where := distribution_of(adapter.name):
        check_paper_name(settings.account.name, f"with the adapter of {where} orders go to")


def check_paper_name(account: str, why: str) -> None:
    """Refuse to trade real money where nobody knows that it is none.

    Raises:
        ConfigError: the account's name does not begin as that of a paper account.
    """
    if not account.startswith(_PAPER_NAMES):
        raise ConfigError(
            f"account.name: {why} a paper account, whose name begins with "
            f"{' or '.join(_PAPER_NAMES)}; found {account!r}"
        )


def check_live(settings: Settings) -> None:
    """Refuse a live account that is not told apart from every other: by its broker, its number and its name.

    Raises:
        ConfigError: one of them is missing, or is a paper account's; the message says what to set.
    """
    if not settings.account.live:
        return
    kind, name = settings.broker.kind, settings.account.name
    if kind not in LIVE_KINDS:
        raise ConfigError(
            f"account.live: live accounts are those at {' and '.join(LIVE_KINDS.values())}; set broker.kind "
            f"to one of them, or account.live to false; found {kind}"
        )
    number: str = getattr(settings.venues, kind).account
    if not number.strip():
        raise ConfigError(
            f"venues.{kind}.account: a live account needs its number here, so that a key of another one trades nothing"
        )
    if name != clean(name, _NAME_MAX).strip() or not name or name.startswith(_PAPER_NAMES):
        raise ConfigError(
            f"account.name: a live account needs a name that can be typed to arm it, of up to {_NAME_MAX} characters, and "
            f"not one of a paper account ({', '.join(_PAPER_NAMES)}); found {clean(name, _NAME_MAX)!r}"
        )


class _PaperView:
    """The market as the paper broker looks at it."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def state(self, symbol: Symbol) -> MarketState | None:
        return self._market.states.get(symbol)

    def book(self, symbol: Symbol) -> OrderBook | None:
        return self._market.books.get(symbol)


def _at_venue(
    settings: Settings, clock: Clock, source: MarketDataSource, market: Market, _run: str
) -> Broker:
    adapter = find(settings.broker.kind)
    assert adapter.make_broker is not None
    return adapter.make_broker(
        BrokerTerms(
            settings_for(adapter, settings),
            settings.account.name,
            cast("LiveVenue", source),  # it was begun by the same adapter
            market.instruments,
            market.on_listed,
            clock,
        )
    )


def _bridge(settings: Settings, clock: Clock, _source: MarketDataSource, market: Market, _run: str) -> Broker:
    from engine.adapters.bridge.address import read_address  # noqa: PLC0415  # only what is used
    from engine.adapters.bridge.broker import BridgeBroker  # noqa: PLC0415
    from engine.adapters.bridge.protocol import CancelOnDisconnect  # noqa: PLC0415

    address = read_address(settings.broker.address)
    safety = settings.safety
    dead_man = None
    if safety.dead_man_s:
        after_ms = round(safety.dead_man_s * 1000)
        dead_man = CancelOnDisconnect(after_ms=after_ms, keep_reduce_only=safety.dead_man_keeps_stops)
    return BridgeBroker(address, settings.account.name, clock, market.instruments, dead_man)


def _paper(settings: Settings, clock: Clock, _source: MarketDataSource, market: Market, run: str) -> Broker:
    broker = PaperBroker(settings.paper, clock, _PaperView(market), run=run)
    broker.opened = lambda symbol: market.listen_to(symbol, broker.on_quote)
    market.listen(on_trade=broker.on_trade, on_book=broker.on_book, on_status=broker.on_status)
    return broker


MakeBroker = Callable[[Settings, Clock, MarketDataSource, Market, str], Broker]
"""Is given the settings, the account's clock, the source of its market data, the market and the run."""


def maker_of(kind: str) -> MakeBroker:
    """Return what makes the broker of that name; what is none of ours is the venue of the market data."""
    return _OURS.get(kind, _at_venue)


_OURS: Mapping[str, MakeBroker] = {"bridge": _bridge, "paper": _paper}
