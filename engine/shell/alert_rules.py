"""The rules of alerts as a person asks for them, and the secret that webhooks are signed with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from engine.alerts.built_in import BUILT_IN
from engine.alerts.prometheus import rules_file
from engine.alerts.rule import Rule
from engine.alerts.rules_source import read_rules
from engine.credentials import Credential, Credentials
from engine.settings.alerts import CREDENTIAL

__all__ = ("checked", "for_prometheus", "new_secret")

SECRET_BYTES = 32


def checked(path: Path) -> list[str]:
    """Return the rules that a file comes to, a line each; without a file the built-in ones.

    Raises:
        ConfigError: it is wrong; names the rule, the setting and what it expects.
    """
    rules = _rules(path)
    lines = [f"{name:18} {_in_words(rule)}" for name, rule in rules.items()]
    return [*lines, f"{sum(rule.enabled for rule in rules.values())} rules in force"]


def for_prometheus(path: Path) -> str:
    """Return the rules that a file comes to as a rules file of Prometheus; without a file the built-in ones.

    Raises:
        ConfigError: it is wrong; names the rule, the setting and what it expects.
    """
    return rules_file(_rules(path))


def new_secret(kept: Credentials) -> str:
    """Make a secret, keep it in place of the one before, and return it.

    Raises:
        SecretsError: it could not be kept.
    """
    secret = secrets.token_hex(SECRET_BYTES)
    kept.keep(CREDENTIAL, Credential("webhook", secret))
    return secret


def _rules(path: Path) -> Mapping[str, Rule]:
    return read_rules(path) if path.exists() else BUILT_IN


def _in_words(rule: Rule) -> str:
    if not rule.enabled:
        return "off"
    bound = (
        f"above {rule.above:g}"
        if rule.above is not None
        else f"below {rule.below:g}"
        if rule.below is not None
        else f"at {rule.equals:g}"
    )
    number = f"growth of {rule.metric} in {rule.grows_over_s:g} s" if rule.grows_over_s else rule.metric
    share = f" / {rule.of}" if rule.of else ""
    held = f" for {rule.for_s:g} s" if rule.for_s else ""
    return f"{rule.severity.value:9} {number}{share} {bound}{held}"
