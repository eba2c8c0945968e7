"""Which kinds of record a journal may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from msgspec import Struct

from engine.messages.commands import AmendOrder, CancelOrder
from engine.messages.events import (
    AccountMarked,
    AccountTaken,
    AmendAbandoned,
    AmendDenied,
    BarClosed,
    BreakResolved,
    DividendBooked,
    FlattenAsked,
    FlattenEnded,
    InstrumentListed,
    OrderAbandoned,
    OrderAdopted,
    OrderDenied,
    OrderSubmitted,
    OrderUnanswered,
    PairSubmitted,
    PositionAdjusted,
    PositionSplit,
    RateNoted,
    SessionBegan,
    SessionEnded,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.ledger_page import LedgerPage
from engine.messages.reports import Report
from engine.messages.state import (
    DecisionState,
    FillsState,
    ForgottenState,
    HoldingState,
    LotsState,
    OrdersState,
    SnapshotHead,
)

_ASKED: tuple[type[Struct], ...] = (CancelOrder, AmendOrder)
_HAPPENED: tuple[type[Struct], ...] = (
    AccountMarked,
    AccountTaken,
    AmendAbandoned,
    AmendDenied,
    BarClosed,
    BreakResolved,
    DividendBooked,
    FlattenAsked,
    FlattenEnded,
    InstrumentListed,
    OrderAbandoned,
    OrderAdopted,
    OrderDenied,
    OrderSubmitted,
    OrderUnanswered,
    PairSubmitted,
    PositionAdjusted,
    PositionSplit,
    RateNoted,
    SessionBegan,
    SessionEnded,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
_STATES: tuple[type[Struct], ...] = (
    DecisionState,
    FillsState,
    ForgottenState,
    HoldingState,
    LedgerPage,
    LotsState,
    OrdersState,
    SnapshotHead,
)
"""What snapshots are made of."""

KINDS: Mapping[str, type[Struct]] = MappingProxyType(
    {kind.__name__: kind for kind in (*_ASKED, *_HAPPENED, *get_args(Report), *_STATES)}
)
"""Every type of record by its name in the file."""
