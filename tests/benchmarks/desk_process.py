"""The real program, started with a home and an exporter of its own."""

from __future__ import annotations

import os
import re
import socket
import urllib.request
from pathlib import Path


def environment(home: Path, *, metrics_port: int) -> dict[str, str]:
    """Return the environment of a colour terminal; settings go to `home`.

    What Python compiled is kept, as where the program is installed: else each start compiles our own sources.
    """
    config = home / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text(f"[metrics]\nport = {metrics_port}\n", encoding="utf-8")
    return {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "",
        "TEXTUAL_FPS": "240",
        "TOUCHLINE_HOME": str(home),
    }


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def metric(port: int, name: str, label: str = "") -> float:
    """Return one sample of the program's exporter."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^{name}{re.escape(label)} (\S+)$", text, re.MULTILINE)
    assert found is not None, f"the exporter has no {name}{label}"
    return float(found[1])
