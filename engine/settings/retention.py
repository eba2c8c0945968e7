"""How long what is not needed for ever is kept."""

from __future__ import annotations

from msgspec import Struct


class RetentionSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Days after which a kind of data is removed; 0 for never. Accounts, the audit log and backups are no part of it."""

    logs_days: int = 30
    """Lines of the log."""
    replays_days: int = 30
    """The paper accounts of replays, which are only kept for reading."""
    cache_days: int = 90
    """What is in the cache folder, and can be made again."""
    set_aside_days: int = 0
    """Accounts that were moved aside, by `--fresh` or by a restore."""
