"""The state of an account as records: what a snapshot is made of, and what a state's hash is taken over."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from engine.messages.commands import BreakAction
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
    cancel_wanted: bool = False


class BookedFill(Struct, frozen=True, gc=False, tag=True):
    """A fill as the ledger booked it: rates in base, in billionths; None where none was known, or needed."""

    fill: Fill
    rate: int | None
    """What the instrument's currency was worth."""
    fee_rate: int | None = None
    """What the fee's currency was worth."""


class BookedSplit(Struct, frozen=True, gc=False, tag=True):
    """A split as the ledger booked it: each old share became numerator / denominator new ones."""

    numerator: int
    denominator: int
    cash_price: int | None
    rate: int | None


class BookedDividend(Struct, frozen=True, gc=False, tag=True):
    """A dividend as the ledger booked it, per unit of what was held."""

    per_unit: Decimal
    rate: int | None


Booked = BookedFill | BookedSplit | BookedDividend


class HoldingState(Struct, frozen=True, gc=False):
    """Everything booked for one symbol, in order: its position and its profit follow from it."""

    symbol: Symbol
    booked: tuple[Booked, ...]


class FillsState(Struct, frozen=True, gc=False):
    """What is known of fills beyond those that stand: a busted one that comes again stays busted."""

    busted: tuple[str, ...]
    corrected: tuple[str, ...] = ()
    """Those whose original terms no longer stand."""
    ended: dict[str, OrderStatus] = {}
    """What filled orders are again, should a fill of theirs be busted, by their ids."""


class ForgottenState(Struct, frozen=True, gc=False):
    """Orders that ended long ago and are out of sight: should the broker name them, they are ours."""

    client_ids: tuple[str, ...]


class DecisionState(Struct, frozen=True, gc=False):
    """What a person decided about a difference to the broker, as long as it holds."""

    break_id: str
    action: BreakAction
    difference: int
