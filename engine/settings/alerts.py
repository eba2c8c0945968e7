"""Where alerts go beyond the screen, and how long nobody may answer one."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

CREDENTIAL: Final = "alerts-webhook"
"""Under which name the secret is kept that webhooks are signed with."""


class AlertSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The webhooks and the outside watcher; what is looked at is in `alerts.toml`."""

    webhook_url: str = ""
    """Is told of each alert and of its end, `https://host/path`; on this machine also `http://127.0.0.1:port`. Empty: nobody."""
    webhook_from: Literal["info", "warning", "critical"] = "warning"
    """How severe an alert must be to be told there."""
    escalate_after_min: int = 5
    """Minutes after which a critical alert that nobody answered is told again, here and at `escalate_url`; 0 for never."""
    escalate_url: str = ""
    """Who is told then; empty: `webhook_url` again."""
    heartbeat_url: str = ""
    """Is asked again and again while alerts are looked after, so that somebody outside notices when that ends; empty: nobody."""
    heartbeat_s: int = 30
    """How often."""
