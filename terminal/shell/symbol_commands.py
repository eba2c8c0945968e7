"""What `touchline symbols` prints: the listings that were found, and on the other stream how each venue was read."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.clock import SystemClock
from engine.folders import standard_folders
from engine.messages.catalogue import VenueListings
from terminal.search.index import ListingIndex
from terminal.search.rows import ListingRow, rows_of
from terminal.search.telling import reading
from terminal.shell.chosen_settings import chosen_settings

NOTHING = 1
"""The exit code where nothing was found."""
_HEADS = ("related", "venue", "symbol", "currency", "name")


def symbols(options: argparse.Namespace) -> int:
    """Search what the venues list."""
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from engine.shell.symbols import listed  # noqa: PLC0415  # likewise
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    folders = standard_folders()
    settings = chosen_settings(options)
    credentials = Credentials(settings, options.key_file, PassphraseEntry(settings.vault))
    known = asyncio.run(listed(settings, folders, credentials, options.venue))
    index = ListingIndex((), (each for venue in known.venues for each in venue.listings))
    found = index.search(" ".join(options.text), len(index.listings))
    rows = [row for row in rows_of(found) if row.is_found]
    if options.json:
        sys.stdout.write(f"{_as_json(' '.join(options.text), known.venues, rows)}\n")
    else:
        sys.stdout.write(f"{_as_table(rows)}\n")
        sys.stderr.write("".join(_told(known.venues)))
    return 0 if rows else NOTHING


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"symbols": symbols}
"""The function of each command."""


def _as_table(rows: Sequence[ListingRow]) -> str:
    """Write rows in columns; the name of what is related stands on its first row."""
    if not rows:
        return "nothing that is known here has these words"
    lines = [_HEADS]
    for each, kin, _ in rows:
        lines.append((kin, each.venue, each.symbol, each.currency, each.description))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _told(venues: Sequence[VenueListings]) -> Iterator[str]:
    now_ns = SystemClock().now_ns()
    for venue in venues:
        yield f"touchline: {venue.venue}: {reading(venue, now_ns)}\n"


def _as_json(text: str, venues: Sequence[VenueListings], rows: Sequence[ListingRow]) -> str:
    read = [
        {"venue": each.venue, "listed": len(each.listings), "read_ns": each.read_ns, "trouble": each.trouble}
        for each in venues
    ]
    found = [
        {
            "venue": each.venue,
            "symbol": each.symbol,
            "related": each.kinship.label,
            "kind": each.asset_class.value,
            "base": each.base,
            "currency": each.currency,
            "name": each.description,
        }
        for each in (row.listing for row in rows)
    ]
    return json.dumps({"query": text, "venues": read, "found": found}, indent=2)
