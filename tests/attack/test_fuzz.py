"""Whatever is read from outside, bent in a few places, is read or refused in our own words, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct

from engine.adapters.alpaca import messages as alpaca
from engine.adapters.alpaca.reading import order_of
from engine.adapters.binance import messages as binance
from engine.adapters.binance import parse as of_binance
from engine.adapters.bridge import protocol as bridge
from engine.adapters.coinbase import messages as coinbase
from engine.adapters.coinbase import parse as of_coinbase
from engine.adapters.desks.delivery import Delivery
from engine.adapters.desks.parse import instrument_of
from engine.adapters.desks.sequel import Sequel
from engine.adapters.kraken import messages as kraken
from engine.adapters.kraken import parse as of_kraken
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import SimulatedClock
from engine.config import MarketSettings, load_settings
from engine.control.requests import Answer, Code, read_answer, read_request, written
from engine.desk.redis_quotes import read_entry
from engine.errors import EngineError
from engine.ids import OrderIds
from engine.market.market import Market
from engine.model.undecodable import UNDECODABLE
from engine.risk.limits_source import LimitsSource
from engine.security.tokens.claims import Kind
from engine.store.journal import SegmentJournal
from engine.store.reading import JournalReader
from engine.store.segment import name_of
from engine.transport.skew import ClockSkew
from terminal.orderline.errors import ParseError, ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.resolve import resolve
from tests.architecture.sources import ROOT
from tests.attack.effort import IS_SAMPLE, effort
from tests.orderline_desk import desk
from tests.unit.engine import test_binance_parse as binance_texts
from tests.unit.engine import test_coinbase_parse as coinbase_texts
from tests.unit.engine import test_kraken_parse as kraken_texts
from tests.unit.engine.alpaca_texts import AAPL, ORDER
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS
from tests.unit.engine.token_bench import TokenBench

AT_NS = 1_723_118_400_000_000_000
OURS = (EngineError, ParseError, ResolveError)
"""What may be raised at text from outside."""
BRIDGE = (
    '{"type":"filled","fill":{"fill_id":"E-1","client_id":"a","symbol":"AAPL","side":"buy","price":"1.01","quantity":"5"}}',
    '{"type":"stock","id":1,"part":1,"last":true,"as_of_ns":1,"since_ns":0,"orders":[],"fills":[],"positions":{"AAPL":"-5"}}',
    '{"type":"rejected","client_id":"a","reason":"no","time_ns":5}',
)
CONTROL = (
    '{"ask":"set-state","state":"halted","reason":"fire","symbol":"ABC"}\n',
    '{"ask":"cancel-all","symbol":"ABC","wait_s":1.5}\n',
    '{"ask":"status","hashed":true}\n',
)
LINES = (
    "b 100 AAPL 189.35 day post",
    "s pos AAPL mkt sl=1% tp=2%",
    "m #12 190",
    "x AAPL",
    "oco s 10 BTC 1 stp=0.5",
    "b r$500 AAPL",
)
FRAMES = (
    '{"stream":"ethusdt@depth","data":{"e":"depthUpdate","E":1,"s":"ETHUSDT","U":1,"u":2,"b":[["2650.01","3"]],"a":[]}}',
    '{"stream":"ethusdt@trade","data":{"e":"trade","E":1,"s":"ETHUSDT","t":5,"p":"2650.01","q":"0.5","T":1,"m":true}}',
)
CHANNELS = (
    (
        '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.1}],"asks":[],'
        '"checksum":1,"timestamp":"2023-09-25T07:49:37.708706Z"}]}'
    ),
    (
        '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":45283.5,"qty":0.00123,'
        '"ord_type":"limit","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}'
    ),
)
SHARED = (
    '{"run":"r1","number":7,"sent_ns":1723118400000000000,"ahead_ns":-5,"whole":true,"has_ended":false,"terms":[["BTC/USD","kraken",'
    '"crypto","USD","BTC","Bitcoin","0.1","0.1","0.001","0.001","0","0.5","1","24/7",true]],"rows":[["BTC/USD","kraken",610000,610001,5,7,'
    '1723118399000000000,1723118399500000000,"","open","",9,[[610000,3,1,1723118399000000000,1723118399500000000,12,"",true]]]],"layout":1}'
)
PIECES = (
    *(
        b"",
        b"-",
        b"0",
        b"9" * 40,
        b"1e999",
        b"NaN",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'"',
        b"\\",
        b"\\ud800",
        b",",
        b":",
    ),
    *(
        b"\xff",
        b"\x00",
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"\n",
        b"[" * 2_000,
        b'{"a":' * 2_000,
        b" = ",
        b"#",
        b"'",
        b"[[",
        b"1e-9",
    ),
)
EDITS = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)
Read = Callable[[bytes], object]


def bent(sample: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Return a sample with some of it replaced, left out or put in."""
    for place, length, piece in edits:
        at = place % (len(sample) + 1)
        sample = sample[:at] + piece + sample[at + length :]
    return sample


def of_line(line: bytes) -> object:
    return resolve(parse(line.decode("utf-8", "replace")), desk(held=100), OrderIds(0), 7, "PAPER-1")


def of_stream(frame: bytes) -> object:
    data, units = binance.decode(frame).data, TextUnits(binance_texts.instrument())
    if data is None:
        return None
    with suppress(Unreadable):
        return of_binance.delta_of(data, units, AT_NS)
    return of_binance.trade_of(data, units, data.trade_id, AT_NS)


def of_channel(frame: bytes) -> object:
    message = kraken.decode(frame)
    if not isinstance(message, kraken.BookMessage):
        return message
    units = TextUnits(kraken_texts.instrument())
    return [of_kraken.delta_of(each, units, AT_NS) for each in message.data]


def of_books(text: bytes) -> object:
    units = TextUnits(coinbase_texts.instrument())
    return [of_coinbase.delta_of(event, units, 1, 0, AT_NS) for event in coinbase.read_books(text)]


def of_bridge(line: bytes) -> object:
    try:
        return bridge.decode(line)
    except UNDECODABLE:  # its link counts them
        return bridge.is_unknown(line)


def of_shared(said: bytes) -> object:
    entry, clock, sequel = read_entry(said), SimulatedClock(AT_NS), Sequel()
    if entry is None:
        raise Unreadable("bad_message", "an entry")
    market, delivery = Market(MarketSettings(), clock), Delivery("desk:a", "the desk a", clock, ClockSkew())
    sequel.hear([entry])
    for terms in sequel.terms.values():
        market.on_listed(instrument_of(terms))
    for row in sequel.take().values():
        delivery.deliver(market, row, entry.number)
    return [state.trust(AT_NS) for state in market.states.values()]


BENCH = TokenBench()
READERS: dict[str, tuple[Sequence[str], Read]] = {
    "an order line": (LINES, of_line),
    "a request at the control socket": (CONTROL, read_request),
    "an answer of the control socket": (
        (written(Answer(code=Code.PROVEN, text="done")).decode(),),
        read_answer,
    ),
    "a message of a gateway": (BRIDGE, of_bridge),
    "a frame of Binance": (FRAMES, of_stream),
    "a pair of Binance": (
        (binance_texts.PAIR,),
        lambda raw: of_binance.instrument_of(*binance.read_pair(Raw(raw))),
    ),
    "a message of Kraken": (CHANNELS, of_channel),
    "an envelope of Coinbase": ((coinbase_texts.BOOK,), coinbase.read_envelope),
    "books of Coinbase": ((f"[{coinbase_texts.CHANGE}]",), of_books),
    "a product of Coinbase": (
        (coinbase_texts.PRODUCT,),
        lambda raw: of_coinbase.instrument_of(coinbase.read_product(Raw(raw))),
    ),
    "an entry of another desk": ((SHARED,), of_shared),
    "an order of Alpaca": ((json.dumps(ORDER),), lambda raw: order_of(alpaca.read_order(raw), "a", AAPL)),
    "a token": (
        (BENCH.signed(BENCH.claims()),),
        lambda raw: BENCH.verifier.claims_of(raw.decode("latin-1"), Kind.ACCESS),
    ),
}


@pytest.mark.parametrize("what", READERS)
@given(choice=st.integers(0, 10), edits=EDITS)
@settings(
    deadline=None, max_examples=effort(40), derandomize=IS_SAMPLE, suppress_health_check=list(HealthCheck)
)
def test_a_bent_message_raises_nothing_but_our_own(
    what: str, choice: int, edits: list[tuple[int, int, bytes]]
) -> None:
    samples, read = READERS[what]
    data = bent(samples[choice % len(samples)].encode(), edits)
    try:
        read(data)
    except OURS as error:
        assert len(str(error)) < 4_000 + len(data)  # noqa: PT017  # every other error fails the test


@pytest.mark.parametrize("what", READERS)
def test_every_sample_is_read_as_it_is(what: str) -> None:
    samples, read = READERS[what]
    told = []
    for sample in samples:
        try:
            told.append(read(sample.encode()))
        except OURS as error:
            told.append(error)
    assert not all(isinstance(each, Exception) for each in told), told


@given(edits=EDITS)
@settings(
    deadline=None, max_examples=effort(40), derandomize=IS_SAMPLE, suppress_health_check=list(HealthCheck)
)
def test_bent_settings_and_limits_are_read_or_refused_and_limits_in_force_stay(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, bytes]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    config, limits = folder / "config.toml", folder / "limits.toml"
    config.write_bytes(bent((ROOT / "docs" / "config.example.toml").read_bytes(), edits))
    limits.write_bytes(bent((ROOT / "docs" / "limits.example.toml").read_bytes(), edits))
    source = LimitsSource(limits)
    before = source.limits
    try:
        source.reload()
    except EngineError:
        assert source.limits is before
    refusal_of(config)


def refusal_of(config: Path) -> str:
    try:
        load_settings(config)
    except EngineError as error:
        return str(error)
    return ""


@given(edits=EDITS, segment=st.integers(1, 3))
@settings(
    deadline=None, max_examples=effort(40), derandomize=IS_SAMPLE, suppress_health_check=list(HealthCheck)
)
def test_a_bent_journal_is_read_up_to_where_it_is_whole_or_refused(
    edits: list[tuple[int, int, bytes]], segment: int
) -> None:
    disk, records = MemoryDisk(), RECORDS * 4
    journal = SegmentJournal(disk, segment_bytes=1_024, threaded=False).open()
    for number, record in enumerate(records, start=1):
        journal.append(record, number)
    journal.close()
    file = disk.files[name_of(segment)]
    file.data[:] = bent(bytes(file.data), edits)
    found: list[Struct] = []
    with suppress(EngineError):
        found.extend(entry.record for entry in JournalReader(disk))
    assert found == list(records[: len(found)])
