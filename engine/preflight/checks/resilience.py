"""What is done when others fail."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import Checks, proved
from engine.preflight.facts import Facts
from engine.preflight.found import Found, judged
from engine.security.tokens.sqlite_store import BUSY_MS
from engine.transport.breaker import FAILURES_MAX, OPEN_S
from engine.transport.http import TOTAL_S
from engine.transport.once import ONCE_S
from engine.transport.stream import DIAL_S, SILENCE_S

HTTP_S_MAX: Final = 10.0
SERVICE_MS_MAX: Final = 10_000
_REACHING: Final = ("engine/transport",)
_ORDERS: Final = ("engine/execution", "engine/adapters")
_VERSION: Final = "this version is not fit; install another"
_SIGNER: Final = "qa"


def _tuned(facts: Facts) -> Found:
    del facts
    told = f"a circuit opens after {FAILURES_MAX} failures, for {OPEN_S:g} s"
    return judged(well=2 <= FAILURES_MAX <= 10 and 1 <= OPEN_S <= 60, evidence=told, remedy=_VERSION)


def _http(facts: Facts) -> Found:
    del facts
    told = f"a read takes {TOTAL_S:g} s with all its tries, what is sent once {ONCE_S:g} s"
    return judged(well=0 < max(TOTAL_S, ONCE_S) <= HTTP_S_MAX, evidence=told, remedy=_VERSION)


def _database(facts: Facts) -> Found:
    del facts
    told = f"another process may hold a database for {BUSY_MS / 1_000:g} s"
    return judged(well=0 < BUSY_MS <= SERVICE_MS_MAX, evidence=told, remedy=_VERSION)


def _streams(facts: Facts) -> Found:
    del facts
    told = f"a stream is given up after {SILENCE_S:g} s of silence, a dial after {DIAL_S:g} s"
    return judged(well=0 < SILENCE_S <= 60 and 0 < DIAL_S <= 30, evidence=told, remedy=_VERSION)


def _services(facts: Facts) -> Found:
    redis, broker = facts.settings.redis, facts.settings.broker
    told = f"Redis has {redis.timeout_ms} ms, the broker {broker.ack_timeout_s:g} s to acknowledge"
    return judged(
        well=0 < redis.timeout_ms <= SERVICE_MS_MAX and 0 < broker.ack_timeout_s <= 60,
        evidence=told,
        remedy="[redis] timeout_ms of 1 to 10000, [broker] ack_timeout_s of at most 60",
    )


CHECKS: Final[Checks] = {
    "CB-1": proved(_SIGNER, _REACHING, ("tests.unit.engine.test_transport_breaker",)),
    "CB-2": _tuned,
    "CB-3": proved(_SIGNER, _REACHING, ("tests.unit.engine.test_transport_breaker",)),
    "CB-4": proved(_SIGNER, ("engine/market",), ("tests.unit.engine.test_market_failover_machine",)),
    "RETRY-1": proved(_SIGNER, _REACHING, ("tests.unit.engine.test_transport_http",)),
    "RETRY-2": proved(_SIGNER, _REACHING, ("tests.unit.engine.test_transport_http",)),
    "RETRY-3": proved(_SIGNER, _ORDERS, ("tests.simulation.test_simulation", "tests.crash.test_crash_loop")),
    "RETRY-4": proved(_SIGNER, _REACHING, ("tests.unit.engine.test_transport_http",)),
    "TIME-1": _http,
    "TIME-2": _database,
    "TIME-3": _streams,
    "TIME-4": _services,
    "DEG-1": proved(
        _SIGNER, _REACHING, ("tests.contract.test_kraken_faults", "tests.contract.test_binance_faults")
    ),
    "DEG-2": proved(_SIGNER, ("engine/market",), ("tests.unit.engine.test_market_failover_machine",)),
    "DEG-3": proved(_SIGNER, ("terminal",), ("tests.attack.test_what_a_fault_tells",)),
    "DEG-4": proved(_SIGNER, ("engine/store",), ("tests.functional.test_full_disk",)),
}
