"""A set-up on which the whole checklist holds, for tests that break one thing of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from engine.account.journal_cipher import journal_cipher
from engine.clock import SystemClock
from engine.config import (
    AccountSettings,
    BackupSettings,
    JournalSettings,
    MetricsSettings,
    Settings,
    VaultSettings,
)
from engine.folders import Folders
from engine.model.account import AccountMode
from engine.observe.logs import EventLog
from engine.ports.secrets import Credential
from engine.preflight.facts import Facts
from engine.preflight.proof import Outcome
from engine.preflight.reading import Place, read
from engine.security.credentials import keep_credential
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.vault.file_vault import FileVault
from engine.settings.gateway import GatewaySettings
from engine.settings.redis import CREDENTIAL, RedisSettings
from engine.settings.traces import TracesSettings
from engine.shell.backups import Backups
from engine.shell.keys import Keys
from engine.shell.model_backups import ModelBackups
from tests.documented import ROOT
from tests.engine_rooms import ABC, buying, composed
from tests.preflight_kept import measure, put_champion, rehearse
from tests.proof import kept
from tests.redis_server import RedisServer
from tests.tls_pair import Pair

PASSPHRASE = "seven grey geese over Hull"
PASSWORD = "nine green herons by Wick"
REDIS_PASSWORD = "four-tall-Larches-19-Oban"
REDIS_LINES = ("save 900 1", "appendonly yes", "maxmemory 64mb", "maxmemory-policy noeviction")
RULES = """\
groups:
  - name: touchline
    rules:
      - alert: ComponentDown
        expr: touchline_health_state == 2
      - alert: CircuitOpen
        expr: touchline_circuit_state == 2
      - alert: ErrorsPileUp
        expr: rate(touchline_gateway_errors_total[5m]) > 0.1
      - alert: ProcessorBusy
        expr: rate(process_cpu_seconds_total[5m]) > 0.9
      - alert: MemoryHigh
        expr: touchline_resident_memory_bytes > 2e9
      - alert: DiskFull
        expr: touchline_disk_free_bytes < 1e9
"""


def passphrase(place: str, *, new: bool) -> str:  # noqa: ARG001  # the port's own
    return PASSPHRASE


class PreflightHome:
    """Folders, keys, an operator, an account with a drilled backup, a certificate, and a checkout that was tested."""

    def __init__(self, root: Path, redis: RedisSettings) -> None:
        self.root = root
        self.folders = Folders(*(root / name for name in ("config", "data", "cache", "logs")))
        self.vault = FileVault(root / "vault", passphrase, cost_log2=10)
        self.pair = Pair(root)
        self.checkout = root / "checkout"
        self.settings = Settings(
            account=AccountSettings(name="PAPER-1"),
            journal=JournalSettings(encrypt=True),
            vault=VaultSettings(file=str(root / "vault")),
            backup=BackupSettings(folder=str(root / "backups")),
            redis=redis,
            gateway=GatewaySettings(
                listen="0.0.0.0:8730",
                hosts=["desk.example"],
                origins=["https://page.example"],
                certificate_file=str(self.pair.path),
                key_file=str(self.pair.key_path),
                redirect_port=8080,
            ),
            metrics=MetricsSettings(),
            traces=TracesSettings(endpoint="http://127.0.0.1:4318"),
        )
        self.make()

    def make(self) -> None:
        """Make all of it, in the order of `docs/deployment.md`."""
        clock = SystemClock()
        self.folders.data.mkdir(mode=0o700, parents=True)
        self.vault.set("of-the-test", b"")  # made at a cost that lets a test say many commands
        list(Keys(self.folders, self.settings, clock, passphrase).make())
        Register(OperatorFile(self.folders.operators), clock).add("ann", Role.ADMIN, PASSWORD)
        keep_credential(self.vault, CREDENTIAL, Credential("desk", REDIS_PASSWORD))
        self.pair.authorised(now_ns=clock.now_ns())
        with composed(
            self.root, mode=AccountMode.PAPER, cipher=journal_cipher(self.settings, passphrase)
        ) as rooms:
            rooms.orders.submit(buying(rooms, 5, symbol=ABC).request)
        backups = Backups(self.folders, self.settings, self.settings.backup, clock, passphrase)
        keys = backups.keys()
        put_champion(self.folders.data, self.vault, self.root)
        rehearse(self.folders)
        backups.take("paper", keys, lambda _done, _total: None, base=True)
        backups.drill("paper", keys)
        backups.sign_audit()
        ModelBackups(self.folders, backups.where, self.settings.backup, clock).take(keys)
        self._logs()
        (self.folders.cache / "market" / "kraken").mkdir(parents=True)
        (self.folders.cache / "market" / "kraken" / "BTC").write_bytes(b"x")
        self.make_checkout()

    def make_checkout(self, percent: float = 95.0) -> None:
        """Put the pages, the alert rules and what a run of the tests leaves into a checkout of their own."""
        shutil.copytree(ROOT / "docs", self.checkout / "docs", dirs_exist_ok=True)
        rules = self.checkout / "docs" / "prometheus"
        rules.mkdir(exist_ok=True)
        (rules / "sample.rules.yml").write_text(RULES, encoding="utf-8")
        for package in ("engine", "terminal"):
            if not (self.checkout / package).exists():
                (self.checkout / package).symlink_to(ROOT / package)
        names = [
            ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for path in (ROOT / "tests").rglob("test_*.py")
        ]
        rooms = {path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob("*") if path.is_dir()}
        measure(self.checkout)
        kept(self.checkout, dict.fromkeys(names, Outcome(passed=3)), dict.fromkeys(rooms, percent))

    def _logs(self) -> None:
        log = EventLog(self.folders.logs, SystemClock().now_ns)
        log.note("info", "request", correlation="abc")
        log.load()
        log.open()
        log.flush()
        log.close()

    def place(self) -> Place:
        """Return where everything is, the vault opened."""
        return Place(
            self.folders,
            self.folders.settings,
            self.vault,
            settings=self.settings,
            checkout=self.checkout,
        )

    def facts(self) -> Facts:
        """Read all of it anew."""
        return read(self.place()).facts


@contextmanager
def sound_home(root: Path) -> Iterator[tuple[PreflightHome, RedisServer]]:
    """Yield a sound home and the Redis that it shares, set up as their pages say."""
    root.mkdir(exist_ok=True)
    with RedisServer(root / "r", *REDIS_LINES) as server:
        with server.own() as own:
            own.acl_setuser("desk", enabled=True, passwords=[f"+{REDIS_PASSWORD}"])
            own.acl_setuser("default", enabled=False)
        settings = replace(server.settings, timeout_ms=5_000)
        yield PreflightHome(root, settings), server
