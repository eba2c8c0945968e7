"""sslyze holds the gateway's listener against Mozilla's rules for servers, the ones for every client of today."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from engine.clock import SystemClock
from engine.settings.gateway import GatewaySettings
from tests.tls_pair import Pair
from tests.unit.engine.gateway_bench import served

BROKEN = ["certificate_path_validation", "tls_curves"]
"""No authority signed it, and it takes curves that are stronger than the rules ask for (X448, P-521): Python names one or all."""


def test_the_listener_keeps_every_rule_but_two(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.make(now_ns=SystemClock().now_ns())
    settings = GatewaySettings(
        listen="127.0.0.1:0", certificate_file=str(pair.path), key_file=str(pair.key_path)
    )
    with served(tmp_path / "home", settings) as bench:
        done = subprocess.run(
            [
                os.environ["TLS_SCANNER"],
                "-m",
                "sslyze",
                "--mozilla_config=intermediate",
                f"127.0.0.1:{bench.port}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    _, _, verdict = done.stdout.partition("COMPLIANCE AGAINST TLS CONFIGURATION")
    assert re.findall(r"^ +\* (\w+):", verdict, re.MULTILINE) == BROKEN, done.stdout
    assert "Not vulnerable to Heartbleed" in done.stdout
    assert "Client Renegotiation DoS Attack:   OK" in done.stdout
