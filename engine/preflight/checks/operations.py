"""How it is run: production, the machine, pages, sign-offs."""

from __future__ import annotations

from typing import Final

from engine.gateway.refusals import Code
from engine.preflight.checks.check import ASK_LIVE, Check, Checks, documented
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, idle, judged, passed, unset, waits
from engine.preflight.proof import PROGRAM

FREE_BYTES_MIN: Final = 1 << 30
CAPACITIES: Final = (
    "security",
    "infrastructure",
    "qa",
    "development",
    "product",
    "risk",
    "compliance",
    "operations",
)
"""As what people sign off, in the order of SIGN-1 to SIGN-8."""
_DEVELOPMENT: Final = ("/docs", "/redoc", "/debug", "/test", "/console")


def _production(facts: Facts) -> Found:
    said = facts.machine.environment
    if not facts.production:
        return facts.missing(
            f"ENVIRONMENT is {said!r}" if said else "ENVIRONMENT is not set", "ENVIRONMENT=production"
        )
    if said.strip().lower() != "production":
        return failed(f"ENVIRONMENT is {said!r}, which only begins like it", "ENVIRONMENT=production")
    return passed("ENVIRONMENT is production")


def _no_debugging(facts: Facts) -> Found:
    found = facts.machine.debugging
    told = (
        f"debugging is on: {', '.join(found)}" if found else "no debugger, no development mode, asserts hold"
    )
    return judged(well=not found, evidence=told, remedy=f"unset {' '.join(found)}")


def _quiet(facts: Facts) -> Found:
    found = facts.machine.loud
    told = f"these log what they should not: {', '.join(found)}" if found else "nothing logs beside the log"
    return judged(well=not found, evidence=told, remedy=f"unset {' '.join(found)}")


def _no_development(facts: Facts) -> Found:
    wrong = [path for path in facts.gateway.paths if path in _DEVELOPMENT]
    told = facts.certificate.told
    if facts.strict and told is not None and told.is_development:
        wrong.append("a certificate for development")
    if facts.strict and facts.settings.journal.durability != "strict":
        wrong.append(f'journal.durability is "{facts.settings.journal.durability}"')
    evidence = ", ".join(wrong) or f"{len(facts.gateway.paths)} routes, none for development"
    return judged(
        well=not wrong, evidence=evidence, remedy="take it away; docs/deployment.md has the settings"
    )


def _machine_limited(facts: Facts) -> Found:
    found = facts.machine
    if facts.live is None or facts.live.status is None:
        return unset("what the system holds an engine to, one that runs tells", ASK_LIVE)
    if not found.memory_max or not found.cpu_max:
        told = f"memory {found.memory_max or 'without limit'}, processor {found.cpu_max or 'without limit'}"
        return unset(told, "systemd: MemoryMax= and CPUQuota=")
    return passed(f"memory {found.memory_max}, processor {found.cpu_max}")


def _disk(facts: Facts) -> Found:
    free = facts.machine.free_bytes
    return judged(
        well=free >= FREE_BYTES_MIN,
        evidence=f"{free / (1 << 30):.1f} GiB are free at {facts.folders.data}",
        remedy="make room, or move TOUCHLINE_HOME to a larger disk",
    )


def _bandwidth(facts: Facts) -> Found:
    del facts
    return waits(
        "what the line carries can't be seen from here; touchline connect VENUE measures the way",
        "touchline signoff RES-3 --as infrastructure",
    )


def _shared(facts: Facts) -> Found:
    redis = facts.settings.redis
    if not redis.address:
        return idle("one desk, which shares nothing")
    if facts.redis_trouble:
        return failed(facts.redis_trouble, "touchline redis check")
    return passed(f"desks of the prefix {redis.prefix} share {redis.kind} {redis.address}")


def _signature(capacity: str) -> Check:
    """Return a check that waits for the signature of one part of the house."""

    def check(facts: Facts) -> Found:
        source = facts.rooms.get(PROGRAM, "")
        basis = f"version {facts.version}, source {source}, settings {facts.settings_hash or 'built in'}"
        return waits(basis, f"touchline signoff ID --as {capacity}", basis=basis)

    return check


CHECKS: Final[Checks] = {
    "ENV-1": _production,
    "ENV-2": _no_debugging,
    "ENV-3": _quiet,
    "ENV-4": _no_development,
    "RES-1": _machine_limited,
    "RES-2": _disk,
    "RES-3": _bandwidth,
    "RES-4": _shared,
    "DOC-1": documented("deployment.md", "touchline preflight"),
    "DOC-2": documented("configuration.md", "## "),
    "DOC-3": documented("monitoring.md", "Prometheus"),
    "DOC-4": documented("rollback.md", "touchline halt"),
    "DOC-5": documented("gateway.md", "/v1/"),
    "DOC-6": documented("auth-flows.md", "refresh"),
    "DOC-7": documented("rate-limits.md", "orders"),
    "DOC-8": documented("gateway.md", *Code),
    **{f"SIGN-{n}": _signature(capacity) for n, capacity in enumerate(CAPACITIES, 1)},
}
