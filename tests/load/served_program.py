"""The real program, serving its gateway on a simulated market in a home of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.clock import SystemClock
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.signing import load_or_make_signing_keys
from engine.security.tokens.claims import Kind
from engine.security.tokens.mint import Mint, new_id
from engine.security.vault.key_file import KeyFile
from engine.serving import AUDIENCE, ISSUER
from tests.documented import ROOT
from tests.pty_desk import PROGRAM, environment

OPENS_S = 30.0
"""How long the program may take until it answers."""
_SERVED = re.compile(r"served at http://127\.0\.0\.1:(\d+)")
_PASSWORD = "fjord-Lantern-62-quince"


@dataclass(frozen=True)
class ServedProgram:
    """A program that serves, and tokens for its operators."""

    process: subprocess.Popen[str]
    port: int
    exporter_port: int
    mint: Mint

    def token(self, name: str) -> str:
        """Return an access token of a trader; it stands for 15 minutes."""
        return self.mint.signed(self.mint.claims(Kind.ACCESS, name, Role.TRADER, new_id()))


@contextmanager
def serving(home: Path, names: list[str]) -> Iterator[ServedProgram]:
    """Run `touchline serve` with these traders, and end it in order."""
    mint, exporter_port = _furnished(home, names), _free_port()
    settings = home / "config" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'[metrics]\nenabled = true\nport = {exporter_port}\n[gateway]\nlisten = "127.0.0.1:0"\n'
        f"[credentials]\nkey_file = {json.dumps(str(home / 'keys'))}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--seed", "1"], cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = _SERVED.search(process.stdout.readline())
        assert found is not None, "the program serves"
        yield ServedProgram(process, int(found[1]), exporter_port, mint)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
        process.communicate()


def _furnished(home: Path, names: list[str]) -> Mint:
    (home / "data").mkdir(mode=0o700, parents=True)
    register = Register(OperatorFile(home / "data" / "operators.sqlite3"), SystemClock(), cost=4)
    register.add("ann", Role.ADMIN, _PASSWORD)
    for name in names:
        register.add(name, Role.TRADER, _PASSWORD)
    keys, _ = load_or_make_signing_keys(KeyFile(home / "keys"))
    return Mint(lambda: keys, SystemClock(), issuer=ISSUER, audience=AUDIENCE)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
