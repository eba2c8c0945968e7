"""Ways to break one thing of a sound set-up, each for real, and to read it anew."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.composition.brokers import check_live
from engine.folders import Folders
from engine.gateway.answers import SECURITY_HEADERS
from engine.gateway.pages import Pages
from engine.ports.revocations import Turn
from engine.ports.secrets import Credential
from engine.preflight import reading
from engine.preflight.backups_kept import backup_facts
from engine.preflight.facts import DAY_NS, Facts
from engine.preflight.gateway_shown import gateway_facts
from engine.preflight.machine import machine_facts
from engine.preflight.operation_facts import TimerFacts
from engine.preflight.secrets_kept import audit_facts, key_facts, operator_facts
from engine.preflight.trials import trials
from engine.security.audit.entry import Act
from engine.security.audit.log import AuditLog
from engine.security.credentials import keep_credential
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.rates.table import TABLE, Kind, Quotas
from engine.security.signing import SECRET_NAME
from engine.security.tokens.claims import LIFE_MAX_S
from engine.security.tokens.claims import Kind as Token
from engine.security.tokens.keys import SigningKeys, VerifyingKey
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.security.tokens.verifier import Verifier
from engine.security.vault.key_file import KeyFile
from engine.settings.redis import CREDENTIAL, RedisSettings
from engine.stray_secrets import refuse_in_environment
from tests.preflight_home import PASSWORD, RULES, PreflightHome
from tests.redis_server import RedisServer
from tests.tls_pair import Pair

Break = Callable[["Bench"], Facts]


class Bench(NamedTuple):
    """A sound set-up, and what a break needs to break something of it."""

    home: PreflightHome
    facts: Facts
    bare: RedisServer
    """A Redis as it comes."""
    patch: pytest.MonkeyPatch
    scratch: Path

    @property
    def folders(self) -> Folders:
        """Return empty folders."""
        return Folders(*(self.scratch / name for name in ("config", "data", "cache", "logs")))

    def of(self, section: str, **changes: object) -> Facts:
        """Return the facts with other settings in one section."""
        settings = self.facts.settings
        return replace(
            self.facts,
            settings=replace(settings, **{section: replace(getattr(settings, section), **changes)}),
        )

    def tried(self) -> Facts:
        return replace(self.facts, trials=asyncio.run(trials()))

    def shown(self, **changes: Any) -> Facts:
        """Return the facts of a gateway with other settings."""
        facts = self.of("gateway", **changes)
        gateway, certificate = gateway_facts(facts.settings.gateway)
        return replace(facts, gateway=gateway, certificate=certificate)

    def around(self, folders: Folders | None = None) -> Facts:
        found = machine_facts(
            folders or self.home.folders, self.facts.settings, self.facts.now_ns, os.environ
        )
        return replace(self.facts, machine=found)

    def audited(self, *acts: Act) -> Facts:
        """Return the facts with an audit log of these acts alone."""
        log = AuditLog(self.folders.data / "audit.log", SystemClock())
        for act in acts:
            log.write(act)
        return replace(self.facts, audit=audit_facts(self.folders).facts)

    def kept(self, change: Callable[[Path], object]) -> Facts:
        """Return the facts with the backups changed."""
        copy = self.scratch / "backups"
        shutil.copytree(self.home.root / "backups", copy)
        change(copy / "paper")
        facts = self.of("backup", folder=str(copy))
        return replace(
            facts, backups=backup_facts(facts.folders, facts.settings, self.home.vault, TimerFacts())
        )

    def asked(self, settings: RedisSettings) -> Facts:
        facts = replace(self.facts, settings=replace(self.facts.settings, redis=settings))
        found, trouble = reading._redis(facts.settings, self.home.vault)
        return replace(facts, redis=found, redis_trouble=trouble)


def weak_example(b: Bench) -> Facts:
    example = b.scratch / "config.example.toml"
    example.write_text('[redis]\npassword = "changeme"\n', encoding="utf-8")
    return replace(b.facts, example_trouble=reading._example_trouble(example))


def secret_in_environment(b: Bench) -> Facts:
    b.patch.setenv("TOUCHLINE_PASSWORD", "slow Ospreys over 9 lochs")
    return replace(b.facts, stray=reading._trouble(refuse_in_environment))


def cheap_password(b: Bench) -> Facts:
    Register(OperatorFile(b.folders.operators), SystemClock(), 4).add("bob", Role.ADMIN, PASSWORD)
    return replace(b.facts, operators=operator_facts(b.folders))


def regular_key(b: Bench) -> Facts:
    raw = b"\7" * 32
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    secrets = KeyFile(b.scratch / "keys")
    secrets.set(SECRET_NAME, SigningKeys("k", {"k": raw}, {"k": VerifyingKey(public)}).encoded())
    return replace(b.facts, keys=key_facts(secrets, secrets))


def weak_redis_password(b: Bench) -> Facts:
    secrets = KeyFile(b.scratch / "keys")
    keep_credential(secrets, CREDENTIAL, Credential("desk", "correct-horse-battery-staple"))
    return replace(b.facts, keys=key_facts(secrets, secrets))


def patched(name: str, value: object) -> Break:
    """Return a break of the program itself, seen by trying it."""

    def broken(b: Bench) -> Facts:
        b.patch.setattr(name, value)
        return b.tried()

    return broken


def other_quota(kind: Kind, quotas: Quotas | None) -> Break:
    def broken(b: Bench) -> Facts:
        if quotas is None:
            rest = {each: quota for each, quota in TABLE.items() if each is not kind}
            b.patch.setattr("engine.preflight.trials.TABLE", rest)  # an item put back would come last
        else:
            b.patch.setitem(TABLE, kind, quotas)
        return b.tried()

    return broken


def never_over(b: Bench) -> Facts:
    b.patch.setattr(Revocations, "_is_over", lambda _self, _claims: False)
    return b.tried()


def long_life(b: Bench) -> Facts:
    b.patch.setitem(LIFE_MAX_S, Token.ACCESS, 3_600)
    return b.tried()


async def _always_turned(*_: object) -> Turn:
    return Turn.TURNED


def replays_taken(b: Bench) -> Facts:
    b.patch.setattr(SqliteRevocations, "turn_family", _always_turned)
    return b.tried()


def anybodys_token(b: Bench) -> Facts:
    b.patch.setattr(Verifier, "_fault", lambda *_: None)
    return b.tried()


def changed_audit(b: Bench) -> Facts:
    log = b.folders.data / "audit.log"
    log.parent.mkdir(mode=0o700)
    content = (b.home.folders.data / "audit.log").read_bytes()
    log.touch(0o600)
    log.write_bytes(content.replace(b"key-made", b"key-mado", 1))
    return replace(b.facts, audit=audit_facts(b.folders).facts)


def cut_audit(b: Bench) -> Facts:
    """Return the facts with an audit log that ends before the head that the backup signed."""
    log, head = b.folders.data / "audit.log", b.home.root / "backups" / "audit.head"
    log.parent.mkdir(mode=0o700)
    log.touch(0o600)
    log.write_bytes(b"".join((b.home.folders.data / "audit.log").read_bytes().splitlines(keepends=True)[:2]))
    found = audit_facts(b.folders, head, b.home.vault).facts
    assert "it was cut off" in found.trouble
    return replace(b.facts, audit=found)


def shown_pair(make: Callable[[Pair], None]) -> Break:
    def broken(b: Bench) -> Facts:
        pair = Pair(b.scratch)
        make(pair)
        return b.shown(certificate_file=str(pair.path), key_file=str(pair.key_path))

    return broken


def without_header(name: str) -> Break:
    def broken(b: Bench) -> Facts:
        left = tuple(pair for pair in SECURITY_HEADERS if pair[0] != name)
        b.patch.setattr("engine.preflight.gateway_shown.SECURITY_HEADERS", left)
        return b.shown()

    return broken


def credentials_allowed(b: Bench) -> Facts:
    check = Pages.check
    b.patch.setattr(
        Pages,
        "check",
        lambda self, headers: {**check(self, headers), "Access-Control-Allow-Credentials": "true"},
    )
    return b.shown()


def never_asked_first(b: Bench) -> Facts:
    b.patch.setattr(Pages, "preflight", lambda *_: None)
    return b.shown()


def unsealed(b: Bench) -> Facts:
    return b.kept(lambda folder: next(folder.glob("*.base")).write_bytes(b"open to everybody") and None)


def backup_dated(days: int) -> Break:
    def broken(b: Bench) -> Facts:
        def age(folder: Path) -> None:
            for path in folder.iterdir():
                os.utime(path, ns=(b.facts.now_ns + days * DAY_NS,) * 2)

        return b.kept(age)

    return broken


def drilled(figures: str) -> Break:
    def broken(b: Bench) -> Facts:
        return b.audited(
            Act(who="ann", what="backup-drilled", origin="shell", subject="paper", after=figures)
        )

    return broken


def drilled_on(days: int) -> Break:
    return lambda b: replace(b.facts, audit=replace(b.facts.audit, drilled_ns=b.facts.now_ns + days * DAY_NS))


def without_metric(part: str) -> Break:
    return lambda b: replace(
        b.facts, metric_names=frozenset(name for name in b.facts.metric_names if part not in name)
    )


def logged(line: bytes) -> Break:
    def broken(b: Bench) -> Facts:
        b.folders.logs.mkdir()
        (b.folders.logs / "touchline.log").write_bytes(line)
        return b.around(b.folders)

    return broken


def without_rule(word: str) -> Break:
    def broken(b: Bench) -> Facts:
        head, *rules = RULES.split("      - alert:")
        left = [rule for rule in rules if word not in rule.lower()]
        (b.scratch / "x.yml").write_text("      - alert:".join([head, *left]), encoding="utf-8")
        return replace(b.facts, alert_rules=reading._rules(b.scratch))

    return broken


def constant(name: str, value: object) -> Break:
    def broken(b: Bench) -> Facts:
        b.patch.setattr(f"engine.preflight.checks.resilience.{name}", value)
        return b.facts

    return broken


def surrounded(name: str, value: str) -> Break:
    def broken(b: Bench) -> Facts:
        b.patch.setenv(name, value)
        return b.around()

    return broken


def bad_limits(b: Bench) -> Facts:
    path = b.scratch / "limits.toml"
    path.write_text("[default]\nposition_notional_max = -1\n", encoding="utf-8")
    return replace(b.facts, limits_trouble=reading._limits(path)[1])


def paper_name_on_live(b: Bench) -> Facts:
    facts = b.of("account", live=True)
    return replace(facts, live_trouble=reading._trouble(lambda: check_live(facts.settings)))


def full_disk(b: Bench) -> Facts:
    b.patch.setattr("engine.preflight.machine.shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    return b.around()


def filters_off(b: Bench) -> Facts:
    market = b.facts.settings.market
    return b.of("market", filters=replace(market.filters, outlier=False))


def plain_venue(b: Bench) -> Facts:
    venues = b.facts.settings.venues
    return b.of("venues", kraken=replace(venues.kraken, stream_url="ws://ws.kraken.com/v2"))
