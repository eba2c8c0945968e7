"""What `touchline models export` does, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.shell.models import Models


def exported(kept: Models, name: str, version: str, path: Path) -> tuple[str, dict[str, object]]:
    """Write a version as an ONNX file; return what to say, and the same for a program."""
    done = kept.export_onnx(name, version, path)
    agreed = done.agreed
    sentence = (
        f"{name} {version} is in {path}: {done.size_bytes:,} bytes, in double precision.\n"
        f"onnxruntime {agreed.runtime} predicts {agreed.rows:,} rows from it as this program does, "
        f"to {agreed.apart_max:.1e} at most."
    )
    told = {"name": name, "version": version, "file": str(path), **done._asdict(), "agreed": agreed._asdict()}
    return sentence, told
