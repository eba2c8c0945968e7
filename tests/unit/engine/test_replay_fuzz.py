"""Whatever is in a file, reading it ends in events, counted reasons or one sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import FileDataError
from tests.replay.counting_sink import CountingSink, replayed

_BINANCE = [
    b'1723161254024619568 {"stream":"x","data":{"u":5,"s":"ETHUSDT","b":"2.8","B":"3","a":"2.9","A":"1"}}',
    b'1723161254036052868 {"data":{"e":"depthUpdate","s":"ETHUSDT","U":1,"u":2,"b":[["2.8","3"]],"a":[]}}',
    b'1723161254152322667 {"lastUpdateId":2,"bids":[["2.8","3"]],"asks":[["2.9","1"]]}',
]
_KRAKEN = [
    b"wss://ws.kraken.com <-> 1618678132.3858151",
    b'1618678133.1: [1,{"as":[["2.9","1.0","1618678133.1"]],"bs":[]},"book-10","XMR/USD"]',
    b'1618678133.2: [1,{"b":[["2.8","1.0","1618678133.2"]],"c":"7"},"book-10","XMR/USD"]',
    b'1618678133.3: {"event":"systemStatus","status":"online"}',
]
_COINBASE = [
    b"wss://ws-feed.pro.coinbase.com <-> 1618677816.8434298",
    b'1618677817.1: {"type":"snapshot","product_id":"A-B","asks":[["2.9","1"]],"bids":[["2.8","1"]]}',
    b'1618677817.2: {"type":"l2update","product_id":"A-B","changes":[["buy","2.8","0"]]}',
    b'1618677817.3: {"type":"ticker","product_id":"A-B","best_bid":"1","best_ask":"2","time":"2021-04-17"}',
]
_DUMP = [
    b"3050,55000.01,0.001,1,2,1723075200123,True,True",
    b"3051,55000.02,0.001,3,3,1723075200124,False,True",
]
_FILES = {"a.txt": _BINANCE, "b.txt": _KRAKEN, "c.txt": _COINBASE, "BTCUSDT-aggTrades-x.csv": _DUMP}
_PIECES = st.sampled_from(
    [b"", b"-", b"NaN", b"null", b"[]", b"{}", b'"', b"1e999", b"\xff", b"\x1b[2J", b",", b"9" * 40, b" <-> "]
)


@pytest.mark.parametrize("name", _FILES)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), _PIECES), min_size=1, max_size=4))
def test_an_edited_capture_never_raises_anything_but_a_sentence(
    tmp_path: Path, name: str, edits: list[tuple[int, int, bytes]]
) -> None:
    data = b"\n".join(_FILES[name] * 2)
    for place, length, piece in edits:
        at = place % len(data)
        data = data[:at] + piece + data[at + length :]
    path = tmp_path / name
    path.write_bytes(data)
    sink = CountingSink()
    with contextlib.suppress(FileDataError):
        replayed(path, sink=sink)
    shown = "".join(source + reason + detail for source, reason, detail in sink.malformed)
    assert (shown + "".join(sink.listed)).isprintable()
