"""Market data, orders, the portfolio."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import ASK_LIVE, Check, Checks, proved
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, judged, passed, unset, waits

SCREEN_S_MAX: Final = 1.5
_ON_SCREEN: Final = 'touchline_source_to_screen_seconds{quantile="0.99"}'
_FILTERS: Final = ("crossed", "outlier", "stale", "out_of_order", "duplicate", "size", "sequence")
"""Locked quotes are legal in many markets."""
_FAILED_OVER: Final = proved(
    "qa",
    ("engine/market",),
    ("tests.unit.engine.test_market_failover", "tests.unit.engine.test_market_failover_machine"),
)


def _sources(facts: Facts) -> Found:
    if facts.sources is None:
        return _FAILED_OVER(facts)
    return judged(
        well=facts.sources > 1,
        evidence=f"the engine that runs has {facts.sources} sources of market data",
        remedy="touchline live VENUE SYMBOL --standby OTHER",
    )


def _filtered(facts: Facts) -> Found:
    market = facts.settings.market
    off = [
        f"{source or 'every source'}: {name}"
        for source, filters in (("", market.filters), *market.sources.items())
        for name in _FILTERS
        if not getattr(filters, name)
    ]
    off += ["market.filters.stale_after_s is 0"] if market.filters.stale_after_s <= 0 else []
    told = f"off: {', '.join(off)}" if off else f"on: {', '.join(_FILTERS)}"
    return judged(well=not off, evidence=told, remedy="[market.filters] with true for each")


def _quick(facts: Facts) -> Found:
    if facts.live is None or not facts.live.metrics:
        return waits(
            "how old a quote is on the screen, an engine that runs tells",
            f"{ASK_LIVE}; or touchline signoff MD-3 --as qa",
        )
    worst = facts.live.metrics.get(_ON_SCREEN)
    if worst is None:
        return unset("no quote was on a screen in the last minute", ASK_LIVE)
    return judged(
        well=worst <= SCREEN_S_MAX,
        evidence=f"{worst:.3f} s from the source to the screen (p99)",
        remedy="look at the rows feed, loop lag and conflation of the health pane",
    )


def _cached(facts: Facts) -> Found:
    if not facts.machine.cached:
        return unset("no live market was kept for the next start yet", "touchline live VENUE SYMBOL, once")
    return passed(f"{facts.machine.cached} files keep the market for the next start, {facts.folders.cache}")


def _limited(facts: Facts) -> Found:
    if facts.limits_trouble:
        return failed(facts.limits_trouble, "docs/limits.example.toml has the form")
    return judged(
        well=facts.limited,
        evidence="orders and positions have limits" if facts.limited else "a position has no limit",
        remedy="limits.toml: [default] position_notional_max and order_notional_max",
    )


def _paper(facts: Facts) -> Found:
    account = facts.settings.account
    if facts.live_trouble:
        return failed(facts.live_trouble, "docs/venues.md says what has to be set")
    kind = "a live account: it starts disarmed, and its name arms it" if account.live else "a paper account"
    return passed(f"{account.name} is {kind}")


def _portfolio(*modules: str) -> Check:
    return proved("risk", ("engine/portfolio",), tuple(f"tests.unit.engine.{each}" for each in modules))


CHECKS: Final[Checks] = {
    "MD-1": _sources,
    "MD-2": _filtered,
    "MD-3": _quick,
    "MD-4": _cached,
    "OMS-1": proved(
        "risk",
        ("engine/risk",),
        ("tests.unit.engine.test_risk_controls_order", "tests.unit.engine.test_risk_properties"),
    ),
    "OMS-2": _limited,
    "OMS-3": proved(
        "risk", ("engine/risk", "engine/execution"), ("tests.architecture.test_gate_is_on_every_path",)
    ),
    "OMS-4": _paper,
    "PF-1": _portfolio("test_portfolio_valuation", "test_portfolio_vectors"),
    "PF-2": _portfolio("test_portfolio_ledger", "test_portfolio_machine"),
    "PF-3": _portfolio("test_portfolio_vectors", "test_portfolio_machine"),
    "PF-4": _portfolio("test_portfolio_risk_numbers", "test_portfolio_risk_split"),
}
