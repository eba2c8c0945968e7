"""The units for systemd: systemd takes them, and the program runs, ends and fails under them as they expect."""

from __future__ import annotations

import ctypes
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from terminal.__main__ import BAD_INPUT
from tests.documented import ROOT, code, page, rows, section
from tests.functional.test_gateway_page import SERVED, made_home
from tests.pty_desk import environment
from tests.vault_shell import PASSPHRASE, VaultShell

UNITS = sorted((ROOT / "docs" / "systemd").iterdir())
SERVICE = ROOT / "docs" / "systemd" / "touchline.service"
ANALYZE = shutil.which("systemd-analyze")
EXPOSURE_MAX = 15
"""Tenths of systemd's own figure."""
_NO_NEW_PRIVILEGES, _MEMORY_DENY_WRITE_EXECUTE = 38, 65
"""What systemd asks of the kernel by `prctl`."""

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed here")


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Return what a unit sets, each as often as it does."""
    found = defaultdict(list)
    for line in unit.read_text(encoding="utf-8").splitlines():
        name, given, value = line.partition("=")
        if given and not line.startswith("#"):
            found[name].append(value)
    return found


def confined() -> None:
    """Take on what the unit says of this process, before the program begins."""
    said = settings_of(SERVICE)
    for name, limit in (("LimitNOFILE", resource.RLIMIT_NOFILE), ("LimitCORE", resource.RLIMIT_CORE)):
        resource.setrlimit(limit, (int(said[name][0]),) * 2)
    kernel = ctypes.CDLL(None)
    if said["NoNewPrivileges"] == ["yes"]:
        kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if said["MemoryDenyWriteExecute"] == ["yes"]:
        kernel.prctl(_MEMORY_DENY_WRITE_EXECUTE, 1, 0, 0, 0)


@contextmanager
def started(home: Path, place: Path) -> Iterator[subprocess.Popen[str]]:
    """Run what the unit starts, on the simulated market; the passphrase comes as systemd hands it over."""
    (line,) = settings_of(SERVICE)["ExecStart"]
    told = re.fullmatch(r"/bin/sh -c '(.+)'", line)
    assert told is not None
    script = told[1].replace("serve live kraken BTC/USD --standby coinbase", "serve")
    assert script != told[1]
    command = place / "touchline"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m terminal "$@"\n')
    command.chmod(0o755)
    (place / "vault").write_text(f"{PASSPHRASE}\n")
    around = environment(home, PATH=f"{place}:/usr/bin:/bin", CREDENTIALS_DIRECTORY=str(place))
    process = subprocess.Popen(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=around,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=confined,  # noqa: PLW1509  # it only asks the kernel
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@needs_systemd
def test_systemd_takes_every_unit() -> None:
    assert ANALYZE is not None
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *map(str, UNITS)], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if str(SERVICE.parent) in line or "touchline" in line]
    assert (done.returncode, told) == (0, [])


@needs_systemd
@pytest.mark.parametrize("name", ["touchline.service", "touchline-backup.service"])
def test_systemd_finds_a_service_little_exposed(name: str) -> None:
    assert ANALYZE is not None
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(SERVICE.with_name(name))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:]
    assert f"less than {EXPOSURE_MAX / 10} of 10" in page("docs/service.md")


@pytest.mark.pty
def test_the_service_runs_within_its_limits_and_its_end_is_a_success(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home")
    with started(home, tmp_path) as process:
        assert process.stdout is not None
        assert SERVED.fullmatch(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert [str(process.returncode)] == settings_of(SERVICE)["SuccessExitStatus"]


@pytest.mark.pty
def test_a_vault_is_opened_with_what_systemd_hands_over(tmp_path: Path) -> None:
    shell = VaultShell(tmp_path)
    shell.make_cheap()
    shell.vault.rename(tmp_path / "kept")
    text = f'[vault]\nfile = "{tmp_path / "kept"}"\npassphrase_descriptor = 3\n'
    shell.settings.write_text(text, encoding="utf-8")
    with started(tmp_path / "home", tmp_path) as process:
        assert process.stderr is not None
        told = process.stderr.read()
        process.wait(timeout=60)
    assert "touchline setup makes the keys" in told, "the vault is open, and has no keys yet"
    assert [str(process.returncode)] == settings_of(SERVICE)["RestartPreventExitStatus"] == [str(BAD_INPUT)]


def test_the_page_tells_the_limits_as_they_are() -> None:
    said = settings_of(SERVICE)
    told = {
        code(name): row[1]
        for row in rows(section(page("docs/service.md"), "## Limits"))
        for name in row[0].split(", ")
    }
    written = {"MemoryHigh": "1536M", "MemoryMax": "2G"}
    for name, value in told.items():
        assert said[name] == [written.get(name, value)], name
    ends = {row[0] for row in rows(section(page("docs/service.md"), "## How it ends"))}
    assert {*said["SuccessExitStatus"], *said["RestartPreventExitStatus"]} <= ends
    (spoken,) = said["TimeoutStopSec"]
    assert f"`TimeoutStopSec` is {spoken} s" in page("docs/service.md")
    timer = settings_of(SERVICE.with_name("touchline-backup.timer"))["OnCalendar"]
    assert timer == ["*-*-* 03:10:00 UTC"]
