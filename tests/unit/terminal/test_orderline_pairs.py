"""Two orders of which one cancels the other: typed as one line, sent as one group."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.clock import NS_PER_MS
from engine.config import DeskSettings
from engine.ids import OrderIds
from engine.messages.events import Denial
from engine.model.order import OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.orderline.changing import changed_line
from terminal.orderline.composer import Composer
from terminal.orderline.errors import ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.intents import Pair
from terminal.orderline.resolve import resolve, stamp
from tests.frozen_desk import approve
from tests.orderline_desk import AAPL, desk

LINE = "s 100 aapl 195 oco stp=185"


def pair(text: str, on: Desk | None = None) -> Pair:
    action = resolve(parse(text), on or desk(), OrderIds(0), 7, "PAPER-1")
    assert isinstance(action, Pair)
    return action


def composer(text: str, held: int = 100) -> Composer:
    line = Composer(desk(held=held), OrderIds(0), "PAPER-1", DeskSettings())
    line.put(text)
    return line


def said(line: Composer) -> str:
    return "".join(text for text, _ in line.meaning())


def test_a_pair_is_a_limit_and_a_stop_of_one_size() -> None:
    both = pair(LINE, desk(held=100))
    limit, stop = both.first.request, both.second.request
    assert (limit.type, limit.limit, limit.stop) == (OrderType.LIMIT, 195_000, None)
    assert (stop.type, stop.limit, stop.stop) == (OrderType.STOP, None, 185_000)
    assert limit.quantity == stop.quantity == 100
    assert limit.reduce_only
    assert stop.reduce_only


def test_sizes_by_money_are_those_of_the_limit() -> None:
    both = pair("b $10k aapl 180 oco stp=200")
    assert both.first.request.quantity == both.second.request.quantity == 55


def test_the_stop_of_a_pair_may_trail() -> None:
    stop = pair("s pos aapl 195 oco tr=1%", desk(held=100)).second.request
    assert (stop.type, stop.trail, stop.quantity) == (OrderType.TRAILING, 1_900, 100)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("s 100 aapl 180 oco stp=185", "the limit of a sale stands above its stop: 180 is not"),
        ("b 100 aapl 195 oco stp=185", "the limit of a buy stands below its stop: 195 is not"),
        ("s 100 aapl 185 oco stp=185", "above its stop"),
    ],
)
def test_a_pair_on_the_wrong_sides_is_refused(text: str, meant: str) -> None:
    with pytest.raises(ResolveError) as caught:
        pair(text)
    assert meant in caught.value.sentence


def test_a_sent_pair_is_one_group_with_two_ids_and_one_correlation() -> None:
    sent = stamp(pair(LINE), OrderIds(0), 9)
    assert isinstance(sent, Pair)
    first, second = sent.first.request, sent.second.request
    assert first.client_id != second.client_id
    assert (first.number, second.number) == (1, 2)
    assert first.group == second.group == first.correlation == second.correlation == first.client_id


def test_both_previews_are_awaited_and_shown() -> None:
    line = composer(LINE)
    assert [request.type for request in line.requests] == [OrderType.LIMIT, OrderType.STOP]
    assert line.take_preview(approve(line.requests[0]))
    assert line.preview is None
    assert line.take_preview(approve(line.requests[1]))
    assert said(line).startswith(
        "SELL 100 AAPL LMT 195.00 DAY RO or STP 185.00  limit  ✓  ≈ 18,234  stop  ✓  ≈ 18,234"
    )
    assert not line.take_preview(approve(composer("b 5 aapl bid").requests[0]))
    line.put("b 5 aapl bid")
    assert line.preview is None


def test_a_refused_half_is_what_the_ticket_shows() -> None:
    line = composer(LINE)
    line.take_preview(approve(line.requests[0]))
    line.take_preview(replace(approve(line.requests[1]), denials=(Denial("halted", "AAPL is halted"),)))
    assert line.preview is not None
    assert line.preview.denials
    assert "stop  ! AAPL is halted" in said(line)
    assert not line.denied, "the other half would go out"
    line.take_preview(replace(approve(line.requests[0]), denials=(Denial("halted", "AAPL is halted"),)))
    assert line.denied


def test_a_pair_is_sent_by_the_second_enter() -> None:
    line = composer(LINE)
    assert line.enter(NS_PER_MS * 1_000) is None
    sent = line.enter(NS_PER_MS * 2_000)
    assert sent is not None
    assert isinstance(sent, Pair)
    assert sent.second.request.side is Side.SELL


def test_a_nudged_pair_stays_a_pair() -> None:
    on = desk(held=100)
    for text, stop in ((LINE, "stp=185"), ("s 100 aapl 195 oco tr=1%", "tr=1.9")):
        both = pair(text, on)
        requests = (both.first.request, both.second.request)
        line = changed_line(*requests, instrument=on.instruments[AAPL], ticks=5, quantity=50)
        assert line == f"s 50 AAPL @195.05 oco {stop} day ro"
        assert pair(line, on).second.request.quantity == 50
