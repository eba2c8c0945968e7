"""What is asked before real money is traded: each item by its id, in the order of the checklist."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum, unique
from typing import Final, NamedTuple


@unique
class Section(StrEnum):
    """The parts of the checklist."""

    SECURITY = "security"
    STORAGE = "storage"
    OBSERVABILITY = "observability"
    RESILIENCE = "resilience"
    TRADING = "trading"
    MODELS = "models"
    TESTS = "tests"
    OPERATIONS = "operations"


class Item(NamedTuple):
    """One question."""

    id: str
    title: str
    section: Section
    blocks: bool
    """Whether live trading stays disarmed until it is answered."""


_EVERY: Final = frozenset(range(1, 20))
_NONE: Final[frozenset[int]] = frozenset()


def _group(section: Section, name: str, blocking: frozenset[int], *titles: str) -> Iterator[Item]:
    for number, title in enumerate(titles, 1):
        yield Item(f"{name}-{number}", title, section, number in blocking)


def _security() -> Iterator[Item]:
    of = Section.SECURITY
    yield from _group(
        of,
        "SEC",
        frozenset({1, 2, 3, 4}),
        "no default or weak secrets in settings",
        "secrets in the keyring or a vault",
        "operators' passwords hashed with bcrypt",
        "the signing key is secure",
        "the rotation of keys is documented",
    )
    yield from _group(
        of,
        "AUTH",
        frozenset({1, 2, 4}),
        "sign-ins are limited",
        "five failures lock for five minutes",
        "failed sign-ins are logged and counted",
        "tokens can be revoked",
    )
    yield from _group(
        of,
        "JWT",
        _EVERY,
        "access tokens live 15 minutes at most",
        "a replayed refresh token ends its family",
        "revoked tokens are refused",
        "issuer, audience and algorithm are enforced",
    )
    yield from _group(
        of,
        "RED",
        _EVERY,
        "Redis is secured",
        "Redis wants a password",
        "Redis is pooled",
        "Redis fails closed",
    )
    yield from _group(
        of,
        "RATE",
        _NONE,
        "limits by kind of request",
        "connections are limited",
        "admins have higher limits",
        "answers say how the limits stand",
    )
    yield from _group(
        of,
        "NET",
        frozenset({1, 2, 3, 4}),
        "a valid certificate",
        "HSTS",
        "HTTP leads to HTTPS",
        "TLS 1.2 or newer",
        "a content security policy",
        "X-Frame-Options is DENY",
        "X-Content-Type-Options is nosniff",
        "a referrer policy",
        "only listed pages may ask",
        "no credentials across pages",
        "a page that asks first is answered",
    )


def _storage() -> Iterator[Item]:
    of = Section.STORAGE
    yield from _group(
        of,
        "DB",
        _NONE,
        "Redis keeps snapshots and an append-only file",
        "Redis has a memory limit",
        "Redis is backed up",
        "Redis is watched",
    )
    yield from _group(
        of,
        "DATA",
        frozenset({1, 3}),
        "the journal and backups are sealed",
        "connections are encrypted",
        "backups are encrypted and drilled",
        "how long data is kept",
    )


def _observability() -> Iterator[Item]:
    of = Section.OBSERVABILITY
    yield from _group(
        of,
        "MET",
        _NONE,
        "a Prometheus endpoint",
        "orders, portfolio and profit are measured",
        "processor, memory and disk are measured",
        "circuits are measured",
    )
    yield from _group(
        of,
        "LOG",
        _NONE,
        "the log is structured",
        "lines carry a correlation",
        "the log holds no secrets",
        "the log is collected",
    )
    yield from _group(
        of,
        "TRACE",
        _NONE,
        "traces are set up",
        "calls to venues are traced",
        "the database is traced",
        "traces cross processes",
    )
    yield from _group(
        of,
        "ALERT",
        _NONE,
        "an alert for critical errors",
        "an alert for open circuits",
        "an alert for errors that pile up",
        "an alert for processor, memory and disk",
    )


def _resilience() -> Iterator[Item]:
    of = Section.RESILIENCE
    yield from _group(
        of,
        "CB",
        _NONE,
        "circuits on every outside call",
        "circuits are tuned",
        "circuits recover",
        "there is a fallback",
    )
    yield from _group(
        of,
        "RETRY",
        _NONE,
        "retries back off with jitter",
        "retries are limited",
        "an order is never sent twice",
        "what can't succeed is not retried",
    )
    yield from _group(
        of,
        "TIME",
        _NONE,
        "HTTP takes 10 s at most",
        "the database has timeouts",
        "streams have timeouts",
        "services have timeouts",
    )
    yield from _group(
        of,
        "DEG",
        _NONE,
        "failures do not cascade",
        "fallbacks work",
        "errors are sentences",
        "what works goes on",
    )


def _trading() -> Iterator[Item]:
    of = Section.TRADING
    yield from _group(
        of,
        "MD",
        frozenset({1, 2}),
        "several sources with fallback",
        "quality filters",
        "market data within 1.5 s",
        "market data is cached",
    )
    yield from _group(
        of,
        "OMS",
        _EVERY,
        "orders are validated",
        "positions are limited",
        "no order passes the gate by",
        "paper is told from live",
    )
    yield from _group(
        of,
        "PF",
        _EVERY,
        "the portfolio's value is right",
        "positions are right",
        "profit and loss are right",
        "risk numbers are right",
    )


def _models() -> Iterator[Item]:
    of = Section.MODELS
    yield from _group(
        of,
        "ML",
        _NONE,
        "a registry of models",
        "versions of models",
        "loading and prediction",
        "models are watched",
    )
    yield from _group(
        of,
        "DP",
        _NONE,
        "a stable feature pipeline",
        "data is validated",
        "training data is good",
        "drift is detected",
    )


def _tests() -> Iterator[Item]:
    of = Section.TESTS
    yield from _group(
        of,
        "COV",
        _NONE,
        "sign-in covered to 80 %",
        "limiter covered to 80 %",
        "market data covered to 70 %",
        "circuits covered to 80 %",
    )
    yield from _group(
        of,
        "INT",
        _NONE,
        "the gateway against real clients",
        "databases, the real ones",
        "venues that speak the protocols",
        "WebSockets against real clients",
    )
    yield from _group(
        of,
        "SECT",
        _NONE,
        "ways around the sign-in are tried",
        "SQL injection is tried",
        "markup and escapes are tried",
        "limits are tried",
    )
    yield from _group(
        of,
        "PERF",
        _NONE,
        "the gateway under load",
        "WebSockets under load",
        "the database under load",
        "memory over time",
        "HTTP connections are kept",
        "database connections are kept",
        "Redis connections are kept",
        "nothing leaks",
    )


def _operations() -> Iterator[Item]:
    of = Section.OPERATIONS
    yield from _group(
        of,
        "ENV",
        _EVERY,
        "ENVIRONMENT is production",
        "no debugging",
        "quiet logs",
        "no development endpoints",
    )
    yield from _group(
        of,
        "RES",
        _NONE,
        "processor and memory are limited",
        "the disk has room and is watched",
        "bandwidth suffices",
        "several desks share the work",
    )
    yield from _group(
        of,
        "DOC",
        _NONE,
        "deployment",
        "configuration",
        "monitoring",
        "incidents",
        "the interface for programs",
        "sign-in and tokens",
        "rate limits",
        "error codes",
    )
    yield from _group(
        of,
        "BAK",
        _NONE,
        "backups are taken by themselves",
        "backups are encrypted",
        "how many backups are kept",
        "a backup lies elsewhere",
    )
    yield from _group(
        of,
        "REC",
        _NONE,
        "a restore to a point in time",
        "a whole restore",
        "the time that a restore takes",
        "what a restore may lose",
    )
    yield from _launch()


def _launch() -> Iterator[Item]:
    of = Section.OPERATIONS
    yield from _group(
        of,
        "LAUNCH",
        _NONE,
        "every component is well",
        "metrics are collected",
        "alerts are tried",
        "logs are collected",
        "answers are quick",
        "errors are at most 0.1 %",
        "memory is steady",
        "the processor has room",
        "sign-in works",
        "limits hold",
        "HTTP leads to HTTPS",
        "security headers are there",
    )
    yield from _group(
        of,
        "SIGN",
        _NONE,
        "security",
        "infrastructure",
        "quality assurance",
        "development",
        "product",
        "risk management",
        "compliance",
        "operations",
    )
    yield from _group(
        of,
        "ROLL",
        _NONE,
        "stop new orders",
        "preserve logs and metrics",
        "tell who has to know",
        "the version before",
        "restore the account",
        "verify",
        "resume",
        "the post-mortem",
        "what was learned",
        "what is corrected",
        "who authorises",
    )


ITEMS: Final[tuple[Item, ...]] = (
    *_security(),
    *_storage(),
    *_observability(),
    *_resilience(),
    *_trading(),
    *_models(),
    *_tests(),
    *_operations(),
)
"""All of them."""
BY_ID: Final = {item.id: item for item in ITEMS}
