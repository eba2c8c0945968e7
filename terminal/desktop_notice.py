"""A notification of the desktop, by a sequence that the terminal understands; off unless the settings say which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.model.text import clean

_TEXT_MAX: Final = 120
_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {"osc9": "\x1b]9;Touchline: {text}\x07", "osc777": "\x1b]777;notify;Touchline;{text}\x07"}
)


def notice(way: str, text: str) -> str:
    """Return what has the terminal notify; empty where it is off. The text is stripped of all that would mean more."""
    form = _FORMS.get(way)
    return form.format(text=clean(text, _TEXT_MAX).replace(";", ",")) if form is not None else ""
