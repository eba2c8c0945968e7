"""How far the registry came, as a log elsewhere tells it: what was cut off at its end is found out by nothing that it holds itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.events import Event

_DIGITS: Final = 16
_THEN: Final = "touchline restore --to newest puts back what a backup has, touchline models accept takes the registry as it stands"


class End(NamedTuple):
    """The last event there is: its number, and the first digits of its hash."""

    number: int = 0
    digest: str = ""

    def __str__(self) -> str:
        return f"event {self.number} {self.digest}".rstrip()


Witness = Callable[[], End]
"""Returns how far the registry came at least; it may have come further since."""


def nothing_told() -> End:
    """Return that nobody tells of the registry."""
    return End()


def end_of(events: Sequence[Event]) -> End:
    """Return where events end."""
    return End(events[-1].number, events[-1].hash[:_DIGITS]) if events else End()


def check_reaches(events: Sequence[Event], told: End) -> None:
    """Refuse events that do not come as far as was told, or came there on another way.

    Raises:
        ModelRefused: says what is missing, and what to do.
    """
    if len(events) < told.number:
        found = f"ends at event {len(events)}" if events else "is empty"
        raise ModelRefused(
            f"the registry {found}, and the audit log tells of event {told.number}: "
            f"its end was cut off, or an older one is in its place; {_THEN}"
        )
    if end_of(events[: told.number]) != told:
        raise ModelRefused(
            f"the registry, event {told.number}: it is another than the audit log tells of; {_THEN}"
        )
