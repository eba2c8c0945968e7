"""Asks the real keyring of the session, in a process of its own: `python vault_questions.py QUESTION`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from engine.ports.secrets import SecretsError
from engine.security.vault.keyring_vault import KeyringVault, platform_keyring


def keep_and_forget(vault: KeyringVault) -> str:
    """Keep a secret, replace it and forget it; return what was read each time."""
    vault.delete("a")
    read = [vault.get("a")]
    for value in (b"\x00one\xff", b"two"):
        vault.set("a", value)
        read.append(vault.get("a"))
    vault.delete("a")
    read.append(vault.get("a"))
    return repr(read)


def get(vault: KeyringVault) -> str:
    """Return what is kept."""
    return repr(vault.get("a"))


def locked(vault: KeyringVault) -> str:
    """Lock the keyring behind the vault's back, and ask."""
    import secretstorage  # noqa: PLC0415  # only on Linux

    vault.set("a", b"x")
    connection = secretstorage.dbus_init()
    secretstorage.get_default_collection(connection).lock()
    return get(vault)


def foreign(vault: KeyringVault) -> str:
    """Ask for what another program has written."""
    platform_keyring().set_password("touchline", "a", "not base64!")
    return get(vault)


def dying(vault: KeyringVault) -> str:
    """Keep a secret, kill the service, ask, start it again and ask once more."""
    vault.set("a", b"x")
    os.kill(_service(), signal.SIGKILL)
    told = _told(vault)
    unlock = ("gnome-keyring-daemon", "--unlock", "--components=secrets", "--replace")
    subprocess.run(unlock, input=b"ci-only", stdout=subprocess.DEVNULL, check=True)
    return f"{told} / {_told(vault)}"


def hanging(vault: KeyringVault) -> str:
    """Keep a secret, hold the service, ask, let it go on and ask once more."""
    vault.set("a", b"x")
    hasty, service = KeyringVault(timeout_s=0.5), _service()
    os.kill(service, signal.SIGSTOP)
    told = _told(hasty)
    os.kill(service, signal.SIGCONT)
    return f"{told} / {_told(vault)}"


def _service() -> int:
    """Return the process that is the Secret Service of this session."""
    import secretstorage  # noqa: PLC0415  # only on Linux
    from jeepney import message_bus  # type: ignore[import-untyped]  # noqa: PLC0415

    connection = secretstorage.dbus_init()
    asked = message_bus.GetConnectionUnixProcessID("org.freedesktop.secrets")
    return int(connection.send_and_get_reply(asked).body[0])


def _told(vault: KeyringVault) -> str:
    try:
        return get(vault)
    except SecretsError as error:
        return f"refused: {error}"


if __name__ == "__main__":
    try:
        print(globals()[sys.argv[1]](KeyringVault()))
    except SecretsError as error:
        print(f"refused: {error}")
