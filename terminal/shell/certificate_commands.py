"""What the command about the gateway's certificate does, and what it prints: never the key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.clock import NS_PER_S, SystemClock
from engine.config import load_settings
from engine.errors import ConfigError
from engine.folders import standard_folders

if TYPE_CHECKING:
    from engine.shell.certificates import Certificate, Certificates


def cert(options: argparse.Namespace) -> int:
    """Make a certificate for development, or show the one that is there."""
    from engine.shell.certificates import Certificates  # noqa: PLC0415  # help needs none of it

    folders = standard_folders()
    if options.config is not None and not options.config.exists():
        raise ConfigError(f"{options.config}: there is no such file")
    settings = load_settings(options.config or folders.settings)
    return _ERRANDS[options.errand](options, Certificates(folders, settings, SystemClock()))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"cert": cert}
"""The function of each command."""


def _make(options: argparse.Namespace, kept: Certificates) -> int:
    _tell(kept, kept.make(options.name, force=options.force))
    if kept.is_set:
        return 0
    return _say(
        f"\nThe gateway takes it with these lines in config.toml:\n\n[gateway]\n"
        f'certificate_file = "{kept.path}"\nkey_file = "{kept.key_path}"'
    )


def _show(_options: argparse.Namespace, kept: Certificates) -> int:
    return _tell(kept, kept.read())


def _tell(kept: Certificates, told: Certificate) -> int:
    left = kept.days_left(told)
    days = f"{left} day{'s' * (left != 1)} left" if left >= 0 else "over"
    _say(f"file         {kept.path}")
    _say(f"subject      {told.subject}")
    _say(f"issuer       {told.issuer}")
    _say(f"names        {' '.join(told.names) or 'none'}")
    _say(f"fingerprint  {told.fingerprint}")
    _say(f"valid        {_utc(told.begins_ns)} to {_utc(told.ends_ns)}, {days}")
    return _say(f"for          {'development alone' if told.is_development else 'production'}")


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Certificates], int]] = {"make": _make, "show": _show}


def _say(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 0


def _utc(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
