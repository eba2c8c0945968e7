"""Records of the journal as the first programs had them: what came since is taken out, and what that loses is told.

Up there is nothing to do: what came since has a default, so that a record of any age is read as it lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from engine.messages.events import PairSubmitted

KINDS_SINCE: Final = frozenset(
    {
        "AccountTaken",
        "DividendBooked",
        "FlattenAsked",
        "FlattenEnded",
        "PairSubmitted",
        "PositionSplit",
        "TradingArmed",
        "TradingDisarmed",
        "TrailReport",
    }
)
"""Kinds of record that schema 0 has not."""
NEVER_LOST: Final = frozenset({"DividendBooked", "PositionSplit"})
"""Kinds that no one may leave out: without them a position is another."""
FIELDS_SINCE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AcceptReport": frozenset({"again"}),
        "AccountMarked": frozenset({"day_end_ns"}),
        "AmendOrder": frozenset({"correlation"}),
        "BarClosed": frozenset({"long_volume", "long_turnover"}),
        "BrokerOrder": frozenset({"group"}),
        "CancelOrder": frozenset({"correlation"}),
        "CancelRejectReport": frozenset({"kind", "unsent"}),
        "CancelReport": frozenset({"filled"}),
        "ExpireReport": frozenset({"filled"}),
        "LinkReport": frozenset({"cancels_alone"}),
        "LostReport": frozenset({"to_order"}),
        "NotFoundReport": frozenset({"question"}),
        "OrderSubmitted": frozenset({"bid", "ask"}),
        "RejectReport": frozenset({"kind"}),
        "SessionEnded": frozenset({"reason"}),
        "StatusReport": frozenset({"question"}),
        "StockReport": frozenset({"question"}),
        "TradingStateChanged": frozenset({"firm_version", "who", "correlation"}),
    }
)
"""Fields that records of schema 0 have not."""


class Lowered(NamedTuple):
    """A record as schema 0 has it."""

    records: tuple[Struct, ...]
    """Empty where it is of a kind that schema 0 has not, two where it said at once what that one says twice."""
    lost: dict[str, object]
    """What it can't hold, by where it was; empty where nothing is lost."""


def lower(record: Struct) -> Lowered:
    """Return a record as the first programs had it."""
    lost: dict[str, object] = {}
    if isinstance(record, PairSubmitted):
        pair = (("stop.", record.stop), ("target.", record.target))
        return Lowered(tuple(_lowered(each, where, lost) for where, each in pair), lost)
    if type(record).__name__ in KINDS_SINCE:
        return Lowered((), {"": record})
    return Lowered((_lowered(record, "", lost),), lost)


def _lowered(record: Struct, where: str, lost: dict[str, object]) -> Struct:
    plain = _without(record, where, lost)
    return record if plain is record else _like(type(record).__name__, tuple(plain))(*plain.values())


def _without(value: Any, where: str, lost: dict[str, object]) -> Any:
    """Return a value without the fields that came since: itself where there are none, else a dict in place of a record."""
    if isinstance(value, Struct):
        return _struct(value, where, lost)
    if isinstance(value, tuple):
        items = [_without(item, f"{where}{number}.", lost) for number, item in enumerate(value)]
        return value if all(map(_same, items, value)) else items
    return value


def _struct(value: Struct, where: str, lost: dict[str, object]) -> Any:
    since = FIELDS_SINCE.get(type(value).__name__, frozenset())
    left: dict[str, Any] = {}
    is_same = not since
    for field in msgspec.structs.fields(type(value)):
        found = getattr(value, field.name)
        if field.name in since:
            if found != field.default:
                lost[f"{where}{field.name}"] = found
            continue
        left[field.name] = _without(found, f"{where}{field.name}.", lost)
        is_same = is_same and left[field.name] is found
    return value if is_same else left


def _same(one: object, other: object) -> bool:
    return one is other


@cache
def _like(kind: str, fields: tuple[str, ...]) -> type[Struct]:
    return msgspec.defstruct(kind, [(field, Any) for field in fields])
