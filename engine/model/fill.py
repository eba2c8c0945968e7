"""A fact: some of an order was traded."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol
from engine.model.trade import Side


class Liquidity(StrEnum):
    """Whether a fill gave liquidity or took it."""

    MAKER = "maker"
    TAKER = "taker"


class Fill(Struct, frozen=True, kw_only=True, gc=False):
    """One execution, price and quantity in the instrument's units."""

    fill_id: str
    """The venue's execution id; the same id twice is the same fill."""
    client_id: str
    account: str
    symbol: Symbol
    side: Side
    price: int
    quantity: int
    fee_micros: int = 0
    """Cost in millionths of `fee_currency`; negative for a rebate."""
    fee_currency: str = ""
    liquidity: Liquidity = Liquidity.TAKER
    event_ns: int = 0
    receive_ns: int = 0
