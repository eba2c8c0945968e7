"""How long tokens live."""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S

ACCESS_S: Final = 15 * 60
"""The longest life of a token that opens something, whoever signed it."""
REFRESH_S: Final = 12 * 60 * 60
"""The longest life of a token that is turned into the next two, and of all that came from one sign-in."""
LEEWAY_S: Final = 5
"""By how much the clocks of two desks may differ: a token is taken so much before its beginning and after its end."""
KEPT_NS: Final = (REFRESH_S + LEEWAY_S) * NS_PER_S
"""How long a key verifies after the next one signs: until the last token it signed is over."""
