"""Figures that somebody brought for the gates, as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.folder import opened
from engine.signals.registry.gates import Figures

_BYTES_MAX: Final = 1 << 16


def read_figures(path: Path) -> Figures:
    """Read what was measured of a version in shadow.

    Raises:
        ModelRefused: it can't be read, or holds something else.
    """
    with opened(path.parent, ours_alone=False) as folder:
        content = folder.read(path.name, _BYTES_MAX)
    try:
        return msgspec.json.decode(content, type=Figures)
    except UNDECODABLE as error:
        raise ModelRefused(f"{path}: {clean(str(error), 160)}") from None
