"""Who acts: the person whose program this is."""

from __future__ import annotations

import os
import pwd

from engine.security.audit.entry import Act


def at_shell(what: str, subject: str, before: str = "", after: str = "") -> Act:
    """Return what the person at a shell did."""
    return Act(who=login_name(), what=what, origin="shell", subject=subject, before=before, after=after)


def login_name() -> str:
    """Return the name of the user that this process runs as, or its number where it has none."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
