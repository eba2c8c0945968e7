"""Reads the bars of files that a model is to be trained on, and leaves out what the rules of validation speak against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.layouts import open_recording
from engine.adapters.replay.recording import Doubtful, Malformed, Recording
from engine.errors import FileDataError
from engine.model.bar import Bar, RecordedBar
from engine.model.text import clean
from engine.signals.validation.bar_checks import check_bars
from engine.signals.validation.finding import Severity
from engine.signals.validation.series_checks import BarRow, Terms

FAILED_SHARE_MAX: Final = 0.01
"""Where more bars than this fail the rules, the data is to be mended before anything is learned from it."""
_BLOCK: Final = 1 << 20


class BarsRead(NamedTuple):
    """The bars of all files."""

    bars: Mapping[str, Sequence[Bar]]
    """By symbol, in the order of time."""
    sha256: str
    """Of the hashes of all files, in their order."""
    left_out: Mapping[str, int]
    """How many bars were left out, by rule."""


def read_bars(files: Sequence[Path], interval_ns: int, now_ns: int) -> BarsRead:
    """Read the bars of several files, each symbol in one of them.

    Raises:
        FileDataError: one can't be read, holds no bars of that length, or too much that fails the rules.
    """
    bars: dict[str, Sequence[Bar]] = {}
    left_out, digest = Counter[str](), sha256()
    for path in files:
        recording = open_recording(path)
        if recording.zoneless:
            raise FileDataError(str(path), "its times name no zone: whether they are UTC is not known")
        digest.update(_hash(path))
        for symbol, kept in _of_file(recording, interval_ns, now_ns, left_out).items():
            if symbol in bars:
                raise FileDataError(
                    str(path), f"{symbol} is in another file too; expected all its bars in one"
                )
            bars[symbol] = kept
    return BarsRead(bars, digest.hexdigest(), dict(left_out))


def _hash(path: Path) -> bytes:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.digest()


def _of_file(
    recording: Recording, interval_ns: int, now_ns: int, left_out: Counter[str]
) -> dict[str, list[Bar]]:
    stored, malformed = _stored(recording)
    if not stored:
        raise FileDataError(str(recording.path), f"expected bars, found {recording.layout}")
    left_out.update({"unreadable": malformed} if malformed else {})
    count, failed, found = malformed, malformed, dict[str, list[Bar]]()
    for symbol, rows in stored.items():
        if (length_ns := rows[0].bar.interval_ns) != interval_ns:
            raise FileDataError(
                str(recording.path),
                f"its bars last {length_ns / 1e9:g} s; the spec says {interval_ns / 1e9:g} s",
            )
        checked = check_bars(rows, Terms(now_ns=now_ns))
        fails = [each.rule.name for each in checked.findings if each.rule.severity is Severity.FAIL]
        left_out.update(fails)
        count, failed = count + len(rows), failed + len(rows) - len(checked.kept)
        found[clean(symbol)] = [each.bar for each in checked.kept]
    if failed > FAILED_SHARE_MAX * count:
        raise FileDataError(
            str(recording.path),
            f"{failed:,} of {count:,} bars fail the rules; touchline data check names them: mend the data first",
        )
    return found


def _stored(recording: Recording) -> tuple[dict[str, list[BarRow]], int]:
    """Return the bars by symbol in the order in which they are stored, and how many rows are none."""
    instruments = Instruments(recording.listings)
    stored, malformed = dict[str, list[BarRow]](), 0
    for chunk in recording.read_stored(instruments):
        for row, event in zip(chunk.order.tolist(), chunk.events, strict=True):
            if isinstance(event, Malformed | Doubtful):
                malformed += 1
            elif isinstance(event, RecordedBar):
                stored.setdefault(event.bar.symbol, []).append(BarRow(row, event.bar))
    return stored, malformed
