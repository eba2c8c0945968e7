"""Figures that runs of the benchmarks, the load and the soak left behind, each with its date, source and machine."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from engine.files import whole_file
from engine.model.undecodable import UNDECODABLE
from engine.preflight.operation_facts import Figure, Figures
from engine.preflight.proof import room_hashes
from engine.version import program_version

PLACE: Final = Path("build") / "figures.json"
"""Below the folder of the checkout."""
_decode: Final = msgspec.json.Decoder(dict[str, Figures]).decode


def read_figures(path: Path) -> dict[str, Figures]:
    """Return what was kept, by run; nothing where there is none, or it can't be read."""
    with suppress(OSError, *UNDECODABLE):
        return _decode(path.read_bytes())
    return {}


def keep_figures(path: Path, root: Path, now_ns: int, runs: Mapping[str, tuple[Figure, ...]]) -> None:
    """Put the figures of some runs into the file; those of other runs stay.

    Raises:
        OSError: it can't be written.
    """
    stamp = {"version": program_version(), "machine": this_machine(), "rooms": room_hashes(root)}
    fresh = {
        name: Figures(made_ns=now_ns, rows=rows, **stamp)  # type: ignore[arg-type]
        for name, rows in runs.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode({**read_figures(path), **fresh})))


def this_machine() -> str:
    """Return what tells this machine from others, without its name."""
    kind = f"{os.cpu_count()} x {_processor()}, {_memory_gb()} GB, {platform.system()}"
    told = _read("/etc/machine-id") or platform.node()
    return f"{kind}, {sha256(f'touchline {told}'.encode()).hexdigest()[:8]}"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1].strip() if found is not None else platform.machine()


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def _read(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""
