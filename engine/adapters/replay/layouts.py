"""Recognises what a file holds, by its content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.adapters.replay import files
from engine.adapters.replay.binance_csv import open_binance_csv, shape_of
from engine.adapters.replay.cryptofeed import cryptofeed_venue
from engine.adapters.replay.parquet_layouts import UNDERSTOOD, open_parquet
from engine.adapters.replay.recording import Recording
from engine.adapters.replay.ws_binance import is_binance, open_binance
from engine.adapters.replay.ws_coinbase import open_coinbase
from engine.adapters.replay.ws_kraken import open_kraken
from engine.errors import FileDataError
from engine.model.text import clean

_SYMBOLS_SHOWN = 8


def open_recording(path: Path) -> Recording:
    """Recognise one file.

    Raises:
        FileDataError: it can't be read, or holds nothing that is understood.
    """
    files.check_file(path)
    if files.is_parquet(path):
        return open_parquet(path)
    if path.suffix.lower() == ".parquet":
        raise FileDataError(str(path), "expected a parquet file, found something else")
    head = files.head_lines(path)
    venue = cryptofeed_venue(head)
    if venue == "kraken":
        return open_kraken(path, head)
    if venue == "coinbase":
        return open_coinbase(path, head)
    if venue:
        raise FileDataError(str(path), f"expected a capture of Kraken or Coinbase, found {clean(venue)}")
    if is_binance(head):
        return open_binance(path, head)
    shape = shape_of(head)
    if shape is None:
        raise FileDataError(str(path), f"expected market data, found something else; {UNDERSTOOD}")
    return open_binance_csv(path, head, shape)


def check_files(paths: Sequence[Path]) -> None:
    """Check that all these files can be replayed, as far as that shows without reading them whole.

    Raises:
        FileDataError: the first that can't be, and why.
    """
    for path in paths:
        open_recording(path)


def describe(paths: Sequence[Path]) -> list[str]:
    """Return a line for each file: its name, layout, venues and symbols.

    Raises:
        FileDataError: one of them can't be replayed.
    """
    return [_describe(open_recording(path)) for path in paths]


def _describe(recording: Recording) -> str:
    venues = ", ".join(dict.fromkeys(clean(listing.venue, 32) for listing in recording.listings))
    symbols = list(dict.fromkeys(clean(listing.symbol, 32) for listing in recording.listings))
    more = len(symbols) - _SYMBOLS_SHOWN
    shown = ", ".join(symbols[:_SYMBOLS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{clean(recording.path.name)}: {recording.layout}, {venues}: {shown}"
