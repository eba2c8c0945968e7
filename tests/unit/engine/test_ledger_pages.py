"""Entries that came packed stay so until one of them is asked for, and then say what they always said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from engine.execution.standing_fills import StandingFills
from engine.messages import ledger_page
from engine.messages.ledger_page import PAGE, FillEntry, LedgerPage, pack, pages_in, unpack
from engine.messages.state import Booked, BookedDividend, BookedFill, BookedSplit
from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.portfolio.ledger import Ledger
from engine.store import snapshots
from tests.unit.engine.portfolio_bench import ACME, INSTRUMENTS, SIEM, brought_back, fill

rates = st.none() | st.integers(1, 10**12)
booked_fills = st.builds(
    BookedFill,
    st.builds(
        lambda quantity, price, text: replace(fill(quantity, price), client_id=text, account=text),
        st.integers(1, 2**63 - 1),
        st.integers(-(2**63), 2**63 - 1),
        st.text(max_size=40),
    ),
    rates,
    rates,
)
splits = st.builds(BookedSplit, st.integers(1, 99), st.integers(1, 99), rates, rates)
dividends = st.builds(BookedDividend, st.decimals(0, 100, places=4).map(Decimal), rates)


def keyed(entries: list[Booked]) -> dict[str | int, Booked]:
    return {
        each.fill.fill_id if isinstance(each, BookedFill) else number: each
        for number, each in enumerate(entries)
    }


def traded(count: int) -> tuple[Ledger, list[Fill]]:
    """Return a ledger that was brought back with so many fills, each by an order of its own."""
    ledger = Ledger(INSTRUMENTS, CurrencyRates("USD"))
    fills = [replace(fill(10, 100 + n), client_id=f"order-{n}") for n in range(count)]
    for each in fills:
        ledger.on_fill(each)
    return brought_back(ledger), fills


def standing(ledger: Ledger) -> StandingFills:
    known = StandingFills()
    for page in (record for record in ledger.capture() if isinstance(record, LedgerPage)):
        known.update(dict.fromkeys(page.keys, page))
    return known


@given(st.lists(booked_fills | splits | dividends, max_size=8), st.integers(0, 8))
def test_a_page_gives_back_what_was_packed_and_is_the_same_bytes_however_it_is_cut(
    entries: list[Booked], cut: int
) -> None:
    whole, first, rest = keyed(entries), keyed(entries[:cut]), keyed(entries[cut:])
    page = pack(ACME, whole, waits=False)
    assert dict(unpack(page)) == whole
    parts = [pack(ACME, part, waits=False).entries for part in (first, rest)]
    assert b"".join(parts) == page.entries


def test_a_page_names_every_field_of_a_fill() -> None:
    assert FillEntry.__struct_fields__ == (*Fill.__struct_fields__, "rate", "fee_rate")
    values = {name: number for number, name in enumerate(("price", "quantity", "fee_micros", "event_ns"), 5)}
    made = replace(fill(1, 1), receive_ns=9, account="a", fee_currency="CHF", **values)
    assert dict(unpack(pack(ACME, {"f": BookedFill(made, 1, 2)}, waits=False))) == {
        "f": BookedFill(made, 1, 2)
    }


def test_a_ledger_that_was_brought_back_stays_packed_while_it_trades_on() -> None:
    ledger, fills = traded(2 * PAGE + 1)
    (holding,) = ledger.holdings()
    ledger.on_fill(fill(10, 500))
    ledger.on_fill(fills[0])
    assert ledger.duplicates == 1
    assert [len(page.keys) for page in pages_in(holding.booked.values())] == [PAGE, PAGE, 1]
    assert holding.position.quantity == 10 * (2 * PAGE + 2)


def test_a_ledger_that_is_captured_again_hands_its_pages_on_as_they_are() -> None:
    ledger, _ = traded(PAGE + 1)
    ledger.on_fill(fill(10, 500))
    captured = [each for each in ledger.capture() if isinstance(each, LedgerPage)]
    (holding,) = ledger.holdings()
    assert captured[:2] == list(pages_in(holding.booked.values()))
    assert [len(page.keys) for page in captured] == [PAGE, 1, 1]


def test_an_amount_beyond_64_bits_comes_back() -> None:
    ledger = Ledger(INSTRUMENTS, CurrencyRates("USD"))
    ledger.on_fill(fill(2**62, 2**62))
    back = brought_back(ledger)
    assert back.positions[ACME].cost == ledger.positions[ACME].cost > 2**64
    assert list(back.holdings()[0].lots.open) == list(ledger.holdings()[0].lots.open)


def test_what_waited_for_a_rate_is_converted_once_it_is_known_though_it_came_packed() -> None:
    known = CurrencyRates("USD")
    ledger = Ledger(INSTRUMENTS, known)
    for signed, price in ((10, 100), (-10, 300)):
        ledger.on_fill(fill(signed, price, symbol=SIEM))
    back = brought_back(ledger)
    known.set("EUR", 2 * 10**9)
    back.settle()
    assert back.holdings()[0].realised_micros == 2 * 10 * 2 * 10**6


def test_the_terms_of_one_fill_open_its_page_only() -> None:
    ledger, fills = traded(2 * PAGE)
    known = standing(ledger)
    assert fills[3].fill_id in known
    assert len(pages_in(known.values())) == 2
    assert known.terms(fills[3].fill_id) == fills[3]
    assert len(pages_in(known.values())) == 1
    assert known.terms("never") is None


def test_a_fill_that_is_taken_back_stands_no_more() -> None:
    ledger, fills = traded(3)
    known = standing(ledger)
    assert known.take_back(fills[1].fill_id) == fills[1]
    assert known.take_back(fills[1].fill_id) is None
    assert list(known) == [fills[0].fill_id, fills[2].fill_id]


def test_the_fills_of_an_order_are_found_and_only_their_pages_are_opened() -> None:
    ledger, fills = traded(3 * PAGE)
    known = standing(ledger)
    assert list(known.of_order(f"order-{PAGE}")) == [fills[PAGE]]
    assert len(pages_in(known.values())) == 2
    assert list(known.of_order("order")) == []


@pytest.mark.parametrize("kind", ledger_page.PAGE_LAYOUT)
def test_the_layout_of_snapshots_covers_what_pages_are_made_of(
    kind: type[Struct], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshots.layout()
    others = tuple(each for each in ledger_page.PAGE_LAYOUT if each is not kind)
    monkeypatch.setattr(snapshots, "PAGE_LAYOUT", others)
    snapshots.layout.cache_clear()
    try:
        assert snapshots.layout() != before
    finally:
        snapshots.layout.cache_clear()
