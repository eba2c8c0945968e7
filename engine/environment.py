"""Whether this is production, where what is lax elsewhere is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping

ENVIRONMENT_VARIABLE = "ENVIRONMENT"


def is_production(surroundings: Mapping[str, str] | None = None) -> bool:
    """Tell whether `ENVIRONMENT` says production; a word that only begins like it is taken for it."""
    said = (os.environ if surroundings is None else surroundings).get(ENVIRONMENT_VARIABLE, "")
    return said.strip().lower().startswith("prod")
