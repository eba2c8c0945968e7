"""What each role may do: one table by kind of command, which the engine asks before it carries one out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.messages.commands import (
    AcknowledgeAlert,
    AmendOrder,
    ApplyRemedy,
    ArmSignals,
    ArmTrading,
    BookDividend,
    BookSplit,
    CancelAll,
    CancelOrder,
    Command,
    DisarmSignals,
    DisarmTrading,
    Flatten,
    Jump,
    Leave,
    LeaveChoice,
    LockDesk,
    Pause,
    Prove,
    ReadListings,
    ReloadLimits,
    ReopenAlert,
    ResolveBreak,
    Resume,
    SetSpeed,
    SetTradingState,
    SilenceAlert,
    Skip,
    Stay,
    Step,
    SubmitOrder,
    TakeStock,
    UnlockDesk,
    UnwatchSymbol,
    WatchSymbol,
)
from engine.messages.remedies import STEERING


class Role(StrEnum):
    """What an operator is there for."""

    VIEWER = "viewer"
    """Looks on."""
    TRADER = "trader"
    """Trades, and takes back."""
    RISK = "risk"
    """Halts and resumes, takes back, decides about breaks; opens nothing."""
    ADMIN = "admin"
    """Does everything, and says who the operators are."""


_EVERYBODY: Final = frozenset(Role)
_NAMES: Final = frozenset(each.value for each in Role)
_TRADES: Final = frozenset({Role.TRADER, Role.ADMIN})
_TAKES_BACK: Final = frozenset({Role.TRADER, Role.RISK, Role.ADMIN})
_CONTROLS: Final = frozenset({Role.RISK, Role.ADMIN})

MAY: Final[Mapping[type[Command], frozenset[Role]]] = MappingProxyType(
    {
        SubmitOrder: _TRADES,
        AmendOrder: _TRADES,
        ArmTrading: _TRADES,
        ArmSignals: _TRADES,
        CancelOrder: _TAKES_BACK,
        CancelAll: _TAKES_BACK,
        Flatten: _TAKES_BACK,
        DisarmTrading: _TAKES_BACK,
        DisarmSignals: _TAKES_BACK,
        SetTradingState: _TAKES_BACK,
        TakeStock: _TAKES_BACK,
        ApplyRemedy: _TAKES_BACK,
        ResolveBreak: _CONTROLS,
        BookSplit: _CONTROLS,
        BookDividend: _CONTROLS,
        ReloadLimits: _CONTROLS,
        WatchSymbol: _TAKES_BACK,
        UnwatchSymbol: _TAKES_BACK,
        Pause: _TAKES_BACK,
        Resume: _TAKES_BACK,
        Step: _TAKES_BACK,
        Jump: _TAKES_BACK,
        Skip: _TAKES_BACK,
        SetSpeed: _TAKES_BACK,
        AcknowledgeAlert: _TAKES_BACK,
        SilenceAlert: _TAKES_BACK,
        ReopenAlert: _TAKES_BACK,
        ReadListings: _EVERYBODY,
        LockDesk: _EVERYBODY,
        UnlockDesk: _EVERYBODY,
        Prove: _EVERYBODY,
        Leave: _EVERYBODY,
        Stay: _EVERYBODY,
    }
)
"""Who may say each command. Nobody may say one that is not in it."""


def may(role: Role, command: Command, *, loosens: bool = False) -> bool:
    """Tell whether a role may say a command; `loosens` where it lets more trading happen than before."""
    if isinstance(command, Leave) and command.choice is not LeaveChoice.KEEP:
        return role in _TAKES_BACK
    steers = isinstance(command, ApplyRemedy) and command.remedy in STEERING
    if loosens or steers:
        return role in _CONTROLS
    return role in MAY.get(type(command), frozenset())


def may_as(role: str, command: Command, *, loosens: bool = False) -> bool:
    """Tell whether what is called a role is one that may say a command."""
    return role in _NAMES and may(Role(role), command, loosens=loosens)
