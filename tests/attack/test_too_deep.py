"""What is nested deeper than a reader goes is refused in the reader's own words, like anything else that is not expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import load_settings
from engine.control.requests import read_answer, read_request
from engine.errors import EngineError
from engine.hours.table import read_table
from engine.messages.commands import TradingState
from engine.risk.halt import TradingHalts
from engine.risk.latch import HaltLatch
from engine.security.audit.entry import read_entry
from engine.security.tokens.keys import decoded_signing_keys
from engine.watch_list import WatchList

DEEP = b'{"x":' * 30_000
"""Goes on for longer than any stack."""


def of_toml(path: Path) -> object:
    path.write_bytes(b"a = " + b"[" * 30_000)
    return load_settings(path)


def of_digits(path: Path) -> object:
    path.write_bytes(b"a = " + b"9" * 30_000)
    return load_settings(path)


def of_watch_list(path: Path) -> object:
    path.write_bytes(DEEP)
    return WatchList(path, "kraken").read()


READERS: dict[str, Callable[[Path], object]] = {
    "a request at the control socket": lambda _: read_request(DEEP),
    "its answer": lambda _: read_answer(DEEP),
    "an entry of the audit log": lambda _: read_entry(DEEP, "entry 1"),
    "the signing keys": lambda _: decoded_signing_keys(DEEP),
    "the watch list": of_watch_list,
    "the settings": of_toml,
    "a number in the settings": of_digits,
}


@pytest.mark.parametrize("what", READERS)
def test_a_reader_refuses_it_in_a_sentence(tmp_path: Path, what: str) -> None:
    with pytest.raises(EngineError) as refused:
        READERS[what](tmp_path / "file.toml")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


def test_a_file_of_halts_that_is_too_deep_halts_everything(tmp_path: Path) -> None:
    path = tmp_path / "halts.json"
    path.write_bytes(DEEP)
    (halt,) = HaltLatch(path, TradingHalts()).stricter(1)
    assert halt.state is TradingState.HALTED


def test_a_cached_calendar_that_is_too_deep_is_no_calendar(tmp_path: Path) -> None:
    path = tmp_path / "XNYS.json"
    path.write_bytes(DEEP)
    assert read_table(path) is None
