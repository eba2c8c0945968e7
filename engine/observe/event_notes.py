"""Which events are logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from engine.bus import Bus
from engine.messages.circuits import VenueCalled
from engine.messages.events import (
    AlertRaised,
    AmendDenied,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.log_table import Component
from engine.messages.order_path import CommandTaken, OrderSent
from engine.model.cause import Cause
from engine.model.instrument import Symbol
from engine.model.order import Order
from engine.model.position import Position
from engine.observe import event_lines as lines
from engine.observe.logs import EventLog

_COMMAND: Final = lines.COMMAND
_SUBMITTED: Final = lines.SUBMITTED
_DENIED: Final = lines.DENIED
_AMEND_DENIED: Final = lines.AMEND_DENIED
_SENT: Final = lines.SENT
_CHANGED: Final = lines.CHANGED
_FILLED: Final = lines.FILLED
_CALLED: Final = lines.CALLED
_TRADING_STATE: Final = lines.TRADING_STATE
_EVERY_DESK: Final = lines.EVERY_DESK
_ARMED: Final = lines.ARMED
_DISARMED: Final = lines.DISARMED
"""By names of this module, which are found at once where it is compiled."""


class Records(Protocol):
    """What writes the journal."""

    sequence: int
    """That of the last record."""


class NoRecords:
    """Nothing is written."""

    __slots__ = ("sequence",)

    def __init__(self) -> None:
        self.sequence = 0


class Story:
    """Where what is written of an order is found: nothing on the order path carries an id for the log's sake."""

    __slots__ = ("broker", "cause", "is_timed", "orders", "positions", "records")

    def __init__(
        self,
        *,
        orders: Mapping[str, Order],
        positions: Mapping[Symbol, Position],
        cause: Cause,
        records: Records,
        broker: str,
        is_timed: bool = False,
    ) -> None:
        self.orders = orders
        """By their client ids."""
        self.positions = positions
        self.cause = cause
        self.records = records
        self.broker = broker
        """What the broker is called."""
        self.is_timed = is_timed
        """Whether what happens to an order says when, by the machine's time."""

    def correlation(self, client_id: str) -> str:
        """Return the correlation of an order; empty for one that is not known."""
        order = self.orders.get(client_id)
        return order.request.correlation if order is not None else ""


def no_story() -> Story:
    """Return that of an account without orders, for a log that stands alone."""
    return Story(orders={}, positions={}, cause=Cause(), records=NoRecords(), broker="")


class EventNotes:
    """Notes commands, alerts, everything that happens to an order, venue calls, the trading state and arming; quotes never.

    What may change before it is written is copied here, everything else looked up then. `market_ns` is the event's own
    time, ns UTC; prices and quantities are in the instrument's units. On an order's path no clock is read where the account lives in
    the machine's time: its events have it.
    """

    def __init__(self, bus: Bus, log: EventLog, story: Story | None = None) -> None:
        self._log = log
        self._waiting, self._now_ns = log.waiting, log.now_ns
        self._story = story or no_story()
        self._cause, self._is_timed = self._story.cause, self._story.is_timed
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(AlertRaised, self._alert)
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(AmendDenied, self._amend_denied)
        bus.subscribe(OrderSent, self._sent)
        bus.subscribe(OrderChanged, self._changed)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(VenueCalled, self._called)
        bus.subscribe(TradingStateChanged, self._trading_state)
        bus.subscribe(TradingArmed, self._armed)
        bus.subscribe(TradingDisarmed, self._disarmed)

    # an order's path: kept, and written later

    def _command(self, event: object) -> None:
        self._waiting.keep((0 if self._is_timed else self._now_ns(), _COMMAND, event))

    def _submitted(self, event: object) -> None:
        at_ns = 0 if self._is_timed else self._now_ns()
        self._waiting.keep((at_ns, _SUBMITTED, event, self._cause.id, self._story.records.sequence))

    def _denied(self, event: object) -> None:
        self._waiting.keep((0 if self._is_timed else self._now_ns(), _DENIED, event, self._cause.id))

    def _sent(self, event: object) -> None:
        at_ns = 0 if self._is_timed else self._now_ns()
        self._waiting.keep((at_ns, _SENT, event, self._cause.id, self._story.broker))

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        at_ns = 0 if self._is_timed else self._now_ns()
        self._waiting.keep(
            (at_ns, _CHANGED, event, self._cause.id, order.leaves, order.reason, order.venue_id)
        )

    def _filled(self, event: OrderFilled) -> None:
        """Note a fill, whose own time is the venue's: ours is when its record was made."""
        order, position = event.order, self._story.positions.get(event.fill.symbol)
        held = None if position is None else position.quantity
        at_ns = order.updated_ns if self._is_timed else self._now_ns()
        self._waiting.keep((at_ns, _FILLED, event, self._cause.id, order.leaves, held))

    # all else

    def _amend_denied(self, event: AmendDenied) -> None:
        self._waiting.keep(
            (
                self._now_ns(),
                _AMEND_DENIED,
                event,
                self._cause.id,
                self._story.correlation(event.client_id),
            )
        )

    def _called(self, event: VenueCalled) -> None:
        self._waiting.keep((self._now_ns(), _CALLED, event, self._story.correlation(event.about)))

    def _trading_state(self, event: TradingStateChanged) -> None:
        self._waiting.keep((self._now_ns(), _EVERY_DESK if event.firm_version else _TRADING_STATE, event))

    def _armed(self, event: TradingArmed) -> None:
        self._waiting.keep((self._now_ns(), _ARMED, event, self._cause.id))

    def _disarmed(self, event: TradingDisarmed) -> None:
        self._waiting.keep((self._now_ns(), _DISARMED, event, self._cause.id))

    def _alert(self, event: AlertRaised) -> None:
        """Note what a person was told, with room of its own where it is critical."""
        told = {"source": event.source, "text": event.text, "market_ns": event.event_ns}
        named = {"cause": self._cause.id} if self._cause.id else {}
        self._log.note(event.severity.value, "alert", Component.ALERTS, **named, **told)
