"""Where things are kept: the platform's own folders, or one folder of your choice."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "TOUCHLINE_HOME"


@dataclass(frozen=True, slots=True)
class Folders:
    """The four folders; nothing is made until something is written."""

    config: Path
    """`config.toml`, `limits.toml`, `alerts.toml`, `keymap.toml`, `themes/`."""
    data: Path
    """Journals: what must not be lost."""
    cache: Path
    """What can be made again."""
    logs: Path

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "config.toml"

    @property
    def limits(self) -> Path:
        """The risk limits file."""
        return self.config / "limits.toml"

    @property
    def alert_rules(self) -> Path:
        """The rules of alerts, over the built-in ones."""
        return self.config / "alerts.toml"

    @property
    def operators(self) -> Path:
        """Who may sign in; where there is no such file, nobody has to."""
        return self.data / "operators.sqlite3"

    @property
    def revocations(self) -> Path:
        """Which tokens are over, for a desk that shares nothing."""
        return self.data / "revocations.sqlite3"

    @property
    def keymap(self) -> Path:
        """The user's keys."""
        return self.config / "keymap.toml"

    @property
    def themes(self) -> Path:
        """The user's themes."""
        return self.config / "themes"


def standard_folders() -> Folders:
    """Return the platform's folders for this program; `TOUCHLINE_HOME` puts all four in one place."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        root = Path(home)
        return Folders(root / "config", root / "data", root / "cache", root / "logs")
    from platformdirs import PlatformDirs  # noqa: PLC0415  # only where it is asked

    dirs = PlatformDirs("touchline", appauthor=False)
    return Folders(dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path, dirs.user_log_path)
