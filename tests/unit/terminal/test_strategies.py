"""The word `as=` on the line: read, written back, completed, resolved and told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.messages.commands import CancelAll, SetTradingState, SubmitOrder, TradingState
from engine.model.trade import Side
from terminal.orderline.completion import complete
from terminal.orderline.describe import describe
from terminal.orderline.drafting import Drafter
from terminal.orderline.errors import ParseError
from terminal.orderline.grammar import parse
from terminal.orderline.headline import headline
from terminal.orderline.intents import Pair
from tests import market_views as views


def action(line: str) -> object:
    draft = Drafter(views.desk(), "PAPER-1").draft(line)
    assert draft.action is not None, draft.sentence
    return draft.action


@pytest.mark.parametrize(
    "line",
    ["b 100 NVDA mkt as=mean.rev-2", "x as=meanrev", "halt as=meanrev", "reduce as=a_1", "resume as=a"],
)
def test_what_is_read_is_written_back(line: str) -> None:
    assert describe(parse(line)) == line


def test_an_order_and_both_of_a_pair_carry_the_strategy() -> None:
    order = action("b 100 NVDA @182 as=MeanRev")
    assert isinstance(order, SubmitOrder)
    assert order.request.strategy == "meanrev"
    pair = action("s 100 NVDA 195 oco stp=170 as=meanrev")
    assert isinstance(pair, Pair)
    assert {pair.first.request.strategy, pair.second.request.strategy} == {"meanrev"}


def test_commands_mean_one_strategy() -> None:
    assert action("x as=meanrev") == CancelAll(origin="line", strategy="meanrev")
    halted = action("halt as=meanrev")
    assert isinstance(halted, SetTradingState)
    assert (halted.state, halted.symbol, halted.strategy) == (TradingState.HALTED, None, "meanrev")


@pytest.mark.parametrize(
    "line", ["b 1 NVDA as=", "b 1 NVDA as=a/b", "b 1 NVDA as=a as=b", "halt as=a NVDA", "x as=", "b 1 as mkt"]
)
def test_what_is_no_strategy_is_refused(line: str) -> None:
    with pytest.raises(ParseError):
        parse(line)


def test_names_that_the_desk_knows_complete_the_line() -> None:
    desk = views.desk()
    desk.orders["test-1"] = replace(views.order(1, Side.BUY, 5), strategy="meanrev")
    assert complete("b 100 NVDA as=m", desk).insert == "eanrev"
    assert complete("halt as=", desk).insert == "meanrev"
    assert complete("x a", views.desk()).insert == "s="


def test_the_preview_and_the_cancel_name_the_strategy_and_count_its_orders() -> None:
    desk = views.desk()
    desk.orders["test-1"] = replace(views.order(1, Side.BUY, 5), strategy="meanrev")
    desk.orders["test-2"] = views.order(2, Side.BUY, 5)
    text = "".join(run[0] for run in headline(CancelAll(strategy="meanrev"), desk))
    assert text == "CANCEL as=meanrev 1 open"
    order = action("b 100 NVDA @182 as=meanrev")
    assert isinstance(order, SubmitOrder)
    assert "as=meanrev" in "".join(run[0] for run in headline(order, desk))
