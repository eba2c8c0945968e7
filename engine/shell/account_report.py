"""What an account did in a span of time, summed up from its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.model.ranks import nearest_rank

_NS_PER_MS: Final = 1_000_000

NEWEST: Mapping[str, str] = MappingProxyType(
    {"last": "SELECT max(time_ns) AS time_ns FROM audit WHERE time_ns >= ?1"}
)
"""Asks when the newest record was: a simulated market has a clock of its own."""
QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "kinds": "SELECT kind, count(*) AS count FROM audit WHERE time_ns >= ?1 GROUP BY kind",
        "denials": (
            "SELECT json_extract(each.value, '$.rule') AS name, count(*) AS count "
            "FROM audit, json_each(audit.body, '$.denials') AS each "
            "WHERE time_ns >= ?1 AND kind = 'OrderDenied' GROUP BY name ORDER BY count DESC, name"
        ),
        "rejects": (
            "SELECT json_extract(body, '$.reason') AS name, count(*) AS count FROM audit "
            "WHERE time_ns >= ?1 AND kind = 'RejectReport' GROUP BY name ORDER BY count DESC, name LIMIT 10"
        ),
        "answers": (
            "SELECT min(answer.time_ns) - sent.time_ns AS took_ns FROM audit AS sent JOIN audit AS answer "
            "ON answer.client_id = sent.client_id AND answer.sequence > sent.sequence "
            "AND answer.kind IN ('AcceptReport', 'RejectReport', 'FillReport') "
            "WHERE sent.time_ns >= ?1 AND sent.kind = 'OrderSubmitted' GROUP BY sent.client_id"
        ),
        "fills": (
            "SELECT fee_currency, fee, busted FROM fills WHERE event_ns >= ?1 ORDER BY event_ns"  # summed exactly
        ),
        "sessions": (
            "SELECT kind, time_ns, before_ns FROM (SELECT kind, time_ns, sequence, "
            "lag(time_ns) OVER (ORDER BY sequence) AS before_ns FROM audit WHERE time_ns >= ?1) "
            "WHERE kind IN ('SessionBegan', 'SessionEnded') OR before_ns IS NULL ORDER BY sequence"
        ),
        **NEWEST,
        "halts": (
            "SELECT time_ns, json_extract(body, '$.state') AS state, json_extract(body, '$.reason') AS reason, symbol "
            "FROM audit WHERE time_ns >= ?1 AND kind = 'TradingStateChanged' ORDER BY sequence DESC LIMIT 20"
        ),
    }
)
"""What has to be asked of the history; the one parameter is since when, ns UTC."""


class Span(Struct, frozen=True):
    """How long something took: how often, and the usual, the worst but one in a hundred, the worst."""

    count: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0


class Sessions(Struct, frozen=True):
    """When the engine ran."""

    began: int = 0
    not_ended: int = 0
    """Sessions that a later one found without an end: a crash, a kill, a loss of power."""
    up_s: int = 0
    """At least so long: a session without an end counts up to its last record."""


class Halt(Struct, frozen=True):
    """Trading was halted, reduced or resumed."""

    time_ns: int
    state: str
    reason: str
    symbol: str | None


class AccountReport(Struct, frozen=True):
    """What an account did."""

    sessions: Sessions
    orders: dict[str, int]
    denials: dict[str, int]
    """By rule; an order may be denied by several."""
    rejects: dict[str, int]
    """By the venue's reason, the ten that came most often."""
    answered: Span
    """From an order's record to the first word of the broker about it, by the journal's clock."""
    fills: int
    busted: int
    fees: dict[str, str]
    halts: tuple[Halt, ...]


_ORDERS: Final = MappingProxyType(
    {
        "submitted": "OrderSubmitted",
        "denied": "OrderDenied",
        "amend denied": "AmendDenied",
        "accepted": "AcceptReport",
        "rejected": "RejectReport",
        "cancelled": "CancelReport",
        "expired": "ExpireReport",
        "fate unknown": "LostReport",
        "adopted": "OrderAdopted",
    }
)


def account_report(found: Mapping[str, Sequence[Mapping[str, Any]]], since_ns: int) -> AccountReport:
    """Sum up what the queries found."""
    kinds = {row["kind"]: row["count"] for row in found["kinds"]}
    kept = [row for row in found["fills"] if not row["busted"]]
    return AccountReport(
        sessions=_sessions(found["sessions"], found["last"][0]["time_ns"], since_ns),
        orders={name: kinds.get(kind, 0) for name, kind in _ORDERS.items()},
        denials={row["name"]: row["count"] for row in found["denials"]},
        rejects={row["name"]: row["count"] for row in found["rejects"]},
        answered=span_of(row["took_ns"] / _NS_PER_MS for row in found["answers"]),
        fills=len(kept),
        busted=len(found["fills"]) - len(kept),
        fees=_fees(kept),
        halts=tuple(Halt(**row) for row in found["halts"]),
    )


def span_of(values_ms: Iterable[float]) -> Span:
    """Return how long things took; percentiles are of the nearest rank."""
    values = sorted(values_ms)
    p50, p99, most = (round(nearest_rank(values, percent), 3) for percent in (50, 99, 100))
    return Span(len(values), p50, p99, most)


def _fees(fills: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    fees: dict[str, Decimal] = {}
    for row in fills:
        fees[row["fee_currency"]] = fees.get(row["fee_currency"], Decimal(0)) + Decimal(row["fee"])
    return {currency: f"{fee:f}" for currency, fee in sorted(fees.items())}


def _sessions(rows: Sequence[Mapping[str, Any]], last_ns: int | None, since_ns: int) -> Sessions:
    """Walk through beginnings and ends; the first row is the first record of all, whatever it is."""
    began = not_ended = up_ns = 0
    running_ns: int | None = None
    for row in rows:
        time_ns, before_ns = row["time_ns"], row["before_ns"]
        if before_ns is None and row["kind"] != "SessionBegan":
            running_ns = since_ns
        if row["kind"] == "SessionBegan":
            if running_ns is not None:
                not_ended += 1
                up_ns += before_ns - running_ns
            began, running_ns = began + 1, time_ns
        elif row["kind"] == "SessionEnded" and running_ns is not None:
            up_ns, running_ns = up_ns + time_ns - running_ns, None
    if running_ns is not None and last_ns is not None:
        up_ns += last_ns - running_ns
    return Sessions(began, not_ended, up_ns // NS_PER_S)
