"""Whatever a gateway sends is counted, doubted or cleaned; nothing of it ends the bridge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.bridge import link
from engine.adapters.bridge.link import Link
from engine.messages.reports import (
    AcceptReport,
    CorrectReport,
    FillReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from tests.unit.engine.bridge_bench import HandBench
from tests.unit.engine.paper_bench import SYMBOL

FILL = {"fill_id": "E-1", "client_id": "a", "symbol": SYMBOL, "side": "buy", "price": "1.01", "quantity": "5"}
ORDER = {
    "client_id": "a",
    "symbol": SYMBOL,
    "side": "buy",
    "quantity": "10",
    "filled": "0",
    "status": "working",
}


@pytest.fixture(scope="module")
def shared() -> Iterator[HandBench]:
    bench = HandBench().open_gateway()
    bench.begin()
    yield bench
    bench.close()


@pytest.fixture
def bench(shared: HandBench) -> HandBench:
    """The same link for every test: none of them may end it."""
    shared.settle()
    shared.reports.clear()
    return shared


def malformed_by(bench: HandBench, data: bytes) -> int:
    """Send bytes and return how many of them could not be read; the link goes on."""
    before, connections = bench.bridge.counters.malformed, bench.gateway.connections
    bench.gateway.say_raw(data)
    bench.settle()
    assert bench.gateway.connections == connections
    return bench.bridge.counters.malformed - before


def line(**message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


@pytest.mark.parametrize(
    "data",
    [
        b"no json\n",
        b"[1]\n",
        b"null\n",
        b"\xff\xfe\n",
        b"{\n",
        b"[" * 100_000 + b"\n",
        b'{"type": 7}\n',
        b'{"type": "filled"}\n',
        b'{"type": "accepted", "client_id": NaN}\n',
        b'{"type": "pong", "id": "one"}\n',
        line(type="accepted", client_id="a", venue_id="1", time_ns=-1),
        line(type="accepted", client_id="a", venue_id="1", time_ns=1 << 70),
        line(type="status", id=1, order={**ORDER, "status": "confused"}),
        line(type="status", order=ORDER),
        line(type="not_found", client_id="a"),
    ],
)
def test_a_line_that_is_no_message_is_counted_and_the_next_one_is_heard(
    bench: HandBench, data: bytes
) -> None:
    assert malformed_by(bench, data) == 1
    assert bench.bridge.counters.last_fault
    assert not [report for report in bench.reports if not isinstance(report, LostReport)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "NaN"},
        {"price": "sNaN"},
        {"price": "Infinity"},
        {"price": "1e999999999"},
        {"price": "0e999999999"},
        {"price": "1.015"},
        {"price": "-1.01"},
        {"price": "0"},
        {"price": "one"},
        {"price": None},
        {"quantity": "0"},
        {"quantity": "-5"},
        {"quantity": "0.5"},
        {"quantity": "1" + "0" * 20},
        {"fee": "1e400"},
        {"symbol": "NONE"},
        {"side": "hold"},
        {"liquidity": "both"},
    ],
)
@pytest.mark.parametrize("kind", ["filled", "corrected"])
def test_a_fill_that_cannot_be_read_makes_its_order_doubtful(
    bench: HandBench, kind: str, wrong: dict[str, Any]
) -> None:
    assert malformed_by(bench, line(type=kind, fill={**FILL, **wrong})) == 1
    (lost,) = bench.reports
    assert isinstance(lost, LostReport)
    assert lost.client_id == "a"
    assert lost.reason.startswith("what the broker said could not be read: ")


def test_an_unreadable_order_in_a_status_makes_it_doubtful(bench: HandBench) -> None:
    assert malformed_by(bench, line(type="status", id=1, order={**ORDER, "limit": "0.001"})) == 1
    assert [type(report) for report in bench.reports] == [LostReport]


def test_numbers_are_taken_where_text_is_expected(bench: HandBench) -> None:
    bench.gateway.say({"type": "filled", "fill": {**FILL, "price": 1.01, "quantity": 5}})
    bench.settle()
    (report,) = bench.of(FillReport)
    assert (report.fill.price, report.fill.quantity) == (101, 5)
    assert report.fill.fee_currency == "USD"
    assert 0 < report.fill.event_ns <= report.fill.receive_ns


def test_a_message_of_an_unknown_kind_is_counted_apart(bench: HandBench) -> None:
    unknown = bench.bridge.counters.unknown
    assert malformed_by(bench, line(type="weather", client_id="a")) == 0
    assert bench.bridge.counters.unknown == unknown + 1
    assert not bench.reports


def test_text_is_cleaned_before_anyone_keeps_it(bench: HandBench) -> None:
    bench.gateway.say(
        {
            "type": "rejected",
            "client_id": "a\x1b]0;x\x07",
            "reason": "no\x1b[2J\u202e " + "y" * 500,
            "kind": "\x1b",
        },
        {"type": "accepted", "client_id": "b" * 100, "venue_id": "\x9b31m7"},
        {"type": "busted", "client_id": "c", "fill_id": "E\r\n1", "reason": "\x00"},
    )
    bench.settle()
    texts = [
        value
        for report in bench.reports
        for value in (getattr(report, name) for name in report.__struct_fields__)
        if isinstance(value, str)
    ]
    assert len(texts) == 8
    assert all(text.isprintable() and len(text) <= 200 for text in texts)
    assert len(bench.of(AcceptReport)[0].client_id) == 64
    assert bench.of(RejectReport)[0].client_id == "a]0;x"


def test_a_line_of_ten_megabytes_is_thrown_away_and_the_next_one_is_heard(bench: HandBench) -> None:
    too_long = bench.bridge.counters.too_long
    assert malformed_by(bench, b"x" * 10_000_000 + b"\n" + line(type="not_found", id=1, client_id="z")) == 1
    assert bench.bridge.counters.too_long == too_long + 1
    assert [type(report) for report in bench.reports] == [NotFoundReport]


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=150)
def test_no_bytes_end_the_link(shared: HandBench, data: bytes) -> None:
    links = shared.bridge.counters.links
    shared.gateway.say_raw(data + b"\n")
    shared.settle()
    assert shared.bridge.counters.links == links


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FILL, *ORDER]), inner),
    max_leaves=8,
)
KINDS = st.sampled_from(
    ["accepted", "filled", "corrected", "status", "stock", "replaced", "busted", "welcome", "canceled"]
)
FIELDS = st.dictionaries(
    st.sampled_from(["client_id", "fill", "order", "fills", "time_ns", "id", "part", "last", "positions"]),
    JSON,
)


@given(KINDS, FIELDS)
@settings(deadline=None, max_examples=200)
def test_no_shape_of_a_message_ends_the_link(shared: HandBench, kind: str, fields: dict[str, Any]) -> None:
    links = shared.bridge.counters.links
    shared.gateway.say({**fields, "type": kind})
    shared.settle()
    assert shared.bridge.counters.links == links


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"")), max_size=8), st.data())
@settings(deadline=None)
def test_lines_are_the_same_however_the_bytes_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    async def heard() -> tuple[list[bytes], int]:
        kept: list[bytes] = []
        too_long: list[None] = []
        cutter = Link(kept.append, lambda: too_long.append(None))
        rest = b"".join(each + b"\n" for each in lines)
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            cutter.data_received(rest[:size])
            rest = rest[size:]
        return kept, len(too_long)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link, "LINE_BYTES_MAX", 12)
        kept, too_long = asyncio.run(heard())
    assert kept == [each for each in lines if 0 < len(each) <= 12]
    assert too_long == len([each for each in lines if len(each) > 12])


# Stocks


def asked(bench: HandBench) -> int:
    bench.broker.take_stock(7, 1)
    bench.settle()
    return int(bench.gateway.of("stock")[-1]["id"])


def part(stock_id: int, number: int, *, last: bool, **facts: Any) -> dict[str, Any]:
    head = {"type": "stock", "id": stock_id, "part": number, "last": last, "as_of_ns": 100 + number}
    return {**head, **facts}


def heard(bench: HandBench, *parts: dict[str, Any]) -> BrokerStock:
    bench.gateway.say(*parts)
    bench.settle()
    return bench.of(StockReport)[-1].stock


def test_the_parts_of_a_stock_are_put_together(bench: HandBench) -> None:
    stock_id = asked(bench)
    stock = heard(
        bench,
        part(stock_id, 1, last=False, orders=[ORDER], cash={"USD": "1.25"}),
        part(stock_id, 2, last=True, fills=[FILL], positions={SYMBOL: "-5"}, since_ns=9, cash={"EUR": "-2"}),
    )
    assert [order.client_id for order in stock.orders] == ["a"]
    assert [fill.fill_id for fill in stock.fills] == ["E-1"]
    assert stock.positions == {SYMBOL: -5}
    assert stock.cash_micros == {"USD": 1_250_000, "EUR": -2_000_000}
    assert (stock.as_of_ns, stock.since_ns, stock.complete) == (101, 9, True)


def test_a_stock_says_how_far_back_it_was_asked_for(bench: HandBench) -> None:
    stock = heard(bench, part(asked(bench), 1, last=True))
    assert (stock.since_ns, stock.cash_micros) == (7, None)


@pytest.mark.parametrize(
    "facts",
    [
        {"orders": [{**ORDER, "quantity": "NaN"}]},
        {"fills": [{**FILL, "price": "0.001"}]},
        {"positions": {"NONE": "1"}},
        {"positions": {SYMBOL: "1e99"}},
        {"cash": {"USD": "Infinity"}},
    ],
)
def test_a_stock_with_something_unreadable_is_not_complete(bench: HandBench, facts: dict[str, Any]) -> None:
    before = bench.bridge.counters.malformed
    stock = heard(bench, part(asked(bench), 1, last=True, **facts))
    assert not stock.complete
    assert bench.bridge.counters.malformed == before + 1


def test_a_stock_whose_part_is_missing_is_not_complete(bench: HandBench) -> None:
    stock_id = asked(bench)
    assert not heard(bench, part(stock_id, 1, last=False), part(stock_id, 3, last=True)).complete


def test_a_stock_that_nobody_asked_for_is_passed_over(bench: HandBench) -> None:
    bench.gateway.say(part(999_999, 1, last=True))
    bench.settle()
    assert not bench.of(StockReport)


def test_a_stock_that_never_comes_gives_way_to_later_ones(bench: HandBench) -> None:
    ids = [asked(bench) for _ in range(20)]
    assert heard(bench, part(ids[-1], 1, last=True)).complete
    bench.reports.clear()
    bench.gateway.say(part(ids[0], 1, last=True))
    bench.settle()
    assert not bench.reports


def test_a_correction_and_a_status_are_read_in_units(bench: HandBench) -> None:
    bench.gateway.say(
        {"type": "corrected", "fill": FILL},
        {"type": "status", "id": 9, "order": {**ORDER, "limit": "1.01", "stop": None}, "fills": [FILL]},
    )
    bench.settle()
    assert bench.of(CorrectReport)[0].fill.price == 101
    assert bench.of(StatusReport)[0].order.limit == 101
