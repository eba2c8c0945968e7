"""What `touchline history` prints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.clock import NS_PER_S
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings

if TYPE_CHECKING:
    from engine.shell.past import Sealed


def history(options: argparse.Namespace) -> int:
    """Print orders, fills or the audit trail, newest first; say on the other stream what is not in it yet."""
    from engine.shell.past import behind, past_of  # noqa: PLC0415  # help needs none of it

    folders, sealed = standard_folders(), sealed_of(options)
    found = past_of(
        folders,
        options.what,
        symbol=options.symbol,
        limit=options.limit,
        mode=options.mode,
        sealed=sealed,
    )
    text = json.dumps(found, indent=2) if options.json else _as_table(found)
    sys.stdout.write(f"{text or 'nothing yet'}\n")
    if sealed is None:
        sys.stderr.write(lag_of(behind(folders, options.mode)))
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"history": history}
"""The function of each command."""


def sealed_of(options: argparse.Namespace) -> Sealed | None:
    """Return what opens the journal, where it is sealed; a passphrase is asked for."""
    from engine.account.journal_cipher import journal_cipher  # noqa: PLC0415
    from engine.shell.past import Sealed  # noqa: PLC0415
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    settings = chosen_settings(options)
    cipher = journal_cipher(settings, PassphraseEntry(settings.vault))
    return Sealed(cipher, settings.account.base_currency) if cipher is not None else None


def lag_of(records: int) -> str:
    """Say how far the history is behind the journal; nothing while it is not."""
    if not records:
        return ""
    what = "the last record is" if records == 1 else f"the last {records:,} records are"
    return f"touchline: {what} not in the history yet; an open desk writes it, its health pane says how it does\n"


def _as_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows in columns, the time first."""
    if not rows:
        return ""
    names = [name for name in rows[0] if name != "time_ns"]
    lines = [("time (UTC)", *names)]
    lines += [(_utc(row["time_ns"]), *(_word(row[name]) for name in names)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _word(value: object) -> str:
    return "-" if value in {None, ""} else str(value)


def _utc(time_ns: object) -> str:
    assert isinstance(time_ns, int)
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, UTC):%Y-%m-%d %H:%M:%S}"
