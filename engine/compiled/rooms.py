"""Which modules are worth compiling, and which of them can be."""

from __future__ import annotations

import ast
from pathlib import Path

ROOMS = (
    "engine/adapters/paper",
    "engine/bus.py",
    "engine/clock.py",
    "engine/composition/wiring.py",
    "engine/desk/quote_outbox.py",
    "engine/duties/quote_sharing.py",
    "engine/execution",
    "engine/hours/schedule.py",
    "engine/market",
    "engine/model",
    "engine/observe/event_notes.py",
    "engine/observe/latency.py",
    "engine/observe/order_counts.py",
    "engine/observe/order_contexts.py",
    "engine/observe/order_steps.py",
    "engine/observe/recent.py",
    "engine/observe/timed_gate.py",
    "engine/observe/waiting_lines.py",
    "engine/portfolio/booking.py",
    "engine/portfolio/converted.py",
    "engine/portfolio/holding.py",
    "engine/portfolio/ledger.py",
    "engine/portfolio/lots.py",
    "engine/replica.py",
    "engine/risk",
    "engine/risk/controls",
    "engine/store/journal.py",
    "engine/store/segment.py",
    "engine/store/syncer.py",
    "engine/transport/frames.py",
)
"""Files, and folders without what is below them: what a quote and an order pass through."""

_ENUMERATIONS = frozenset({"StrEnum", "IntEnum"})
_PLAIN_BASES = _ENUMERATIONS | {"Protocol", "Generic"}


def modules(root: Path) -> list[str]:
    """Return the files of the rooms that can be compiled, as paths relative to `root`."""
    files = [path for room in ROOMS for path in _files(root / room)]
    return [path.relative_to(root).as_posix() for path in files if can_compile(path.read_text("utf-8"))]


def can_compile(source: str) -> bool:
    """Tell whether a module has code, and only classes that keep their meaning when compiled.

    A compiled class has no metaclass keywords (msgspec's `frozen`), and no decorator rewrites it. Of enumerations nothing is
    faster, and they lose their descriptions: a module of nothing else stays as it is.
    """
    body = ast.parse(source).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    own = {each.name for each in classes} | _PLAIN_BASES
    return bool(body) and not _only_words(body) and all(_is_plain(each, own) for each in classes)


def _only_words(body: list[ast.stmt]) -> bool:
    """Tell whether a module defines enumerations and nothing else."""
    defined = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    words = [node for node in defined if isinstance(node, ast.ClassDef) and _bases(node) & _ENUMERATIONS]
    return bool(words) and words == defined


def _is_plain(defined: ast.ClassDef, known: set[str] | frozenset[str]) -> bool:
    return _bases(defined) <= known and not defined.decorator_list and not defined.keywords


def _bases(defined: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).partition("[")[0] for base in defined.bases}


def _files(room: Path) -> list[Path]:
    if room.is_dir():
        return sorted(set(room.glob("*.py")) - {room / "__init__.py"})
    return [room] if room.is_file() else []
