"""Reads the facts: the settings, what keeps secrets, files, the shared Redis; asks nobody who runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.composition.brokers import check_live
from engine.config import Settings, settings_of
from engine.desk.redis_check import findings, servers_of
from engine.environment import is_production
from engine.errors import ConfigError, EngineError
from engine.folders import Folders
from engine.messages.redis_findings import Finding, Verdict
from engine.ports.secrets import AskPassphrase, Secrets
from engine.preflight.backups_kept import backup_facts
from engine.preflight.facts import Facts, root
from engine.preflight.figures import PLACE as FIGURES
from engine.preflight.figures import read_figures, this_machine
from engine.preflight.gateway_shown import gateway_facts
from engine.preflight.machine import machine_facts
from engine.preflight.models_kept import model_facts
from engine.preflight.operation_facts import ModelFacts, TimerFacts
from engine.preflight.proof import read_proof, room_hashes
from engine.preflight.rehearsals import rollback_facts
from engine.preflight.secrets_kept import audit_facts, key_facts, operator_facts
from engine.preflight.sign_offs import SignOff
from engine.preflight.timers import timer_facts
from engine.preflight.trials import trials
from engine.readings.samples import METRICS
from engine.risk.limits import BUILT_IN, Limits
from engine.risk.limits_source import read_limits
from engine.security.audit.heads import head_in
from engine.security.credentials import read_credential
from engine.security.vault.choice import nobody, secrets_in
from engine.settings.redis import CREDENTIAL
from engine.stray_secrets import refuse_in_environment, refuse_in_file
from engine.toml_files import read_toml
from engine.version import program_version

Tell = Callable[[str], None]
"""Told what is read now."""
_RULE: Final = re.compile(r"-\s+alert:\s*(\w+)\s*\n\s*expr:\s*(.+(?:\n\s{8,}\S.*)*)")


class Place(NamedTuple):
    """Where everything is, and how it is opened."""

    folders: Folders
    settings_file: Path
    secrets: Secrets | None = None
    """What keeps our keys, opened already; None to open it as the settings say."""
    ask: AskPassphrase = nobody
    key_file: Path | None = None
    settings: Settings | None = None
    """Those in force; None to read the file."""
    whole: bool = True
    """Whether what keeps nothing from being armed is looked at too: models, the timer of the backups."""
    checkout: Path | None = None
    """Where the program, its pages and what its tests left behind lie; None for where this is."""


class Read(NamedTuple):
    """What was read."""

    facts: Facts
    signed: Mapping[str, SignOff]


def read(place: Place, tell: Tell = lambda _: None) -> Read:
    """Read everything once; what can't be read is told in the facts, and the rest is read."""
    tell("settings")
    base = _base(place)
    settings, folders = base.settings, place.folders
    tell("keys and operators")
    try:
        keeper = place.secrets or secrets_in(
            settings.vault, _key_file(place, settings.credentials.key_file), place.ask
        )
        of_backups: Secrets | None = place.secrets or secrets_in(
            settings.vault, _key_file(place, settings.backup.key_file), place.ask
        )
        of_models: Secrets | None = place.secrets
        if settings.models.key_file or of_models is None:
            of_models = secrets_in(settings.vault, _key_file(place, settings.models.key_file), place.ask)
        keys = key_facts(keeper, of_backups)
        opened: Secrets | None = keeper
    except EngineError as error:
        keys = key_facts(None, None, str(error))
        opened = of_backups = of_models = None
    tell("the audit log")
    audited = audit_facts(folders, head_in(settings.backup.folder, folders.data), of_backups)
    tell("the shared Redis")
    redis, trouble = _redis(settings, opened)
    tell("trials of sign-in, tokens and limits")
    tried = asyncio.run(trials())
    tell("backups, pages and source")
    facts = _with_files(base, place)
    backups = backup_facts(folders, settings, of_backups, timer_facts() if place.whole else TimerFacts())
    tell("models")
    return Read(
        replace(
            facts,
            keys=keys,
            operators=operator_facts(folders),
            audit=audited.facts,
            rollback=rollback_facts(folders, audited.entries),
            models=model_facts(folders.data, of_models) if place.whole else ModelFacts(),
            backups=backups,
            redis=redis,
            redis_trouble=trouble,
            trials=tried,
        ),
        audited.signed,
    )


def _key_file(place: Place, named: str) -> str:
    return str(place.key_file or named)


def _base(place: Place) -> Facts:
    """Return what the settings and the environment say."""
    settings, trouble = (place.settings, "") if place.settings else settings_at(place.settings_file)
    stray = _trouble(refuse_in_environment)
    limits, limits_trouble = _limits(place.folders.limits)
    limited = (
        limits.default.position_notional_max is not None and limits.default.order_notional_max is not None
    )
    return Facts(
        now_ns=SystemClock().now_ns(),
        production=is_production(),
        version=program_version(),
        settings=settings,
        settings_hash=_settings_hash(place),
        settings_trouble=trouble,
        stray=stray,
        limits_trouble=limits_trouble,
        limited=limited,
        live_trouble=_trouble(lambda: check_live(settings)),
        folders=place.folders,
        metric_names=frozenset(metric.name for metric in METRICS),
    )


def settings_at(path: Path) -> tuple[Settings, str]:
    """Return the settings as far as they can be read, and what is wrong with them."""
    if not path.exists():
        return Settings(), ""
    try:
        values = read_toml(path)
        settings = settings_of(values, path)
    except ConfigError as error:
        return Settings(), str(error)
    return settings, _trouble(lambda: refuse_in_file(values, path))


def _settings_hash(place: Place) -> str:
    """Return the hash of the files that people write; empty where there are none."""
    found = [_hash(path) for path in (place.settings_file, place.folders.limits)]
    return "-".join(found) if any(found) else ""


def _limits(path: Path) -> tuple[Limits, str]:
    if not path.exists():
        return BUILT_IN, ""
    try:
        return read_limits(path), ""
    except ConfigError as error:
        return BUILT_IN, str(error)


def _trouble(look: Callable[[], object]) -> str:
    try:
        look()
    except EngineError as error:
        return str(error)
    return ""


def _redis(settings: Settings, secrets: Secrets | None) -> tuple[tuple[Finding, ...], str]:
    """Return what is found at the Redis that is named, or why it can't be asked."""
    if not settings.redis.address:
        return (), ""

    async def ask() -> tuple[Finding, ...]:
        credential = read_credential(secrets, CREDENTIAL) if secrets is not None else None
        return tuple(
            [
                each
                for server in servers_of(settings.redis)
                async for each in findings(server, credential, SystemClock())
            ]
        )

    try:
        found = asyncio.run(ask())
    except EngineError as error:
        return (), str(error)
    unanswered = [each.found for each in found if each.name == "answer" and each.verdict is Verdict.CHANGE]
    return found, unanswered[0] if unanswered else ""


def _with_files(facts: Facts, place: Place) -> Facts:
    checkout, settings = place.checkout or root(), facts.settings
    docs = checkout / "docs"
    pages = {
        path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in docs.rglob("*.md")
    }
    gateway, certificate = gateway_facts(settings.gateway)
    return replace(
        facts,
        example_trouble=_example_trouble(docs / "config.example.toml"),
        certificate=certificate,
        gateway=gateway,
        machine=machine_facts(facts.folders, settings, facts.now_ns),
        alert_rules=_rules(docs / "prometheus"),
        rooms=room_hashes(root()),
        pages=pages,
        proof=read_proof(checkout),
        figures=read_figures(checkout / FIGURES),
        this_machine=this_machine(),
    )


def _example_trouble(path: Path) -> str:
    if not path.exists():
        return ""
    return _trouble(lambda: refuse_in_file(read_toml(path), path, production=True))


def _rules(folder: Path) -> dict[str, str]:
    """Return the alert rules of a folder, by name."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yml"))]
    return {name: " ".join(rule.split()) for text in texts for name, rule in _RULE.findall(text)}


def _hash(path: Path) -> str:
    with suppress(OSError):
        return sha256(path.read_bytes()).hexdigest()[:16]
    return ""
