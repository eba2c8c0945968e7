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


_LIST: Final = """\
security:
SEC-1 ! no default or weak secrets in settings
SEC-2 ! secrets in the keyring or a vault
SEC-3 ! operators' passwords hashed with bcrypt
SEC-4 ! the signing key is secure
SEC-5 the rotation of keys is documented
AUTH-1 ! sign-ins are limited
AUTH-2 ! five failures lock for five minutes
AUTH-3 failed sign-ins are logged and counted
AUTH-4 ! tokens can be revoked
JWT-1 ! access tokens live 15 minutes at most
JWT-2 ! a replayed refresh token ends its family
JWT-3 ! revoked tokens are refused
JWT-4 ! issuer, audience and algorithm are enforced
RED-1 ! Redis is secured
RED-2 ! Redis wants a password
RED-3 ! Redis is pooled
RED-4 ! Redis fails closed
RATE-1 limits by kind of request
RATE-2 connections are limited
RATE-3 admins have higher limits
RATE-4 answers say how the limits stand
NET-1 ! a valid certificate
NET-2 ! HSTS
NET-3 ! HTTP leads to HTTPS
NET-4 ! TLS 1.2 or newer
NET-5 a content security policy
NET-6 X-Frame-Options is DENY
NET-7 X-Content-Type-Options is nosniff
NET-8 a referrer policy
NET-9 only listed pages may ask
NET-10 no credentials across pages
NET-11 a page that asks first is answered

storage:
DB-1 Redis keeps snapshots and an append-only file
DB-2 Redis has a memory limit
DB-3 Redis is backed up
DB-4 Redis is watched
DATA-1 ! the journal and backups are sealed
DATA-2 connections are encrypted
DATA-3 ! backups are encrypted and drilled
DATA-4 how long data is kept

observability:
MET-1 a Prometheus endpoint
MET-2 orders, portfolio and profit are measured
MET-3 processor, memory and disk are measured
MET-4 circuits are measured
LOG-1 the log is structured
LOG-2 lines carry a correlation
LOG-3 the log holds no secrets
LOG-4 the log is collected
TRACE-1 traces are set up
TRACE-2 calls to venues are traced
TRACE-3 the database is traced
TRACE-4 traces cross processes
ALERT-1 an alert for critical errors
ALERT-2 an alert for open circuits
ALERT-3 an alert for errors that pile up
ALERT-4 an alert for processor, memory and disk

resilience:
CB-1 circuits on every outside call
CB-2 circuits are tuned
CB-3 circuits recover
CB-4 there is a fallback
RETRY-1 retries back off with jitter
RETRY-2 retries are limited
RETRY-3 an order is never sent twice
RETRY-4 what can't succeed is not retried
TIME-1 HTTP takes 10 s at most
TIME-2 the database has timeouts
TIME-3 streams have timeouts
TIME-4 services have timeouts
DEG-1 failures do not cascade
DEG-2 fallbacks work
DEG-3 errors are sentences
DEG-4 what works goes on

trading:
MD-1 ! several sources with fallback
MD-2 ! quality filters
MD-3 market data within 1.5 s
MD-4 market data is cached
OMS-1 ! orders are validated
OMS-2 ! positions are limited
OMS-3 ! no order passes the gate by
OMS-4 ! paper is told from live
PF-1 ! the portfolio's value is right
PF-2 ! positions are right
PF-3 ! profit and loss are right
PF-4 ! risk numbers are right

models:
ML-1 a registry of models
ML-2 versions of models
ML-3 loading and prediction
ML-4 models are watched
DP-1 a stable feature pipeline
DP-2 data is validated
DP-3 training data is good
DP-4 drift is detected

tests:
COV-1 sign-in covered to 80 %
COV-2 limiter covered to 80 %
COV-3 market data covered to 70 %
COV-4 circuits covered to 80 %
INT-1 the gateway against real clients
INT-2 databases, the real ones
INT-3 venues that speak the protocols
INT-4 WebSockets against real clients
SECT-1 ways around the sign-in are tried
SECT-2 SQL injection is tried
SECT-3 markup and escapes are tried
SECT-4 limits are tried
PERF-1 the gateway under load
PERF-2 WebSockets under load
PERF-3 the database under load
PERF-4 memory over time
PERF-5 HTTP connections are kept
PERF-6 database connections are kept
PERF-7 Redis connections are kept
PERF-8 nothing leaks

operations:
ENV-1 ! ENVIRONMENT is production
ENV-2 ! no debugging
ENV-3 ! quiet logs
ENV-4 ! no development endpoints
RES-1 processor and memory are limited
RES-2 the disk has room and is watched
RES-3 bandwidth suffices
RES-4 several desks share the work
DOC-1 deployment
DOC-2 configuration
DOC-3 monitoring
DOC-4 incidents
DOC-5 the interface for programs
DOC-6 sign-in and tokens
DOC-7 rate limits
DOC-8 error codes
BAK-1 backups are taken by themselves
BAK-2 backups are encrypted
BAK-3 how many backups are kept
BAK-4 a backup lies elsewhere
REC-1 a restore to a point in time
REC-2 a whole restore
REC-3 the time that a restore takes
REC-4 what a restore may lose
LAUNCH-1 every component is well
LAUNCH-2 metrics are collected
LAUNCH-3 alerts are tried
LAUNCH-4 logs are collected
LAUNCH-5 answers are quick
LAUNCH-6 errors are at most 0.1 %
LAUNCH-7 memory is steady
LAUNCH-8 the processor has room
LAUNCH-9 sign-in works
LAUNCH-10 limits hold
LAUNCH-11 HTTP leads to HTTPS
LAUNCH-12 security headers are there
SIGN-1 security
SIGN-2 infrastructure
SIGN-3 quality assurance
SIGN-4 development
SIGN-5 product
SIGN-6 risk management
SIGN-7 compliance
SIGN-8 operations
ROLL-1 stop new orders
ROLL-2 preserve logs and metrics
ROLL-3 tell who has to know
ROLL-4 the version before
ROLL-5 restore the account
ROLL-6 verify
ROLL-7 resume
ROLL-8 the post-mortem
ROLL-9 what was learned
ROLL-10 what is corrected
ROLL-11 who authorises
"""
"""Those with a `!` block."""


def _items() -> Iterator[Item]:
    section = Section.SECURITY
    for line in filter(None, _LIST.splitlines()):
        if line.endswith(":"):
            section = Section(line[:-1])
            continue
        name, _, title = line.partition(" ")
        yield Item(name, title.removeprefix("! "), section, title.startswith("! "))


ITEMS: Final[tuple[Item, ...]] = tuple(_items())
"""All of them."""
BY_ID: Final = {item.id: item for item in ITEMS}
