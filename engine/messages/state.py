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


class OrderState(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
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
    sent_bid: int = 0
    sent_ask: int = 0


class OrdersState(Struct, frozen=True, gc=False):
    """Some of the orders in sight, in the order in which they came."""

    orders: tuple[OrderState, ...]


class BookedFill(Struct, frozen=True, gc=False):
    """A fill as the ledger booked it: rates in base, in billionths; None where none was known, or needed."""

    fill: Fill
    rate: int | None
    """What the instrument's currency was worth."""
    fee_rate: int | None = None
    """What the fee's currency was worth."""


class BookedSplit(Struct, frozen=True, gc=False, array_like=True, tag="split"):
    """A split as the ledger booked it: each old share became numerator / denominator new ones."""

    numerator: int
    denominator: int
    cash_price: int | None
    rate: int | None


class BookedDividend(Struct, frozen=True, gc=False, array_like=True, tag="dividend"):
    """A dividend as the ledger booked it, per unit of what was held."""

    per_unit: Decimal
    rate: int | None


Booked = BookedFill | BookedSplit | BookedDividend


class LotState(Struct, frozen=True, gc=False, array_like=True):
    """What is left of an opening fill. A whole number that may be long is written as text."""

    quantity: str
    cost: str
    fill_id: str
    opened_ns: int


class MatchState(Struct, frozen=True, gc=False, array_like=True):
    """What was closed of a lot by one fill."""

    open_fill_id: str
    close_fill_id: str
    quantity: str
    profit: str
    opened_ns: int
    closed_ns: int


class ConvertedState(Struct, frozen=True, gc=False):
    """An amount in other currencies: what it came to in each, and what that was worth in base when it came."""

    base_e9: str
    local: dict[str, str]


class HoldingState(Struct, frozen=True, kw_only=True, gc=False):
    """What a symbol's entries come to; they are in the pages behind it."""

    symbol: Symbol
    quantity: str
    cost: str
    realised: str
    fees_micros: str
    dividends_micros: str
    updated_ns: int
    lots_realised: str
    matches: tuple[MatchState, ...]
    converted_realised: ConvertedState
    converted_fees: ConvertedState
    converted_dividends: ConvertedState


class LotsState(Struct, frozen=True, gc=False):
    """Some of a symbol's open lots, oldest first."""

    symbol: Symbol
    lots: tuple[LotState, ...]


class FillsState(Struct, frozen=True, gc=False):
    """What is known of fills beyond those that stand: a busted one that comes again stays busted."""

    busted: tuple[str, ...]
    corrected: tuple[str, ...] = ()
    """Those whose original terms no longer stand."""
    ended: dict[str, OrderStatus] = {}
    """What filled orders are again, should a fill of theirs be busted, by their ids."""


class ForgottenState(Struct, frozen=True, gc=False):
    """Some of the orders that ended long ago and are out of sight: should the broker name them, they are ours."""

    client_ids: tuple[str, ...]


class DecisionState(Struct, frozen=True, gc=False):
    """What a person decided about a difference to the broker, as long as it holds."""

    break_id: str
    action: BreakAction
    difference: int
