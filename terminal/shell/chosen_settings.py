"""The settings a command works with: the user's own, or those of the file that `--config` names."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.config import Settings, load_settings
from engine.errors import ConfigError
from engine.folders import standard_folders


def chosen_file(options: argparse.Namespace) -> Path:
    """Return the file of the settings; the user's own need not be there.

    Raises:
        ConfigError: `--config` names a file that is not there.
    """
    named: Path | None = options.config
    if named is not None and not named.exists():
        raise ConfigError(f"{named}: there is no such file")
    return named or standard_folders().settings


def chosen_settings(options: argparse.Namespace) -> Settings:
    """Read the settings.

    Raises:
        ConfigError: as for `chosen_file`, or a setting is wrong.
    """
    return load_settings(chosen_file(options))
