"""A real Secret Service on a bus of its own, which can be locked, held, ended and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final, Self

import pytest

from engine.security.vault.keyring_vault import DEFAULT_COLLECTION
from tests.waiting import wait_until

NEEDED: Final = ("gnome-keyring-daemon", "dbus-daemon")
_ADDRESS: Final = "DBUS_SESSION_BUS_ADDRESS"
_BUS: Final = """<busconfig><type>session</type><listen>unix:path={path}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""
"""Nothing is started on this bus by itself: what is gone stays so."""


def is_here() -> bool:
    """Tell whether this machine has what it takes."""
    return all(map(shutil.which, NEEDED))


class KeyringSession:
    """Is this process's session while it is entered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._patch = pytest.MonkeyPatch()
        self._bus: subprocess.Popen[bytes] | None = None
        self._service: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        home, runtime = self._folder / "home", self._folder / "runtime"
        for folder in (home, runtime):
            folder.mkdir(mode=0o700, parents=True)
        path, written = self._folder / "bus", self._folder / "bus.conf"
        written.write_text(_BUS.format(path=path), encoding="utf-8")
        for name, value in (("HOME", home), ("XDG_RUNTIME_DIR", runtime), (_ADDRESS, f"unix:path={path}")):
            self._patch.setenv(name, str(value))
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={written}", "--nofork"], stderr=subprocess.DEVNULL
        )
        wait_until(path.exists)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        if self._bus is not None:
            self._bus.kill()
            self._bus.wait()
        self._patch.undo()

    def start(self) -> None:
        """Start the service, unlocked."""
        self._service = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._service.stdin is not None
        self._service.stdin.write(b"ci-only")
        self._service.stdin.close()

    def end(self) -> None:
        """End the service without a word."""
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            self._service = None

    def lock(self) -> None:
        """Lock what it keeps."""
        import secretstorage  # noqa: PLC0415  # only where there is such a service

        bus = secretstorage.dbus_init()
        secretstorage.Collection(bus, DEFAULT_COLLECTION).lock()
        bus.close()

    def unlock(self) -> None:
        """Unlock it with its password, as the person's session does: by starting anew."""
        self.end()
        self.start()

    def hold(self) -> None:
        """Have it answer nothing."""
        self._send(signal.SIGSTOP)

    def let_go(self) -> None:
        """Have it answer again."""
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._service is not None
        os.kill(self._service.pid, number)
