"""What the brokers of this program are told of the account: how the bridge is left, and where the paper one was."""

from __future__ import annotations

from functools import partial

from engine.adapters.paper.broker import PaperBroker
from engine.market.market import Market
from engine.messages.events import PositionSplit
from engine.model.account import AccountMode
from engine.rooms import Rooms


def tell_bridge(rooms: Rooms) -> None:
    """Let the bridge know, when it is left, whether that is in order."""
    from engine.adapters.bridge.broker import BridgeBroker  # noqa: PLC0415  # only what is used

    assert isinstance(rooms.broker, BridgeBroker)
    rooms.broker.way.leaves_in_order = partial(_leaves_in_order, rooms)


def _leaves_in_order(rooms: Rooms) -> bool:
    """Tell whether nothing that still works is wanted back."""
    return not rooms.orders.flattening and not any(order.cancel_wanted for order in rooms.working)


def restore(rooms: Rooms) -> None:
    """Let the simulated venue begin where its account was left: it lived in the process that ended."""
    broker, orders = rooms.broker, rooms.orders.orders.values()
    if not isinstance(broker, PaperBroker):
        return
    rooms.bus.subscribe(
        PositionSplit, lambda event: broker.hold(event.symbol, rooms.ledger.positions[event.symbol].quantity)
    )
    if rooms.recovered.records:
        held = {symbol: position.quantity for symbol, position in rooms.ledger.positions.items()}
        broker.restore(orders, (fill for order in orders for fill in order.fills), held)
        if rooms.account.mode is AccountMode.PAPER:
            rooms.services.append(("paper orders", partial(_wake, broker, rooms.market)))
        else:
            _list_all(broker, rooms.market)


async def _wake(broker: PaperBroker, market: Market) -> None:
    """Let orders rest again once the loop runs: the timers of the world's time are the loop's."""
    _list_all(broker, market)


def _list_all(broker: PaperBroker, market: Market) -> None:
    for symbol in market.states:
        broker.on_listed(symbol)
