"""The rules as a Prometheus takes them: the same numbers, bounds, waits and severities, so that both tell the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from engine.alerts.rule import Rule, Unit

HEAD: Final = (
    "# Made from the desk's own rules by `touchline alerts prometheus`: change alerts.toml, not this."
)
_WHOLE_MAX: Final = 1e15
"""Whole numbers from here on have an exponent."""
_STEP: Final = "5s"
"""How far apart Prometheus looks at what grows, which is how often it scrapes (prometheus.yml)."""
_BRACES: Final = re.compile(r"\{([a-zA-Z_]\w*)\}|[{}]", re.ASCII)
_VALUE: Final[Mapping[Unit, str]] = {
    "": "{{ $value }}",
    "percent": "{{ $value | humanizePercentage }}",
    "seconds": "{{ $value | humanizeDuration }}",
    "bytes": "{{ $value | humanize1024 }}B",
}


def rules_file(rules: Mapping[str, Rule]) -> str:
    """Return the rules that are on as a file of Prometheus, an alert each."""
    lines = [line for name, rule in rules.items() if rule.enabled for line in _alert(name, rule)]
    return "\n".join((HEAD, "groups:", "  - name: touchline-desk", "    rules:", *lines)) + "\n"


def alert_name(name: str) -> str:
    """Return what Prometheus calls the alert of a rule: `feed_stale` is `TouchlineFeedStale`."""
    return "Touchline" + "".join(part.capitalize() for part in re.split(r"[\W_]+", name))


def expression(rule: Rule) -> str:
    """Return when a rule is wrong, in PromQL."""
    number = _number(rule.metric + _where(rule), rule)
    if rule.of:
        whole = _grown(f"sum by (job, instance) ({rule.of})", rule)
        number = f"({number}) / on (job, instance) group_left () (({whole}) != 0)"
    if rule.above is not None:
        return f"{number} > {_exact(rule.above)}"
    if rule.below is not None:
        return f"{number} < {_exact(rule.below)}"
    assert rule.equals is not None, "a rule has a bound"
    return f"{number} == {_exact(rule.equals)}"


def _exact(number: float) -> str:
    return f"{number:.0f}" if number == int(number) and abs(number) < _WHOLE_MAX else repr(float(number))


def _number(selected: str, rule: Rule) -> str:
    if rule.by is not None:
        selected = f"sum by ({', '.join(('job', 'instance', *rule.by))}) ({selected})"
    return _grown(selected, rule)


def _grown(number: str, rule: Rule) -> str:
    """Return the growth of a counter, not extrapolated: one more is one more, as on the desk."""
    if not rule.grows_over_s:
        return number
    return f"{number} - min_over_time(({number})[{_duration(rule.grows_over_s)}:{_STEP}])"


def _where(rule: Rule) -> str:
    if not rule.where:
        return ""
    return "{" + ", ".join(_matcher(label, values) for label, values in rule.where.items()) + "}"


def _matcher(label: str, values: str) -> str:
    if "|" not in values:
        return f"{label}={_quoted(values)}"
    return f"{label}=~{_quoted('|'.join(map(re.escape, values.split('|'))))}"


def _alert(name: str, rule: Rule) -> Iterator[str]:
    yield f"      - alert: {alert_name(name)}"
    yield f"        expr: {_plain(expression(rule))}"
    if rule.for_s:
        yield f"        for: {_duration(rule.for_s)}"
    if rule.clear_for_s:
        yield f"        keep_firing_for: {_duration(rule.clear_for_s)}"
    yield "        labels:"
    yield f"          severity: {rule.severity.value}"
    yield "        annotations:"
    yield f"          summary: {_quoted(_summary(rule))}"


def _summary(rule: Rule) -> str:
    """Return what the desk says, with the places filled in by Prometheus."""

    def filled(found: re.Match[str]) -> str:
        label = found[1]
        if label is None:
            return f'{{{{ "{found[0]}" }}}}'  # a brace that means nothing to us means nothing to Prometheus
        return _VALUE[rule.unit] if label == "value" else f"{{{{ $labels.{label} }}}}"

    return _BRACES.sub(filled, rule.text or f"{rule.metric} is {{value}}")


def _duration(seconds: float) -> str:
    return f"{seconds:g}s" if seconds == int(seconds) else f"{seconds * 1000:.0f}ms"


def _quoted(text: str) -> str:
    """Return a text in quotes that mean the same to PromQL and to YAML."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '\\"':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _plain(text: str) -> str:
    """Return a text of one line as YAML in which quotes can be read."""
    return "'" + text.replace("'", "''") + "'"
