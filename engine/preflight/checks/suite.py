"""What a run of the tests has proved of this source."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import Check, Checks, proved
from engine.preflight.facts import Facts
from engine.preflight.found import Found, judged, waits
from engine.preflight.proof import PROGRAM

_GATEWAY: Final = ("engine/gateway",)
_SIGN_IN: Final = ("engine/security/operators", "engine/security/tokens")
_DATA: Final = ("engine/market", "engine/adapters")


def _covered(floor: int, *rooms: str) -> Check:
    """Return a check that so many percent of these rooms were run by the tests."""

    def check(facts: Facts) -> Found:
        wanted = sorted({"/".join(room.split("/")[:2]) for room in rooms})
        basis = " ".join(f"{room}@{facts.rooms.get(room, 'gone')}" for room in wanted)
        remedy = "make test, or touchline signoff ID --as qa"
        proof = facts.proof
        if proof is None or any(proof.rooms.get(room) != facts.rooms.get(room) for room in wanted):
            ran = "no run of the tests is kept here" if proof is None else "the tests ran on another source"
            return waits(f"{ran}; source {basis}", remedy, basis=basis)
        reached = {room: proof.coverage.get(room, 0.0) for room in rooms}
        told = ", ".join(f"{room} {percent:.1f} %" for room, percent in reached.items())
        return judged(
            well=min(reached.values()) >= floor,
            evidence=told,
            remedy=f"tests that reach {floor} %; make test",
        )

    return check


def _gateway(*modules: str) -> Check:
    return proved("qa", _GATEWAY, modules)


CHECKS: Final[Checks] = {
    "COV-1": _covered(80, *_SIGN_IN),
    "COV-2": _covered(80, "engine/security/rates"),
    "COV-3": _covered(70, *_DATA),
    "COV-4": _covered(80, "engine/transport"),
    "INT-1": _gateway("tests.functional.test_gateway_page", "tests.attack.test_gateway_described"),
    "INT-2": proved(
        "qa",
        ("engine/desk", "engine/security"),
        ("tests.contract.test_rates", "tests.contract.test_revocations"),
    ),
    "INT-3": proved(
        "qa",
        ("engine/adapters",),
        (
            "tests.contract.test_kraken_source",
            "tests.contract.test_binance_source",
            "tests.contract.test_alpaca_source",
        ),
    ),
    "INT-4": _gateway("tests.unit.engine.test_gateway_stream"),
    "SECT-1": _gateway("tests.attack.test_gateway_routes", "tests.unit.engine.test_gateway_signing_in"),
    "SECT-2": proved("qa", (PROGRAM,), ("tests.attack.test_sql",)),
    "SECT-3": proved("qa", ("terminal",), ("tests.attack.test_terminal_escapes",)),
    "SECT-4": proved("qa", ("engine/security",), ("tests.contract.test_rates",)),
    "PERF-5": proved("qa", ("engine/transport",), ("tests.unit.engine.test_transport_connection",)),
    "PERF-6": proved("qa", ("engine/store",), ("tests.functional.test_real_program",)),
    "PERF-7": proved("qa", ("engine/desk",), ("tests.unit.engine.test_redis_link",)),
}
