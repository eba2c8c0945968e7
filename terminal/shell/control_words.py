"""A desk's status for a person to read in a shell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from engine.clock import NS_PER_S
from engine.control.status import BrokerStatus, Scope, Summary
from engine.messages.commands import TradingState
from engine.messages.risk_views import ArmingView


def in_words(status: Summary) -> str:
    """Write a status as lines of a name and what there is to say."""
    return "\n".join(f"{name:10} {text}" for name, text in _lines(status))


def _lines(status: Summary) -> Iterator[tuple[str, str]]:
    yield "account", f"{status.mode.upper()} {status.account}{_arming(status.arming)}"
    up = timedelta(seconds=int(status.uptime_s))
    yield "desk", f"process {status.pid}, run {status.run}, up {up}, version {status.version}"
    trading = status.trading
    yield "trading", _scope(trading.everything)
    if trading.firm.state is not TradingState.ACTIVE and trading.firm.reason != trading.everything.reason:
        yield "", _scope(trading.firm)
    for scope in (*trading.symbols, *trading.strategies):
        yield "", f"{scope.name}: {_scope(scope)}"
    working = status.working
    yield (
        "orders",
        _listed(f"{working.count} working", [f"{name} {count}" for name, count in working.by_symbol.items()]),
    )
    for each in status.flattening:
        yield "flattening", f"{each.symbol}, waits for {', '.join(each.waits) or 'nothing'}"
    if status.unknown:
        yield "unknown", f"{', '.join(status.unknown)}: fate not known"
    yield "broker", _broker(status.broker)
    yield "positions", _listed("", [f"{name} {size}" for name, size in status.positions.items()]) or "none"
    yield "breaks", "; ".join(status.breaks) or "none"
    journal = status.journal
    refusal = f"; refuses new orders: {journal.refusal}" if journal.refusal else ""
    yield "journal", f"record {journal.sequence}, safe up to {journal.durable}{refusal}"
    if status.state_hash is not None:
        yield "state", status.state_hash
    for row in status.unwell:
        yield "health", f"{row.name} {row.state.upper()}: {row.value} ({row.detail})"
    feed = status.feed
    yield "feed", f"{feed.source}: {feed.state}, {feed.value} ({feed.detail})"


def _arming(arming: ArmingView) -> str:
    if not arming.armed:
        return f", DISARMED: {arming.reason} (F12 at the desk arms)"
    return ", ARMED" if arming.needs_name else ""


def _scope(scope: Scope) -> str:
    if scope.state is TradingState.ACTIVE:
        return scope.state.value
    since = datetime.fromtimestamp(scope.since_ns // NS_PER_S, UTC)
    return f"{scope.state.value.upper()}: {scope.reason} (since {since:%Y-%m-%d %H:%M:%S} UTC)"


def _broker(broker: BrokerStatus) -> str:
    if not broker.age_s and not broker.reason:
        return f"{broker.name}: {broker.phase}"
    why = f": {broker.reason}" if broker.reason else ""
    return f"{broker.name}: {broker.phase.upper()} for {broker.age_s} s{why}"


def _listed(head: str, items: list[str]) -> str:
    listed = ", ".join(items)
    return f"{head}: {listed}" if head and listed else head or listed
