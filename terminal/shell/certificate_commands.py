"""What the command about the gateway's certificate does, and what it prints: never the key."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.shell.certificates import Certificate, Certificates


def cert(options: argparse.Namespace) -> int:
    """Make a certificate for development, or show the one that is there."""
    from engine.shell.certificates import Certificates  # noqa: PLC0415  # help needs none of it

    folders = standard_folders()
    settings = chosen_settings(options)
    return _ERRANDS[options.errand](options, Certificates(folders, settings, SystemClock()))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"cert": cert}
"""The function of each command."""


def _make(options: argparse.Namespace, kept: Certificates) -> int:
    _tell(kept, kept.make(options.name, force=options.force))
    if kept.is_set:
        return 0
    return say(
        f"\nThe gateway takes it with these lines in config.toml:\n\n[gateway]\n"
        f'certificate_file = "{kept.path}"\nkey_file = "{kept.key_path}"'
    )


def _show(_options: argparse.Namespace, kept: Certificates) -> int:
    return _tell(kept, kept.read())


def _tell(kept: Certificates, told: Certificate) -> int:
    left = kept.days_left(told)
    days = f"{left} day{'s' * (left != 1)} left" if left >= 0 else "over"
    say(f"file         {kept.path}")
    say(f"subject      {told.subject}")
    say(f"issuer       {told.issuer}")
    say(f"names        {' '.join(told.names) or 'none'}")
    say(f"fingerprint  {told.fingerprint}")
    say(f"valid        {utc(told.begins_ns)} to {utc(told.ends_ns)}, {days}")
    return say(f"for          {'development alone' if told.is_development else 'production'}")


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Certificates], int]] = {"make": _make, "show": _show}
