"""How our ids and Alpaca's go together: our id is the order's for life, though each change of terms makes a new order.

The order that takes another's place must have an id of its own there: ours, a tilde, and what sets it apart. So whose
it is can be read from it, also after a restart.
"""

from __future__ import annotations

from engine.adapters.alpaca.messages import OrderText
from engine.adapters.units import ID_MAX
from engine.ids import base36
from engine.model.text import clean

_MARK = "~"


def client_id_of(order: OrderText) -> str:
    """Return our id of an order, as far as its own says it; an order with an id that can't be kept has the venue's."""
    name = order.client_order_id or ""
    if order.replaces:
        name = name.partition(_MARK)[0]
    return name if name and clean(name, ID_MAX) == name else clean(order.id, ID_MAX)


def next_name(client_id: str, now_ns: int) -> str:
    """Return the id for an order that takes the place of one of ours, never the same twice."""
    return f"{client_id}{_MARK}{base36(now_ns // 1000)}"
