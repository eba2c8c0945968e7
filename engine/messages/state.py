"""The state of an account as records: what a snapshot is made of, and what a state's hash is taken over."""

from __future__ import annotations

from msgspec import Struct

from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus


class SnapshotHead(Struct, frozen=True, gc=False):
    """Begins a snapshot: it holds everything up to and with this record of the journal."""

    sequence: int
    time_ns: int
    digest: str
    """The hash of the state, to be proven when it is read back."""


class OrderState(Struct, frozen=True, kw_only=True, gc=False):
    """One order, whole."""

    request: OrderRequest
    status: OrderStatus
    quantity: int
    limit: int | None
    stop: int | None
    leaves: int
    reason: str
    venue_id: str
    triggered: bool
    amend_quantity: int | None
    amend_limit: int | None
    amend_stop: int | None
    updated_ns: int
    fills: tuple[Fill, ...]


class BookedFill(Struct, frozen=True, gc=False):
    """A fill as the ledger booked it: rates in base, in billionths; None where none was known."""

    fill: Fill
    rate: int | None = None
    fee_rate: int | None = None


class HoldingState(Struct, frozen=True, gc=False):
    """Every fill of one symbol, in the order they were booked: positions and profit follow from them."""

    symbol: Symbol
    booked: tuple[BookedFill, ...]


class FillsState(Struct, frozen=True, gc=False):
    """What is known of fills beyond those that stand: a busted one that comes again stays busted."""

    busted: tuple[str, ...]
