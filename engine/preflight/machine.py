"""What is around the program: the environment, the disk, the limits of the system, the log."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.config import Settings
from engine.environment import ENVIRONMENT_VARIABLE
from engine.folders import Folders
from engine.preflight.facts import MachineFacts
from engine.production import DEBUGGING, LOUD
from engine.retention import what_is_kept

_LOGS: Final = ("touchline.log", "gateway.log")
_TAIL_BYTES: Final = 1 << 18
_GROUPS: Final = Path("/sys/fs/cgroup")
_PROCESSES: Final = Path("/proc")
_ADDRESSABLE: Final = 1 << 62


def machine_facts(
    folders: Folders, settings: Settings, now_ns: int, surroundings: Mapping[str, str] = os.environ
) -> MachineFacts:
    """Return how it is around the program."""
    lines = {name: newest_lines(folders.logs / name) for name in _LOGS}
    fields, trouble = _fields(lines["touchline.log"])
    return MachineFacts(
        environment=surroundings.get(ENVIRONMENT_VARIABLE, ""),
        debugging=(*(name for name in DEBUGGING if surroundings.get(name)), *_modes()),
        loud=tuple(name for name in LOUD if surroundings.get(name)),
        free_bytes=shutil.disk_usage(_there(folders.data)).free,
        log_line=fields,
        log_trouble=trouble,
        correlations=sum(b'"correlation"' in line for each in lines.values() for line in each),
        cached=sum(path.is_file() for path in (folders.cache / "market").rglob("*")),
        overdue=sum(1 for kept in what_is_kept(folders, settings) for _ in kept.over(now_ns)),
    )


def limits_of(pid: int, groups: Path = _GROUPS, processes: Path = _PROCESSES) -> tuple[str, str]:
    """Return what the system holds a process to: memory in bytes, processor as quota and period; empty for no limit."""
    try:
        lines = (processes / str(pid) / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "", ""
    folders = {
        kind: groups / kind / group.lstrip("/") for _, kind, group in (line.split(":", 2) for line in lines)
    }
    own = folders.get("", groups)
    memory, cpu = folders.get("memory", own), folders.get("cpu", folders.get("cpu,cpuacct", own))
    quota = " ".join(_limit(cpu / f"cpu.cfs_{part}_us") for part in ("quota", "period"))
    return (
        _limit(own / "memory.max") or _limit(memory / "memory.limit_in_bytes"),
        _limit(own / "cpu.max") or ("" if quota.startswith(" ") else quota.strip()),
    )


def _limit(path: Path) -> str:
    """Return what a group's file says; empty for none, which version 1 writes as -1 or as all that can be addressed."""
    try:
        said = path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    unlimited = said.startswith(("max", "-")) or (said.isdigit() and int(said) >= _ADDRESSABLE)
    return "" if unlimited else said


def _modes() -> tuple[str, ...]:
    """Return which modes of the interpreter are on that production does without: `-X dev`, and no asserts."""
    found = ("-X dev",) if sys.flags.dev_mode else ()
    return (*found, "-O") if sys.flags.optimize else found


def newest_lines(path: Path) -> list[bytes]:
    """Return the whole lines at the end of a log; none where there is no log."""
    try:
        begin = max(0, path.stat().st_size - _TAIL_BYTES)
        with path.open("rb") as file:
            file.seek(begin)
            lines = file.read().split(b"\n")
    except OSError:
        return []
    return [line for line in lines[1 if begin else 0 : -1] if line]


def _fields(lines: list[bytes]) -> tuple[str, str]:
    """Return the names of the last line's fields, or why it is none."""
    if not lines:
        return "", ""
    try:
        found = json.loads(lines[-1])
    except ValueError:
        return "", "the last line of the log is no JSON"
    if not isinstance(found, dict) or not {"at", "event", "level"} <= found.keys():
        return "", "the last line of the log has no at, event and level"
    return ", ".join(found), ""


def _there(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
