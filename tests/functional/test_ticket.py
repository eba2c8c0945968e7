"""The ticket and the order line together: what is asked, what the gate says, and the buttons."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.messages.commands import AmendOrder, BookDividend, SubmitOrder
from engine.messages.events import Denial
from engine.messages.views import OrderPreview
from engine.model.ability_table import ABILITIES
from engine.model.instrument import Symbol
from engine.model.order import ExitPlan, OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.widgets.ticket_page import TicketPage
from terminal.widgets.ticket_rows import fitting
from terminal.widgets.ticket_view import Stage, Ticket
from tests.desk_hands import GUARD_S, Hands, Try, trying
from tests.frozen_desk import approve, whole_frame
from tests.market_views import desk, instrument, order

INSIDE = (36, 9)
"""The ticket's cells on a terminal of 160x48."""


@pytest.fixture
def at_desk(tmp_path: Path) -> Try:
    """Return what runs a script at a desk of a size and gives back the engine it spoke to."""
    return trying(tmp_path)


def request(**changes: object) -> OrderRequest:
    made = OrderRequest(
        client_id="draft",
        number=0,
        account="PAPER-1",
        symbol=Symbol("NVDA"),
        side=Side.BUY,
        quantity=500,
        type=OrderType.LIMIT,
        limit=18_050,
    )
    return replace(made, **changes)


def drawn(ticket: Ticket, size: tuple[int, int] = INSIDE, symbol: str = "NVDA") -> list[str]:
    page = TicketPage(ticket, desk(symbol), size[0])
    rows = [*page.rows(ticket.requests[0]), *page.foot_rows()]
    return ["".join(text for text, _ in row.runs) for row in fitting(rows, size[1])]


def test_the_ticket_has_everything_on_its_rows_and_cuts_no_figure() -> None:
    asked = request()
    preview = replace(
        approve(asked), notional_micros=1_234_567_890_000_000, buying_power_after_micros=-123_400_000_000
    )
    rows = drawn(Ticket(Stage.TYPED, (asked,), preview))
    assert max(len(row) for row in rows) <= INSIDE[0]
    assert rows[1] == " Qty         500  -100 +100 ½ ¼ max"
    assert rows[2] == " Price       180.50   -1.01% vs last"
    assert rows[4] == " Value  1,234,567,890  BP -123K"
    assert rows[5] == " After           400  quote 0.2s sim"
    assert rows[6] == " Checks ✓ all 1 passed"
    assert rows[-1] == "  ⏎ Review   ^R Reset   esc "


@pytest.mark.parametrize("quantity", [1, 12_345, 1_234_567, 123_456_789_012])
def test_buttons_give_way_to_a_long_size(quantity: int) -> None:
    rows = drawn(Ticket(Stage.TYPED, (request(quantity=quantity),)))
    assert f"{quantity:,}" in rows[1]
    assert max(len(row) for row in rows) <= INSIDE[0]


def test_a_long_symbol_is_cut_before_the_holding() -> None:
    symbol = "BTC-PERPETUAL-SWAP-USDT"
    rows = drawn(Ticket(Stage.TYPED, (request(symbol=Symbol(symbol)),)), symbol=symbol)
    assert rows[0].endswith("… flat")
    assert len(rows[0]) <= INSIDE[0]


def test_what_matters_less_gives_way_to_every_refusal_and_the_buttons() -> None:
    asked = request(plan=ExitPlan(stop=17_900, target=18_400))
    reasons = ("order value is 912,345, limit 250,000", "position would be 1,200, limit 1,000")
    preview = replace(approve(asked), denials=tuple(Denial("rule", text) for text in reasons))
    rows = drawn(Ticket(Stage.TYPED, (asked,), preview))
    assert len(rows) == INSIDE[1]
    text = "\n".join(rows)
    assert "! refused" in text
    assert "max 2,000" in text
    for kept in ("Side", "Qty", "Price", "Review", "order value is 912,345", "position would be"):
        assert kept in text
    assert "BP" not in text


def test_many_refusals_leave_the_buttons_and_no_sentence_ends_in_the_middle() -> None:
    asked = request()
    texts = [f"rule number {number} would be 19,747,350, limit 250,000" for number in range(8)]
    preview = replace(approve(asked), denials=tuple(Denial("rule", text) for text in texts))
    rows = drawn(Ticket(Stage.STAGED, (asked,), preview, denied=True))
    assert len(rows) == INSIDE[1]
    text = " ".join(row.strip() for row in rows)
    assert texts[0] in text
    assert texts[1] in text
    assert all(row.endswith("…") for row in rows if "number 2" in row)
    assert "⏎ DENIED" in rows[-1]
    assert "SEND" not in text


def test_news_takes_no_place_from_the_order() -> None:
    asked = request()
    news = "market: XOM is halted by its market: volatility pause: moved +5.1%"
    rows = drawn(Ticket(Stage.STAGED, (asked,), approve(asked), news, is_news=True))
    for kept in ("Value", "After", "Checks", "SEND"):
        assert any(kept in row for row in rows), kept
    assert [row for row in rows if "XOM" in row] == [" market: XOM is halted by its mark…"]


def test_the_side_is_told_without_colours() -> None:
    assert "BUY  sell" in drawn(Ticket(Stage.TYPED, (request(),)))[0]
    assert "buy  SELL" in drawn(Ticket(Stage.TYPED, (request(side=Side.SELL),)))[0]


def test_a_change_shows_what_it_replaces() -> None:
    before = order(4, Side.SELL, 200, limit=18_240)
    asked = request(client_id=before.client_id, side=Side.SELL, quantity=300, limit=18_250)
    rows = drawn(Ticket(Stage.TYPED, (asked,), approve(asked), amends=before))
    assert "#4 NVDA" in rows[0]
    assert "300" in rows[1]
    assert "was 200" in rows[1]
    assert rows[2] == " Price       182.50   was 182.40"


def test_a_flip_has_a_row_of_its_own() -> None:
    on = desk()
    asked = request(side=Side.SELL)
    page = TicketPage(Ticket(Stage.STAGED, (asked,), flips=True), on, INSIDE[0])
    assert any("on_loud" in role for _, role in page.foot_rows()[0].runs)


def test_the_buttons_change_review_and_send_and_leave_the_keys_with_the_line(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("b 100 NVDA 182.30")
        await hands.pilot.pause(GUARD_S)

        async def click(text: str) -> None:
            rows = [hands.row("#ticket", y) for y in range(hands.screen.ticket.size.height)]
            y = next(y for y, row in enumerate(rows) if text in row)
            await hands.pilot.click("#ticket", offset=(rows[y].index(text), y))
            await hands.pilot.pause(GUARD_S)

        await click("+100")
        assert hands.line == "b 200 NVDA @182.3 day"
        await click("½")
        assert hands.line == "b 1000 NVDA @182.3 day"
        await click("max")
        assert hands.line == "b 2000 NVDA @182.3 day"
        await click("Reset")
        assert hands.line == "b 100 NVDA bid"
        await click("Review")
        assert hands.focused == "line"
        assert hands.engine.told == []
        await click("SEND")

    (sent,) = at_desk(script).told
    assert isinstance(sent, SubmitOrder)
    assert (sent.request.quantity, sent.request.limit) == (100, 18_233)


def test_what_is_booked_needs_a_second_enter_and_the_ticket_speaks_of_no_order(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("dividend AAPL 0.24")
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        await hands.pilot.pause(GUARD_S)
        assert hands.screen.ticket._caption == "⏎ again · esc"
        assert hands.engine.told == []
        await hands.press("enter")
        await hands.pilot.pause()

    (told,) = at_desk(script).told
    assert told == BookDividend(Symbol("AAPL"), Decimal("0.24"), origin="line")


def test_ctrl_r_begins_anew_while_typing(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("s 7 NVDA 190")
        await hands.press("ctrl+r")
        assert hands.line == "s 100 NVDA ask"
        hands.screen.type_line("m #4 p=190 q=20")
        await hands.press("ctrl+r")
        assert hands.line == "m #4 p=182.40 q=200"

    at_desk(script)


def test_the_keys_are_the_panes_again_once_an_order_is_sent(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("5", "b")
        assert hands.focused == "line"
        await hands.pilot.pause(GUARD_S)
        await hands.twice("enter")
        assert hands.focused == "orders"
        assert "working only" in hands.row("#hints")
        hands.screen.type_line("b 100 nosuch")
        await hands.press("enter")
        assert hands.focused == "line"

    assert len(at_desk(script).told) == 1


def test_a_change_is_judged_and_shown_before_it_is_sent(at_desk: Try) -> None:
    asked: list[OrderRequest] = []

    async def script(hands: Hands) -> None:
        answer = hands.engine.preview

        def preview(request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
            asked.append(request)
            answer(request, deliver)

        hands.engine.preview = preview  # type: ignore[method-assign]
        await hands.press("5", "j", "m")
        await hands.pilot.pause()
        shown = [hands.row("#ticket", y) for y in range(9)]
        assert "#4 NVDA" in shown[0]
        assert "✓ all 1 passed" in "".join(shown)
        hands.screen.ticket.action_nudge(1)
        await hands.pilot.pause()
        assert hands.line == "m #4 p=182.41 q=200"
        assert "was 182.40" in hands.row("#ticket", 2)
        assert "AMEND #4 NVDA LMT 182.40 ▸ 182.41" in hands.row("#line")
        assert "✓" in hands.row("#line")
        await hands.pilot.pause(GUARD_S)
        await hands.twice("enter")

    (sent,) = at_desk(script).told
    assert isinstance(sent, AmendOrder)
    assert (sent.client_id, sent.limit) == ("test-4", 18_241)
    assert {wanted.client_id for wanted in asked} == {"test-4"}


def test_a_preview_of_another_tick_of_the_market_is_asked_for_again(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("b 100 NVDA bid")
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        on = hands.screen.desk
        on.quotes[Symbol("NVDA")] = replace(on.quotes[Symbol("NVDA")], bid=18_231)
        hands.screen.line.redraw()
        await hands.pilot.pause()
        preview = hands.screen.line.composer.preview
        assert isinstance(preview, OrderPreview)
        assert preview.request.limit == 18_231
        assert "182.31" in hands.row("#ticket", 2)

    at_desk(script)


def test_long_names_and_sizes_fit_the_smallest_ticket() -> None:
    on = desk("NVDA")
    on.instruments[Symbol("NVDA")] = instrument("NVDA", tick="0.00000001", unit="0.00000001")
    asked = request(limit=12_345_678_901_234)
    page = TicketPage(Ticket(Stage.TYPED, (asked,), approve(asked), pegged="ask+.05"), on, 20)
    assert "123456.78901234" in "".join(text for text, _ in page.rows(asked)[2].runs)


def test_an_empty_ticket_says_what_the_accounts_broker_takes_and_nothing_of_one_that_takes_all() -> None:
    on = desk("NVDA")
    assert not any("takes" in row for row in empty(on))
    on.abilities = ABILITIES["binance"]
    assert " ".join(" ".join(empty(on)).split()).endswith(
        "Binance takes market, limit, stop, stop-limit; limits GTC, IOC, FOK, post-only"
    )
    assert max(map(len, empty(on))) <= INSIDE[0]


def empty(on: Desk) -> list[str]:
    rows = TicketPage(Ticket(), on, INSIDE[0]).empty_rows()
    return ["".join(text for text, _ in row.runs) for row in fitting(rows, 9)]


def test_the_line_offers_what_the_broker_takes_and_leaves_a_time_unsaid_that_it_has(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("colon", *("space" if each == " " else each for each in "b 1 NVDA 180"))
        assert hands.screen.line.composer.ghost.split() == ["lmt", "gtc"]
        await hands.press("enter")
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")

    engine = trying(tmp_path, replace(whole_frame(), abilities=ABILITIES["binance"]))(script)
    (sent,) = (each for each in engine.told if isinstance(each, SubmitOrder))
    assert sent.request.tif is TimeInForce.GTC
