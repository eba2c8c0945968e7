"""What a model's version would have done on a recording: armed at its beginning, as a person arms it, on paper, with nobody there."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from engine.bus import Bus
from engine.duties.leaving import Leaving
from engine.errors import EngineError
from engine.handlers import Handlers
from engine.messages.commands import ArmSignals
from engine.messages.events import OrderDenied, OrderSubmitted
from engine.messages.signal_views import ModelMoney, ModelView, SignalTrading, SignalView
from engine.rooms import Rooms
from engine.signals.serving.signals import Signals

SCORED_EVERY = 20
"""So many outcomes apart the figures are worked out that an edge is judged by: by the market's time, so that a rehearsal repeats."""


class Rehearsed(Struct, frozen=True, kw_only=True):
    """What came of it; money in millionths of the account's currency."""

    version: str
    said: int = 0
    """At how many bars it said something."""
    matured: int = 0
    orders: int = 0
    """Those that left; one that the gate denied did not."""
    denied: int = 0
    money: ModelMoney = ModelMoney()
    net_micros: int = 0
    currency: str = ""
    pnl_bps: float = 0.0
    """What going its way brought after cost, of one unit each time."""
    stopped: str = ""
    """Why it was off before the end; empty where it was not."""


def rehearse(rooms: Rooms, version: str) -> Rehearsed:
    """Play what the rooms' source has to its end, with the one version of the rooms' one model armed.

    Raises:
        EngineError: the recording breaks off, or the version can't be armed.
    """
    signals = rooms.signals
    assert signals is not None
    handlers = Handlers(rooms, Leaving(rooms))
    signals.listen(_Scoring(rooms, signals).hear)
    signals.follow()
    (model,) = signals.models
    model.switch()
    if failure := signals.registry_failure or model.failure:
        raise EngineError(f"{model.table.model} {version}: {failure}")
    asked = _Asked(rooms.bus)
    handlers.handle(ArmSignals(model.table.model, model.table.model, "rehearsal"))
    asyncio.run(rooms.source.run(rooms.market))
    return _told(rooms, asked, signals.view.models[0], model.versions[version].tally.said)


class _Scoring:
    """Works figures out as outcomes come, in place of the task that does so beside a market that lives."""

    def __init__(self, rooms: Rooms, signals: Signals) -> None:
        self._rooms = rooms
        self._signals = signals

    def hear(self, signal: SignalView, _: ModelView) -> None:
        """Look at the version after each of its words."""
        self._rooms.valuation.refresh()
        for model in self._signals.models:
            version = model.versions[signal.version]
            if version.tally.matured - version.scored >= SCORED_EVERY:
                version.score = version.scoring()()
                version.scored, model.changed = version.tally.matured, True


class _Asked:
    """Counts what a model asks for: not every order of a long recording is in sight at its end."""

    def __init__(self, bus: Bus) -> None:
        self.sent = self.denied = 0
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)

    def _submitted(self, event: OrderSubmitted) -> None:
        self.sent += event.request.origin == "model"

    def _denied(self, event: OrderDenied) -> None:
        self.denied += event.request.origin == "model"


def _told(rooms: Rooms, asked: _Asked, view: ModelView, said: int) -> Rehearsed:
    return Rehearsed(
        version=view.version,
        said=said,
        matured=view.matured,
        orders=asked.sent,
        denied=asked.denied,
        money=view.money,
        net_micros=view.money.net_micros,
        currency=rooms.rates.base_currency,
        pnl_bps=view.pnl_bps,
        stopped=view.trading_reason if view.trading is not SignalTrading.ARMED else "",
    )
