"""What the command about incidents prints."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.clock import NS_PER_S, SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.model.text import clean
from terminal.format import age
from terminal.shell.telling import utc

if TYPE_CHECKING:
    from engine.shell.incidents import Incident

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGO = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def incidents(options: argparse.Namespace) -> int:
    """Print what was not well."""
    from engine.shell.incidents import incidents as kept  # noqa: PLC0415  # help needs none of it

    since_ns = since(options.since, SystemClock().now_ns()) if options.since else 0
    found = kept(standard_folders(), since_ns=since_ns, component=options.component, account=options.mode)
    told = [_told(account, each) for account, several in found.items() for each in several]
    if options.json:
        sys.stdout.write(f"{json.dumps(told, indent=2)}\n")
        return 0
    lines = list(_table(found)) or ["Nothing was wrong, as far as is kept."]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"incidents": incidents}
"""The function of each command."""


def since(text: str, now_ns: int) -> int:
    """Return the time that a text means, in nanoseconds since the epoch.

    Raises:
        ConfigError: it means none.
    """
    if ago := _AGO.fullmatch(text):
        return now_ns - int(ago[1]) * _UNITS[ago[2]] * NS_PER_S
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * NS_PER_S
    except (ValueError, OverflowError):
        found = clean(text, 32)
        raise ConfigError(
            f"--since: expected 30m, 12h, 7d or a time such as 2026-11-24T14:30; found {found!r}"
        ) from None


def _table(found: Mapping[str, tuple[Incident, ...]]) -> Iterator[str]:
    for account, several in found.items():
        for each in several:
            said = f"{each.said} ({each.spells} times)" if each.spells > 1 else each.said
            yield f"{utc(each.began_ns)}  {_lasted(each):9} {account:8} {each.worst.value:9} {each.label:16} {said}"


def _lasted(incident: Incident) -> str:
    if not incident.ended_ns:
        return "goes on"
    return f"{'≤ ' if incident.cut else ''}{age(incident.ended_ns - incident.began_ns)}"


def _told(account: str, incident: Incident) -> dict[str, object]:
    return {
        "account": account,
        "component": incident.component,
        "worst": incident.worst.value,
        "began": utc(incident.began_ns),
        "ended": utc(incident.ended_ns) if incident.ended_ns else None,
        "ended_with_the_session": incident.cut,
        "spells": incident.spells,
        "said": incident.said,
    }
