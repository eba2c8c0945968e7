"""Lines of a log, as they are in its file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.clock import NS_PER_S

START_NS = 1_700_000_000 * NS_PER_S


def line(
    second: int, event: str = "tick", *, level: str = "info", component: str = "orders", **fields: Any
) -> bytes:
    """Return a whole line, so many seconds after the start."""
    at = datetime.fromtimestamp(START_NS / NS_PER_S + second, UTC).isoformat(timespec="milliseconds")
    told = {**fields, "at": at, "component": component, "event": event, "level": level}
    return json.dumps(told).encode() + b"\n"


def write(path: Path, *lines: bytes) -> None:
    """Append to a file, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(lines))
