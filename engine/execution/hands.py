"""What making up for lost reports needs of the order manager."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.config import BrokerSettings
from engine.execution.brackets import Brackets
from engine.execution.history import History
from engine.execution.scribe import Scribe
from engine.messages.commands import TradingState
from engine.messages.events import Severity
from engine.messages.reports import Report
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest


class Lock(Protocol):
    """Locks one symbol, or everything, for the engine's own reason; ACTIVE opens it again."""

    def __call__(
        self, state: TradingState, reason: str, symbol: Symbol | None = None, now_ns: int = 0
    ) -> None:
        """Put the lock in force."""


def lock_nothing(
    state: TradingState,
    reason: str,
    symbol: Symbol | None = None,
    now_ns: int = 0,
) -> None:
    """Lock nothing: for an order manager that stands alone."""


def _no_mark(_symbol: Symbol) -> int:
    return 0


def _no_touch(_symbol: Symbol) -> tuple[int, int]:
    return 0, 0


@dataclass(frozen=True, slots=True)
class Ties:
    """What the comparison with the broker is tied to, beside the order manager; by default to nothing."""

    settings: BrokerSettings = field(default_factory=BrokerSettings)
    lock: Lock = lock_nothing
    mark: Callable[[Symbol], int] = _no_mark
    """What a symbol is worth now, in price units; 0 where that is not known."""
    touch: Callable[[Symbol], tuple[int, int]] = _no_touch
    """A symbol's bid and ask now, in price units; 0 where there is none."""
    cash: Callable[[], Mapping[str, int]] = dict
    """The cash that is known to the cent, by currency, in millionths."""
    elsewhere: bool = False
    """Whether the account lives at the broker, and not in our journal alone."""


class Hands(Protocol):
    """The order manager, as far as a comparison with the broker uses it."""

    history: History
    scribe: Scribe
    orders: Mapping[str, Order]
    brackets: Brackets

    @property
    def flattening(self) -> Collection[Symbol]:
        """Return the symbols whose flatten is underway."""

    def believe(self, report: Report) -> None:
        """Write a report down and let it be true."""

    def give_up_waiting(self, order: Order, reason: str) -> None:
        """Note that an order's answer does not come."""

    def submit(self, request: OrderRequest) -> bool:
        """Send an order if the gate lets it pass; return whether it went."""

    def cancel(self, client_id: str, origin: str) -> bool:
        """Ask to take an order back; return whether the request went out."""

    def cancel_there(self, client_id: str, origin: str) -> None:
        """Ask to take an order back whatever is known of it here, and whether that was asked before or not."""

    def alert(self, severity: Severity, text: str) -> None:
        """Raise an alert for the person at the desk."""
