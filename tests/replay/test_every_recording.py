"""Every file of recorded data replays whole: as many events as it has rows or messages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from engine.adapters.replay import describe
from engine.errors import FileDataError
from engine.model.depth import DepthDelta, DepthSnapshot
from tests.replay.counting_sink import CountingSink, replayed
from tests.shared_data import SHARED, shared

_DATA = SHARED / "data"
_PARQUET = sorted(str(p.relative_to(_DATA)) for p in _DATA.glob("*/*.parquet")) or ["none.parquet"]
_MARKET = [name for name in _PARQUET if not name.startswith("risk_portfolio/")]
_RISK = [name for name in _PARQUET if name.startswith("risk_portfolio/")] or ["none.parquet"]
_HOLES = {"daily_bars/vix_wti_close.parquet": 336}
_BOOKS = {
    "binance-coinm_BTCUSD_PERP_20240808": 26848,
    "binance-spot_BTCUSDT_20240808-09": 6496,
    "binance-spot_ETHUSDT_20240808-09": 6471,
    "binance-usdm_BTCUSDT_20240808": 6552,
}
_CAPTURES = {
    "binance_spot_ethusdt_20240808.txt.gz": {"quote": 24077, "trade": 6106, "delta": 3434, "snapshot": 1},
    "kraken_book1000_crc32_20210417.txt.gz": {"delta": 4269, "snapshot": 10},
    "coinbase_l2_ticker_matches_20210417.txt.gz": {
        "delta": 9719,
        "snapshot": 10,
        "quote": 107,
        "trade": 107,
    },
}


def _rows(name: str) -> int:
    with shared("data/MANIFEST.csv").open(encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest):
            if name in row.values():
                return int(row["rows"])
    raise AssertionError(f"{name} is not in the manifest")


@pytest.mark.parametrize("name", [n for n in _MARKET if not n.startswith("crypto_depth/")])
def test_every_row_of_a_recording_becomes_an_event(name: str) -> None:
    sink = replayed(shared(f"data/{name}"), sink=CountingSink(keep=False))
    holes = _HOLES.get(name, 0)
    assert sink.counts.total() == _rows(name) - holes
    assert sink.reasons == ["missing_price"] * holes


@pytest.mark.parametrize(("name", "messages"), _BOOKS.items())
def test_every_message_of_a_book_becomes_an_event(name: str, messages: int) -> None:
    path = shared(f"data/crypto_depth/{name}_depth.parquet")
    sink = replayed(path)
    assert sink.counts == {"snapshot": 1, "delta": messages - 1}
    assert not sink.malformed
    books = [event for event in sink.events if isinstance(event, DepthSnapshot | DepthDelta)]
    levels = sum(len(book.bids) + len(book.asks) for book in books)
    assert levels == _rows(f"crypto_depth/{name}_depth.parquet")


@pytest.mark.parametrize(("name", "counts"), _CAPTURES.items())
def test_every_message_of_a_capture_becomes_an_event(name: str, counts: dict[str, int]) -> None:
    sink = replayed(shared(f"data/crypto_ws_raw/{name}"), sink=CountingSink(keep=False))
    assert dict(sink.counts) == counts
    assert not sink.malformed


@pytest.mark.parametrize("name", _RISK)
def test_what_is_no_market_data_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(FileDataError, match="understood are quotes"):
        describe([shared(f"data/{name}")])


def test_the_files_of_one_recording_interleave_as_the_raw_capture_did() -> None:
    folder = "data/crypto_%s/binance-spot_ETHUSDT_20240808-09_%s.parquet"
    parts = [("depth", "depth"), ("ticks", "quotes"), ("ticks", "trades")]
    merged = replayed(*(shared(folder % part) for part in parts))
    raw = replayed(shared("data/crypto_ws_raw/binance_spot_ethusdt_20240808.txt.gz"))
    kinds = [type(event).__name__ for event in raw.events]
    assert [type(event).__name__ for event in merged.events[: len(kinds)]] == kinds
    times = [event.receive_ns for event in raw.events]  # type: ignore[attr-defined]
    assert [e.receive_ns for e in merged.events[: len(times)]] == times  # type: ignore[attr-defined]


def test_one_symbol_at_two_venues_gets_two_names() -> None:
    paths = [
        shared(f"data/crypto_ticks/{name}_trades.parquet")
        for name in ("binance-spot_BTCUSDT_20240808-09", "binance-usdm_BTCUSDT_20240808")
    ]
    sink = replayed(*paths)
    assert sorted(sink.listed) == ["BTCUSDT.spot", "BTCUSDT.usdm"]
    times = [event.receive_ns for event in sink.events]  # type: ignore[attr-defined]
    assert times == sorted(times)
    assert len(times) == 19904 + 21313


@pytest.mark.parametrize("name", _MARKET)
def test_every_recording_can_be_described(name: str) -> None:
    path: Path = shared(f"data/{name}")
    (line,) = describe([path])
    assert path.name in line
