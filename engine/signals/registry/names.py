"""What models and versions are called; a name becomes a folder, so nothing else is taken."""

from __future__ import annotations

import re
from typing import Final

from engine.model.text import clean
from engine.signals.models.refusal import ModelRefused

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_VERSION: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


def check_name(name: str) -> str:
    """Return the name of a model.

    Raises:
        ModelRefused: it is none.
    """
    if not _NAME.fullmatch(name):
        raise ModelRefused(
            f"expected a name of small letters, digits and -, beginning with a letter, 32 at most; found {clean(name, 40)!r}"
        )
    return name


def check_version(version: str) -> str:
    """Return the id of a version.

    Raises:
        ModelRefused: it is none.
    """
    if not _VERSION.fullmatch(version):
        raise ModelRefused(f"expected a version of 16 hexadecimal digits, found {clean(version, 40)!r}")
    return version
