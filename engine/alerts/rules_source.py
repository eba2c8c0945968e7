"""Where the rules come from: a file over the built-in ones, that may change while the desk runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from engine.alerts.built_in import BUILT_IN
from engine.alerts.rule import Rule, validate
from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.toml_files import convert_toml, read_toml

RULES_MAX: Final = 200
NAME_MAX: Final = 64
_Stamp = tuple[int, int, int]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rule: dict[str, dict[str, Any]] = {}


class RulesSource:
    """The rules in force; a wrong file changes nothing. Nothing is read before `reload`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rules: Mapping[str, Rule] = BUILT_IN
        self.said = "built-in rules"
        """Where they came from, and when they were saved."""
        self.trouble = ""
        """Why the file as it is now is not in force; empty where it is."""
        self._stamp: _Stamp | None = None

    def changed_on_disk(self) -> bool:
        """Tell whether the file is another than the one last read, good or bad; one system call."""
        return self._look() != self._stamp

    def reload(self) -> str:
        """Read the file again, and return what happened as a sentence; without a file, the built-in rules.

        Raises:
            ConfigError: the file is wrong; the rules in force stay as they were.
        """
        self._stamp = self._look()
        if self._stamp is None:
            rules, self.said = BUILT_IN, "built-in rules"
        else:
            try:
                rules = read_rules(self.path)
            except ConfigError as error:
                self.trouble = str(error)
                raise
            saved = datetime.fromtimestamp(self._stamp[0] // NS_PER_S, UTC)
            self.said = f"{self.path.name}, saved {saved:%Y-%m-%d %H:%M} UTC"
        self.rules, self.trouble = rules, ""
        return f"{len([rule for rule in rules.values() if rule.enabled])} alert rules in force: {self.said}"

    def _look(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def read_rules(path: Path) -> Mapping[str, Rule]:
    """Read a file of rules over the built-in ones, setting by setting.

    Raises:
        ConfigError: names the file, the rule, the setting and what it expects.
    """
    tables = convert_toml(read_toml(path), _File, path).rule
    try:
        rules = {**BUILT_IN, **{name: _rule(name, table) for name, table in tables.items()}}
        _check(rules)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return rules


def _check(rules: Mapping[str, Rule]) -> None:
    if len(rules) > RULES_MAX:
        raise ConfigError(f"expected at most {RULES_MAX} rules, found {len(rules)}")
    for name, rule in rules.items():
        if not 0 < len(name) <= NAME_MAX:
            raise ConfigError(f"expected names of 1 to {NAME_MAX} characters, found {name[:NAME_MAX]!r}")
        validate(name, rule)


def _rule(name: str, table: dict[str, Any]) -> Rule:
    """Return what a file says of a rule, with what it leaves out as it is built in.

    A bound takes the place of the built-in one and of what goes with it.
    """
    base: dict[str, Any] = {}
    if name in BUILT_IN:
        base = {key: value for key, value in msgspec.to_builtins(BUILT_IN[name]).items() if value is not None}
    if {"above", "below", "equals"} & table.keys():
        for bound in ("above", "below", "equals", "clear_below", "clear_above"):
            base.pop(bound, None)
    try:
        return msgspec.convert({**base, **table}, Rule, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"rule.{name[:NAME_MAX]}: {error}") from error
