"""The units under a systemd that runs: started as the page says, held to their limits, stopped, killed, broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import coinbase_bench, kraken_bench
from tests.documented import blocks, page, section
from tests.init_system import COMMAND, InitSystem
from tests.preflight_home import PASSWORD
from tests.redis_server import free_port
from tests.vault_shell import PASSPHRASE, VaultShell
from tests.waiting import wait_until

HOME = "/srv/touchline"
ADMINISTRATION = "/srv/administration"
SERVICE, BACKUP = "touchline.service", "touchline-backup.service"
PLACE = section(page("docs/deployment.md"), "## A user and a place")
LIMITS = {
    "memory/{}/memory.limit_in_bytes": str(2 << 30),
    "pids/{}/pids.max": "128",
    "cpu/{}/cpu.cfs_quota_us": "200000",
    "cpu/{}/cpu.cfs_period_us": "100000",
}
"""Where the kernel keeps what it holds a service to."""
CAP_SYS_RESOURCE = 24

pytestmark = pytest.mark.pty


class Installed:
    """A system on which the pages about deployment and the service were followed, its venues on loopback."""

    def __init__(self, system: InitSystem, made: Path) -> None:
        self._system = system
        self.say, self.put = system.say, system.put
        self.put(f"{ADMINISTRATION}/passphrase", f"{PASSPHRASE}\n", "600")
        place, *_ = (block.splitlines() for block in blocks(PLACE, "text"))
        for line in place:
            if not line.startswith("pipx"):
                self.follow(line)
        self.put(f"{HOME}/.local/bin/touchline", COMMAND, "755", "touchline")
        self.say("cp", "-a", f"{made}/.", HOME)
        self.say("chown", "-R", "touchline:", HOME)
        self.say("ln", "-s", "/opt/touchline/docs", f"{ADMINISTRATION}/docs")
        self.say("systemctl", "start", "dbus.service")
        for line in blocks(page("docs/service.md"), "text")[0].splitlines():
            self.follow(line)

    def follow(self, line: str) -> str:
        """Say a line of a page, in root's own folder."""
        return self.say("sh", "-c", f"cd {ADMINISTRATION} && {line}")

    def ask(self, words: str, code: int | None = 0) -> str:
        """Say a command of the program as the user whom it belongs to, with the passphrase in an open file."""
        around = f"env -i TOUCHLINE_HOME={HOME} ENVIRONMENT=production PATH={HOME}/.local/bin:/usr/bin:/bin"
        return self.say(
            "sh",
            "-c",
            f"cd {HOME} && exec 3< {ADMINISTRATION}/passphrase && exec runuser -u touchline -- {around} {words}",
            code=code,
        )

    def told(self, *names: str, unit: str = SERVICE) -> tuple[str, ...]:
        """Return properties of a unit."""
        found = self.say("systemctl", "show", unit, f"--property={','.join(names)}")
        properties = dict(line.split("=", 1) for line in found.splitlines())
        return tuple(properties[name] for name in names)

    def lines(self, unit: str = SERVICE) -> str:
        """Return what a unit said, and systemd of it."""
        return self.say("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")

    def serve(self) -> str:
        """Have the service run; return the number of its process."""
        before = self.lines().count("is served at")
        if self.told("ActiveState") != ("active",):
            self.say("systemctl", "start", SERVICE)
            wait_until(lambda: self.lines().count("is served at") > before)
            assert "is served at" in self.told("StatusText")[0], "a start is over once programs are served"
        else:
            wait_until(lambda: "is served at" in self.lines())
        return self.told("MainPID")[0]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    root = tmp_path_factory.mktemp("systemd")
    with (
        InitSystem(root / "system") as system,
        kraken_bench.venue_with_books() as kraken,
        coinbase_bench.venue_with_books() as coinbase,
    ):
        venues = (
            f'[venues.kraken]\nstream_url = "{kraken.stream_url}"\nrest_url = "{kraken.rest_url}"\n'
            f'[venues.coinbase]\nstream_url = "{coinbase.stream_url}"\napi_url = "{coinbase.api_url}"\n'
        )
        yield Installed(system, made_home(root, venues))


def made_home(root: Path, venues: str) -> Path:
    """Make keys, an operator and the page's settings, on one host and without a Redis."""
    shell = VaultShell(root)
    shell.make_cheap()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOUCHLINE_HOME", str(root / "home"))
        patch.setenv("ENVIRONMENT", "production")
        assert shell.say("setup", "--operator", "ann", given=f"{PASSWORD}\n") == 0
    shell.vault.rename(root / "home" / "vault")
    shell.settings.write_text(
        f'{venues}[metrics]\nport = {free_port()}\n[gateway]\nlisten = "127.0.0.1:{free_port()}"\n'
        '[journal]\ndurability = "strict"\nencrypt = true\n[backup]\nfolder = "/srv/backups/touchline"\n'
        f'[vault]\nfile = "{HOME}/vault"\npassphrase_descriptor = 3\n',
        encoding="utf-8",
    )
    return root / "home"


def test_the_kernel_holds_the_service_to_its_limits(installed: Installed) -> None:
    pid = installed.serve()
    (group,) = installed.told("ControlGroup")
    for name, value in LIMITS.items():
        assert installed.say("cat", f"/sys/fs/cgroup/{name.format(group.strip('/'))}").strip() == value, name
    status = dict(
        line.split(":\t", 1)
        for line in installed.say("cat", f"/proc/{pid}/status").splitlines()
        if ":\t" in line
    )
    assert (status["NoNewPrivs"], status["Seccomp"], status["Umask"]) == ("1", "2", "0077")
    assert int(status["CapEff"], 16) == 0
    limits = installed.say("cat", f"/proc/{pid}/limits")
    assert "Max open files            4096                 4096" in limits
    assert "Max core file size        0                    0" in limits


def test_others_go_first_where_memory_runs_out(installed: Installed) -> None:
    """Where a machine lets nobody lower the score, as a container may, systemd goes on without."""
    (kept,) = re.findall(r"CapEff:\s+(\w+)", installed.say("cat", "/proc/1/status"))
    score = "-500" if int(kept, 16) >> CAP_SYS_RESOURCE & 1 else "0"
    assert installed.told("OOMScoreAdjust") == ("-500",)
    assert installed.say("cat", f"/proc/{installed.serve()}/oom_score_adj").strip() == score


def test_a_stop_is_an_end_in_order_and_a_kill_is_made_up_for(installed: Installed) -> None:
    installed.serve()
    installed.say("systemctl", "stop", SERVICE)
    assert installed.told("ActiveState", "Result") == ("inactive", "success")
    assert installed.lines().count("touchline: told to end (SIGTERM)") == 1
    pid = installed.serve()
    served = installed.lines().count("is served at")
    installed.say("kill", "-KILL", pid)
    wait_until(lambda: installed.lines().count("is served at") > served)
    assert installed.told("NRestarts", "ActiveState") == ("1", "active")
    told = installed.ask("touchline report")
    assert int(told.split(" sessions began")[0].split()[-1]) >= 3
    assert "1 session had no end" in told, "the one that was killed"


def test_an_engine_that_hangs_is_started_again(installed: Installed) -> None:
    installed.put(f"/run/systemd/system/{SERVICE}.d/soon.conf", "[Service]\nWatchdogSec=3\n")
    installed.say("systemctl", "daemon-reload")
    installed.say("systemctl", "stop", SERVICE)
    pid = installed.serve()
    (restarts,) = installed.told("NRestarts")
    installed.say("kill", "-STOP", pid)
    wait_until(lambda: installed.told("NRestarts", "ActiveState") == (str(int(restarts) + 1), "active"))
    assert "Watchdog timeout" in installed.lines()
    installed.say("rm", f"/run/systemd/system/{SERVICE}.d/soon.conf")
    installed.say("systemctl", "daemon-reload")


def test_a_setting_that_is_wrong_is_told_once_and_not_tried_again(installed: Installed) -> None:
    installed.say("systemctl", "stop", SERVICE)
    settings = f"{HOME}/config/config.toml"
    kept = installed.say("cat", settings)
    installed.put(settings, kept.replace('"strict"', '"never"'), "600", "touchline")
    installed.say("systemctl", "start", SERVICE, code=1)
    wait_until(lambda: installed.told("ActiveState") == ("failed",))
    assert installed.told("ExecMainStatus", "NRestarts", "SubState") == ("2", "0", "failed")
    assert "durability" in installed.lines()
    installed.put(settings, kept, "600", "touchline")
    installed.say("systemctl", "reset-failed", SERVICE)


def test_the_backup_of_the_timer_is_taken_and_proven(installed: Installed) -> None:
    installed.serve()
    installed.say("systemctl", "start", BACKUP)
    assert installed.told("Result", "ExecMainStatus", unit=BACKUP) == ("success", "0")
    assert "it is the one that was backed up" in installed.lines(BACKUP)


def test_the_checklist_reads_the_limits_and_the_timer_of_systemd(installed: Installed) -> None:
    installed.serve()
    rows = json.loads(installed.ask("touchline preflight --live --json", code=None))["rows"]
    found = {row["id"]: (row["status"], row["evidence"]) for row in rows}
    assert found["RES-1"] == ("pass", f"memory {2 << 30}, processor 200000 100000")
    status, evidence = found["BAK-1"]
    assert status == "pass"
    assert "touchline-backup.timer fires next" in evidence
