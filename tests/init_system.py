"""A systemd of a test's own: process 1 of its own processes, on a copy of this system that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.documented import ROOT
from tests.waiting import wait_until

SCRIPT = Path(__file__).with_name("init_system.sh")
SYSTEMD = Path("/lib/systemd/systemd")
GROUPS = Path("/sys/fs/cgroup")
NEEDED = ("unshare", "nsenter", "setpriv", "systemctl", "journalctl", "runuser", "useradd")
_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_PACKAGES = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
COMMAND = f"""#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/touchline:/opt/packages/{_PACKAGES}
export TOUCHLINE_COMPILED={os.environ.get("TOUCHLINE_COMPILED", "")}
exec /opt/python/bin/{_PYTHON} -m terminal "$@"
"""
"""The program as it would be installed there: from here, where a service can't look."""


def missing() -> str:
    """Return why no systemd of its own can run here; empty where nothing speaks against it."""
    if os.geteuid() != 0:
        return "only root can start a systemd"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent or not SYSTEMD.exists():
        return f"not installed here: {', '.join(absent) or SYSTEMD}"
    if not (GROUPS / "systemd").is_dir():
        return f"{GROUPS}/systemd is not there: only groups of version 1 are handed on"
    tried = subprocess.run(
        ["unshare", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--fork", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stderr.strip()


class InitSystem:
    """Runs from `with` to its end; whatever it started ends with it."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._group = f"touchline-{os.getpid()}"
        self._log = place / "log"
        self._leader = ""

    def __enter__(self) -> Self:
        if reason := missing():
            pytest.skip(reason)
        shown = {
            ROOT: "/opt/touchline",
            Path(sys.prefix): "/opt/packages",
            Path(sys.base_prefix): "/opt/python",
        }
        binds = [str(each) for pair in shown.items() for each in pair]
        top = self._place / "top"
        top.mkdir(parents=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", SCRIPT, self._group, top, *binds],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self._is_up)
        except AssertionError:
            self.__exit__()
            pytest.skip("no systemd of its own can run here: it did not come up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        wait_until(self._is_swept)

    def say(self, *words: str, given: str = "", code: int | None = 0) -> str:
        """Run a command in there, as root; return what it said. None takes any exit code."""
        done = subprocess.run(
            ["nsenter", "--target", self._leader, "--all", "--wd=/", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *words],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert code in {None, done.returncode}, f"{words}\n{done.stdout[-3_000:]}{done.stderr[-3_000:]}"
        return done.stdout

    def put(self, path: str, text: str, mode: str = "644", owner: str = "root") -> None:
        """Write a file in there."""
        self.say("install", "-D", "-m", mode, "-o", owner, "-g", owner, "/dev/stdin", path, given=text)

    def _is_up(self) -> bool:
        if self._process.poll() is not None:
            pytest.skip(
                f"no systemd of its own can run here: {self._log.read_text(encoding='utf-8').strip()}"
            )
        pid = self._process.pid
        self._leader = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").strip()
        if not self._leader or Path(f"/proc/{self._leader}/comm").read_text(encoding="ascii") != "systemd\n":
            return False
        asked = ["nsenter", "--target", self._leader, "--all", "--wd=/", "systemctl", "is-system-running"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "running\n"

    def _is_swept(self) -> bool:
        """Remove the groups, innermost first; each is busy until the last of it has gone."""
        left = [path for path in GROUPS.glob(f"**/{self._group}") if path.is_dir()]
        for top in left:
            for folder, _, _ in os.walk(top, topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()
        return not any(path.exists() for path in left)
