"""Who acts: the person whose program this is."""

from __future__ import annotations

import os
import pwd


def login_name() -> str:
    """Return the name of the user that this process runs as, or its number where it has none."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
