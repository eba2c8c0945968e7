"""Everything that checks look at, read once: checks themselves read nothing, so the same facts give the same report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.config import Settings
from engine.control.status import Summary
from engine.folders import Folders
from engine.messages.redis_findings import Finding
from engine.preflight.found import Found, failed, unset
from engine.preflight.operation_facts import BackupFacts, Figures, ModelFacts, RollbackFacts
from engine.preflight.proof import Proof
from engine.security.tls.certificate import Certificate

DAY_NS = 86_400 * NS_PER_S
AHEAD_DAYS_MAX: Final = 1.0
"""So far after now something may be dated: clocks differ, and are set."""


class KeyFacts(Struct, frozen=True, kw_only=True):
    """Where secrets are kept, and which of ours are there."""

    place: str = ""
    trouble: str = ""
    """Why the place can't be asked."""
    signing: str = ""
    """The name of the key that signs tokens; never the key."""
    signing_bits: float = 0.0
    """How irregular its bytes are: Shannon's entropy times their number."""
    signing_trouble: str = ""
    backup: int = 0
    """How many keys open backups."""
    redis_weakness: str = ""
    """Why the password of Redis is easily guessed."""


class OperatorFacts(Struct, frozen=True, kw_only=True):
    """Who may sign in."""

    count: int = 0
    cost_min: int = 0
    """The lowest cost that a password is hashed at."""
    trouble: str = ""


class AuditFacts(Struct, frozen=True, kw_only=True):
    """What people did, as far as it is written down."""

    entries: int = 0
    trouble: str = ""
    drilled_ns: int = 0
    """When a backup was restored as a drill and found to be right; 0 for never."""
    recovery_time_s: float = 0.0
    recovery_point_s: float = 0.0


class CertificateFacts(Struct, frozen=True, kw_only=True):
    """What the gateway shows."""

    told: Certificate | None = None
    trouble: str = ""
    tls_min: str = ""
    """The oldest version of TLS that its listener speaks."""


class GatewayFacts(Struct, frozen=True, kw_only=True):
    """Where the gateway listens, and what each of its answers carries."""

    where: str = ""
    is_here: bool = True
    """Whether only this machine reaches it."""
    trouble: str = ""
    headers: Mapping[str, str] = {}
    """By name in small letters."""
    page: Mapping[str, str] = {}
    """What a page that is listed is told."""
    asked_first: Mapping[str, str] = {}
    """What it is told that asks whether it may ask."""
    page_trouble: str = ""
    stranger_refused: bool = True
    """Whether a page that is not listed is refused."""
    paths: tuple[str, ...] = ()


class Trials(Struct, frozen=True, kw_only=True):
    """What came of trying sign-in, lockout and tokens with throw-away keys and files."""

    quota: int = 0
    """Sign-ins in a minute from one place."""
    tried: int = 0
    """How many were let through when more came at once."""
    failures: int = 0
    """After so many the account waits."""
    locked_s: int = 0
    survives: bool = False
    """Whether it still waits after a restart."""
    noted: bool = False
    """Whether a failure is in the audit log."""
    access_s: int = 0
    revoked: bool = False
    family_ended: bool = False
    foreign_refused: Mapping[str, bool] = {}
    """Whether a token of another issuer, audience or algorithm opens nothing."""
    rates: Mapping[str, tuple[int, int]] = {}
    """Requests in a minute of each kind: of a user, of an admin."""
    sockets: tuple[int, int, int] = (0, 0, 0)
    """WebSockets of a user, of an admin, in all, that were let through."""
    rate_fields: tuple[str, ...] = ()
    redacts: bool = False
    """Whether a planted secret was hidden."""
    trouble: str = ""


class MachineFacts(Struct, frozen=True, kw_only=True):
    """What is around the program."""

    environment: str = ""
    """What ENVIRONMENT says."""
    debugging: tuple[str, ...] = ()
    """Names of what makes it debug."""
    loud: tuple[str, ...] = ()
    """Names of what makes it log more than it should."""
    free_bytes: int = 0
    memory_max: str = ""
    """The limit that the system holds it to; empty for none."""
    cpu_max: str = ""
    log_line: str = ""
    """The fields of the last line of the log; empty where there is none."""
    log_trouble: str = ""
    correlations: int = 0
    """How many of the newest lines carry one."""
    cached: int = 0
    """How many files keep market data for the next start."""
    overdue: int = 0
    """How many files had their time and are still there."""


class LiveFacts(Struct, frozen=True, kw_only=True):
    """What an engine that runs says of itself."""

    status: Summary | None = None
    trouble: str = ""
    metrics: Mapping[str, float] = {}
    """By name and labels, as they are exported."""
    metrics_trouble: str = ""
    gateway_ms: float = 0.0
    gateway_status: int = 0
    gateway_headers: Mapping[str, str] = {}
    gateway_trouble: str = ""
    redirect: str = ""
    """Where plain HTTP leads to."""
    requests: int = 0
    """Of the gateway's newest, as its log has them."""
    errors: int = 0
    limited: int = 0
    answer_p99_ms: float = 0.0
    """So long 99 of 100 of them took at most."""


class Facts(Struct, frozen=True, kw_only=True):
    """All of it."""

    now_ns: int
    production: bool
    version: str
    settings: Settings
    settings_hash: str = ""
    settings_trouble: str = ""
    """Why the settings can't be read, or why a secret in them may not be there."""
    stray: str = ""
    """Which secret is in an environment variable, by its name."""
    example_trouble: str = ""
    """Why the example of the settings is not fit to be copied."""
    limits_trouble: str = ""
    limited: bool = False
    """Whether positions and orders have limits."""
    live_trouble: str = ""
    """Why the account may not be a live one."""
    folders: Folders
    keys: KeyFacts = KeyFacts()
    operators: OperatorFacts = OperatorFacts()
    audit: AuditFacts = AuditFacts()
    redis: tuple[Finding, ...] = ()
    redis_trouble: str = ""
    certificate: CertificateFacts = CertificateFacts()
    gateway: GatewayFacts = GatewayFacts()
    trials: Trials = Trials()
    backups: BackupFacts = BackupFacts()
    machine: MachineFacts = MachineFacts()
    metric_names: frozenset[str] = frozenset()
    alert_rules: Mapping[str, str] = {}
    """Alert rules by name, each with its expression."""
    rooms: Mapping[str, str] = {}
    """The hash of each room's source."""
    pages: Mapping[str, str] = {}
    """The pages of the documentation, by their names."""
    proof: Proof | None = None
    """What a run of the tests left behind."""
    figures: Mapping[str, Figures] = {}
    """What runs of the benchmarks, the load and the soak measured, by run."""
    this_machine: str = ""
    models: ModelFacts = ModelFacts()
    rollback: RollbackFacts = RollbackFacts()
    sources: int | None = None
    """How many sources of market data the engine has; None where it was not asked."""
    live: LiveFacts | None = None
    """None where nobody asked."""

    @property
    def strict(self) -> bool:
        """Whether what is not set up is a fault: in production, and where real money is traded."""
        return self.production or self.settings.account.live

    def missing(self, evidence: str, remedy: str) -> Found:
        """Return that something is not set up, which is a fault where it counts."""
        return failed(evidence, remedy) if self.strict else unset(evidence, remedy)

    def is_fresh(self, since_ns: int, days_max: float) -> bool:
        """Tell whether something is no older than that; what is dated after now, as by a clock that was wrong, proves nothing."""
        return -AHEAD_DAYS_MAX <= self._age_days(since_ns) <= days_max

    def ago(self, since_ns: int, places: int = 0) -> str:
        """Say how long ago something was."""
        days = self._age_days(since_ns)
        if days < -AHEAD_DAYS_MAX:
            return f"dated {-days:.0f} days after now: a clock was wrong"
        return f"{max(0.0, days):.{places}f} days ago"

    def _age_days(self, since_ns: int) -> float:
        return (self.now_ns - since_ns) / DAY_NS


def root() -> Path:
    """Return the folder that the program's own packages lie in."""
    return Path(__file__).resolve().parents[2]
