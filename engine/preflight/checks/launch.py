"""What an engine that runs says of itself after a launch."""

from __future__ import annotations

from typing import Final

from engine.preflight.checks.check import ASK_LIVE, Check, Checks
from engine.preflight.checks.network import CHECKS as NETWORK
from engine.preflight.facts import Facts, LiveFacts
from engine.preflight.found import Found, Status, failed, idle, judged, passed, unset, waits

ERRORS_MAX: Final = 0.001
ANSWER_MS_MAX: Final = 500.0
LAG_MS_MAX: Final = 50.0
MEMORY_MAX: Final = 2 << 30


def _live(judge: Check) -> Check:
    """Return a check of an engine that runs; where nobody asked one, nothing is known."""

    def check(facts: Facts) -> Found:
        if facts.live is None:
            return unset("an engine that runs tells", ASK_LIVE)
        if facts.live.trouble:
            return failed(facts.live.trouble, "touchline, or touchline serve, starts one")
        return judge(facts)

    return check


def _of_gateway(judge: Check) -> Check:
    """Return a check of a gateway that runs; a desk may have none."""

    def check(facts: Facts) -> Found:
        if _asked(facts).gateway_trouble:
            return unset(_asked(facts).gateway_trouble, "touchline serve, or --serve beside a desk")
        return judge(facts)

    return _live(check)


def _asked(facts: Facts) -> LiveFacts:
    assert facts.live is not None
    return facts.live


def _well(facts: Facts) -> Found:
    status = _asked(facts).status
    unwell = status.unwell if status is not None else ()
    told = "; ".join(f"{row.name} is {row.state}: {row.detail or row.value}" for row in unwell[:4])
    return judged(
        well=not unwell, evidence=told or "every row of the health pane is well", remedy="touchline status"
    )


def _metrics(facts: Facts) -> Found:
    live = _asked(facts)
    if live.metrics_trouble:
        return failed(live.metrics_trouble, "[metrics] enabled = true")
    return passed(f"{len(live.metrics):,} series were read")


def _alerts_tried(facts: Facts) -> Found:
    rules = ", ".join(sorted(facts.alert_rules)) or "none"
    return waits(
        f"rules: {rules}; whether one reached a person can't be seen", "touchline signoff ID --as operations"
    )


def _collected(facts: Facts) -> Found:
    del facts
    return waits(
        "whether the log arrived where it is collected can't be seen", "touchline signoff ID --as operations"
    )


def _quick(facts: Facts) -> Found:
    live = _asked(facts)
    told = f"the gateway answered {live.gateway_status} in {live.gateway_ms:.0f} ms"
    return judged(well=live.gateway_ms <= ANSWER_MS_MAX, evidence=told, remedy="touchline status")


def _errors(facts: Facts) -> Found:
    live = _asked(facts)
    if not live.requests:
        return unset("the gateway was asked nothing yet", "ask it something, then look again")
    share = live.errors / live.requests
    told = f"{live.errors} of the newest {live.requests:,} requests ended in an error of ours, {share:.2%}"
    return judged(
        well=share <= ERRORS_MAX, evidence=told, remedy="gateway.log has each, with its correlation"
    )


def _memory(facts: Facts) -> Found:
    held = _asked(facts).metrics.get("touchline_resident_memory_bytes")
    if held is None:
        return unset("the exporter does not say", "[metrics] enabled = true")
    told = f"{held / (1 << 20):,.0f} MiB are held, at most {MEMORY_MAX >> 20:,}"
    return judged(well=held <= MEMORY_MAX, evidence=told, remedy="touchline status; end and start it anew")


def _processor(facts: Facts) -> Found:
    lag_ms = _asked(facts).metrics.get('touchline_health_value{component="loop_lag"}')
    if lag_ms is None:
        return unset("the exporter does not say", "[metrics] enabled = true")
    told = f"the loop wakes {lag_ms:.1f} ms late (p99)"
    return judged(
        well=lag_ms <= LAG_MS_MAX, evidence=told, remedy="fewer symbols, or a machine with more room"
    )


def _sign_in(facts: Facts) -> Found:
    status = _asked(facts).gateway_status
    return judged(
        well=status == 401,
        evidence=f"without a token the gateway answered {status}",
        remedy="end the gateway; install another version",
    )


def _limited(facts: Facts) -> Found:
    said = _asked(facts).gateway_headers.get("ratelimit-policy", "")
    told = (
        f"RateLimit-Policy: {said}"
        if said
        else f"{_asked(facts).limited} requests were refused for the limit"
    )
    if not said and not _asked(facts).limited:
        return unset("nobody signed in, so no limit was told", "ask the gateway with a token")
    return passed(told)


def _redirect(facts: Facts) -> Found:
    live = _asked(facts)
    if not facts.settings.gateway.redirect_port:
        return idle("gateway.redirect_port is 0: there is no plain HTTP")
    told = f"plain HTTP leads to {live.redirect or 'nothing'}"
    return judged(well=live.redirect.startswith("https://"), evidence=told, remedy="touchline serve")


def _headers(facts: Facts) -> Found:
    found = {name: NETWORK[name](facts) for name in ("NET-5", "NET-6", "NET-7", "NET-8")}
    wrong = [name for name, each in found.items() if each.status is not Status.PASS]
    told = (
        f"not there: {', '.join(wrong)}"
        if wrong
        else f"{len(found)} headers of an answer are as they should be"
    )
    return judged(well=not wrong, evidence=told, remedy="look for a proxy that takes them away")


CHECKS: Final[Checks] = {
    "LAUNCH-1": _live(_well),
    "LAUNCH-2": _live(_metrics),
    "LAUNCH-3": _live(_alerts_tried),
    "LAUNCH-4": _live(_collected),
    "LAUNCH-5": _of_gateway(_quick),
    "LAUNCH-6": _of_gateway(_errors),
    "LAUNCH-7": _live(_memory),
    "LAUNCH-8": _live(_processor),
    "LAUNCH-9": _of_gateway(_sign_in),
    "LAUNCH-10": _of_gateway(_limited),
    "LAUNCH-11": _of_gateway(_redirect),
    "LAUNCH-12": _of_gateway(_headers),
}
