"""What tells how it goes: metrics, the log, traces, alerts."""

from __future__ import annotations

from typing import Final

from engine.errors import ConfigError
from engine.observe.span_export import check_library
from engine.preflight.checks.check import ASK_CHECKOUT, Check, Checks
from engine.preflight.facts import Facts
from engine.preflight.found import Found, failed, judged, passed, unset, waits
from engine.transport.address import checked_url, is_loopback

_EXPORTER: Final = '[metrics] enabled = true, host = "127.0.0.1"'
_RULES: Final = "write the rule into docs/prometheus/, and have Prometheus load it"


def _endpoint(facts: Facts) -> Found:
    metrics = facts.settings.metrics
    where = f"{metrics.host}:{metrics.port}"
    if not metrics.enabled:
        return failed("the exporter is off", _EXPORTER)
    if not is_loopback(metrics.host):
        return failed(f"the exporter listens at {where}, which others reach", _EXPORTER)
    if facts.live is not None and facts.live.metrics_trouble:
        return failed(facts.live.metrics_trouble, "touchline status says whether an engine runs")
    if facts.live is not None:
        return passed(f"{len(facts.live.metrics):,} series at {where}")
    return passed(f"{len(facts.metric_names):,} metrics are to be served at {where}")


def _measured(*parts: str) -> Check:
    """Return a check that there are metrics of these parts: a name has one of the words of each."""

    def check(facts: Facts) -> Found:
        names = {key.partition("{")[0] for key in facts.live.metrics} if facts.live is not None else set()
        there = names | facts.metric_names if not names or _is_this_version(facts) else names
        missing = [part for part in parts if not any(_has(name, part) for name in there)]
        source = "exported" if names else "to be exported"
        told = (
            f"no metric of: {', '.join(missing)}" if missing else f"{source}: metrics of {', '.join(parts)}"
        )
        return judged(well=not missing, evidence=told, remedy="install a version that measures it")

    return check


def _is_this_version(facts: Facts) -> bool:
    """Tell whether the engine that runs is of this version: what it exports has no series as long as there is nothing of it."""
    series = facts.live.metrics if facts.live is not None else {}
    version = f'version="{facts.version}"'
    return any(name.startswith("touchline_build_info{") and version in name for name in series)


def _has(name: str, part: str) -> bool:
    return any(f"_{word}" in name for word in part.split("/"))


def _structured(facts: Facts) -> Found:
    if facts.machine.log_trouble:
        return failed(facts.machine.log_trouble, "look at the file; a desk goes on behind it")
    if not facts.machine.log_line:
        return unset("there is no log yet", "open a desk: touchline")
    return passed(f"the last line is JSON: {facts.machine.log_line}")


def _correlated(facts: Facts) -> Found:
    if not facts.machine.log_line:
        return unset("there is no log yet", "open a desk: touchline")
    count = facts.machine.correlations
    if not count:
        return unset(
            "no line of the newest carries a correlation", "ask the gateway something: touchline serve"
        )
    return passed(f"{count:,} of the newest lines carry a correlation")


def _no_secrets(facts: Facts) -> Found:
    if facts.trials.trouble:
        return failed(f"it could not be tried: {facts.trials.trouble}", "touchline preflight once more")
    well = facts.trials.redacts
    return judged(
        well=well,
        evidence=f"tried: a planted secret was {'hidden' if well else 'written'}",
        remedy="this version is not fit; install another",
    )


def _collected(facts: Facts) -> Found:
    told = f"whether somebody collects {facts.folders.logs}/*.log can't be seen from here"
    return waits(told, "touchline signoff LOG-4 --as operations", basis="collection of the log")


def _traced(what: str) -> Check:
    """Return a check that spans are sent, these among them; with an engine that runs, that they arrive."""

    def check(facts: Facts) -> Found:
        endpoint = facts.settings.traces.endpoint
        if not endpoint:
            return unset("[traces] endpoint names no collector", "[traces] endpoint: docs/traces.md")
        try:
            check_library()
            checked_url("traces.endpoint", endpoint, "https")
        except ConfigError as error:
            return failed(str(error), "put it right in the settings")
        if facts.live is not None and not facts.live.metrics_trouble:
            arrived = facts.live.metrics.get("touchline_spans_exported_total", 0)
            told = f"{arrived:,.0f} spans have arrived at {endpoint}"
            return judged(well=arrived > 0, evidence=told, remedy="docs/runbooks/traces.md")
        return passed(f"spans {what} go to {endpoint}")

    return check


def _alerted(*groups: str) -> Check:
    """Return a check that there is a rule about each: one of these words is in its name or expression."""

    def check(facts: Facts) -> Found:
        if not facts.alert_rules:
            return unset("docs/prometheus/ has no alert rules", _RULES if facts.pages else ASK_CHECKOUT)
        found = {
            group: next(
                (name for name, rule in facts.alert_rules.items() if _speaks_of(group, name, rule)), ""
            )
            for group in groups
        }
        missing = [group for group, name in found.items() if not name]
        told = f"no rule about {', '.join(missing)}" if missing else f"rules: {', '.join(found.values())}"
        return judged(well=not missing, evidence=told, remedy=_RULES)

    return check


def _speaks_of(group: str, name: str, rule: str) -> bool:
    text = f"{name} {rule}".lower()
    return any(word in text for word in group.split("/"))


CHECKS: Final[Checks] = {
    "MET-1": _endpoint,
    "MET-2": _measured("orders", "position", "equity", "pnl"),
    "MET-3": _measured("cpu", "memory", "disk/free"),
    "MET-4": _measured("circuit/breaker"),
    "LOG-1": _structured,
    "LOG-2": _correlated,
    "LOG-3": _no_secrets,
    "LOG-4": _collected,
    "TRACE-1": _traced("of every order"),
    "TRACE-2": _traced("of calls to venues"),
    "TRACE-3": _traced("of the database"),
    "TRACE-4": _traced("across processes"),
    "ALERT-1": _alerted("critical/down/fail"),
    "ALERT-2": _alerted("circuit/breaker"),
    "ALERT-3": _alerted("error/reject/refus"),
    "ALERT-4": _alerted("cpu", "memory", "disk"),
}
