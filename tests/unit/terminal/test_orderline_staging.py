from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from engine.clock import NS_PER_MS
from engine.config import DeskSettings
from engine.ids import OrderIds
from engine.messages.commands import CancelAll, Flatten, SubmitOrder
from engine.messages.events import Denial
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from terminal.orderline.composer import TOO_FAST, Composer
from terminal.orderline.editor import LineEditor
from terminal.orderline.staging import Twice
from tests.frozen_desk import approve
from tests.orderline_desk import AAPL, desk, order, position, quote

GUARD_NS = 250 * NS_PER_MS
ORDER = "b 100 AAPL @189.5"


class Hand:
    """Types on a line at chosen times."""

    def __init__(self) -> None:
        self.desk = desk(held=100)
        self.line = Composer(self.desk, OrderIds(0), "PAPER-1", DeskSettings())
        self.now_ns = 10 * GUARD_NS

    def type(self, text: str) -> None:
        for character in text:
            self.insert(character)
            self.wait(50)

    def insert(self, text: str) -> None:
        def insert(editor: LineEditor) -> None:
            editor.insert(text)

        self.line.edit(insert, self.now_ns)

    def wait(self, ms: float) -> None:
        self.now_ns += int(ms * NS_PER_MS)

    def enter(self) -> object:
        return self.line.enter(self.now_ns)

    @property
    def meaning(self) -> str:
        return "".join(text for text, _ in self.line.meaning())

    def move_market(self, units: int) -> None:
        self.desk.quotes[AAPL] = quote(AAPL, 189_330 + units, 189_360 + units, 189_340)


def test_an_order_is_sent_by_the_second_enter() -> None:
    hand = Hand()
    hand.type(ORDER)
    assert hand.enter() is None
    assert hand.line.staged
    hand.wait(300)
    assert isinstance(hand.enter(), SubmitOrder)
    assert hand.line.editor.text == ""
    hand.wait(300)
    assert hand.enter() is None


def test_a_refusal_goes_with_its_reason() -> None:
    hand = Hand()
    listed = hand.desk.instruments.pop(AAPL)
    hand.type(ORDER)
    hand.enter()
    assert "AAPL is not listed" in hand.meaning
    hand.desk.instruments[AAPL] = listed
    hand.line.refresh()
    assert hand.line.notice is None
    assert "BUY 100 AAPL LMT 189.50" in hand.meaning


def test_a_double_tap_does_not_send() -> None:
    hand = Hand()
    hand.type(ORDER)
    hand.enter()
    for _ in range(20):
        hand.wait(200)
        assert hand.enter() is None
    assert hand.line.staged


def test_an_order_whose_market_moved_is_staged_again() -> None:
    hand = Hand()
    hand.type(ORDER)
    hand.enter()
    hand.move_market(1_000)
    hand.wait(300)
    assert hand.enter() is None
    assert hand.line.notice is not None
    assert "market moved +53 bp" in hand.line.notice[0]
    hand.wait(300)
    assert isinstance(hand.enter(), SubmitOrder)


def test_a_word_for_a_price_follows_the_market_until_it_is_sent_and_says_what_it_means_now() -> None:
    hand = Hand()
    hand.type("b 100 AAPL bid")
    hand.enter()
    assert "BUY 100 AAPL LMT bid 189.33 DAY" in hand.meaning
    hand.move_market(100)
    hand.line.refresh()
    assert "BUY 100 AAPL LMT bid 189.43 DAY" in hand.meaning
    hand.wait(300)
    hand.move_market(200)
    sent = hand.enter()
    assert isinstance(sent, SubmitOrder)
    assert sent.request.limit == 189_530


def test_all_but_the_prices_stay_as_they_were_reviewed() -> None:
    hand = Hand()
    hand.type("s pos AAPL ask")
    hand.enter()
    hand.desk.positions[AAPL] = position(AAPL, 60)
    hand.move_market(100)
    hand.wait(300)
    sent = hand.enter()
    assert isinstance(sent, SubmitOrder)
    assert (sent.request.quantity, sent.request.reduce_only, sent.request.limit) == (100, True, 189_460)


def test_what_no_longer_means_anything_is_not_sent() -> None:
    hand = Hand()
    hand.type("s pos AAPL mkt")
    hand.enter()
    del hand.desk.positions[AAPL]
    hand.wait(300)
    assert hand.enter() is None
    assert not hand.line.staged
    assert hand.line.notice == ("pos needs a position, and you are flat in AAPL", "down")


def test_a_refusal_is_on_the_key_and_before_news_of_anything_else() -> None:
    hand = Hand()
    hand.type(ORDER)
    hand.enter()
    request = hand.line.requests[0]
    texts = ("AAPL is halted", "order size is 100, limit 50", "it is late")
    hand.line.take_preview(replace(approve(request), denials=tuple(Denial("rule", text) for text in texts)))
    hand.line.notice = ("XOM is halted by its market", "warn")
    assert hand.meaning.startswith(" ⏎ DENIED ")
    assert "AAPL is halted · 2 more" in hand.meaning
    assert hand.meaning.index("AAPL is halted") < hand.meaning.index("XOM is halted")
    hand.line.take_preview(approve(request))
    assert hand.meaning.startswith(" ⏎ SEND ")
    assert hand.meaning.index("✓  ≈ 18,234  pos") < hand.meaning.index("XOM is halted")
    hand.wait(300)
    hand.move_market(1_000)
    hand.enter()
    assert hand.meaning.index("look again") < hand.meaning.index("≈ 18,234")


def test_an_order_that_flips_a_position_says_so_loudly_and_so_does_the_key_that_sends_it() -> None:
    hand = Hand()
    hand.type("s 250 AAPL bid")
    assert ("FLIPS TO SHORT 150", "on_badge+b/warn") in [(t.strip(), r) for t, r in hand.line.meaning()]
    hand.enter()
    assert hand.meaning.startswith(" ⏎ FLIP ")
    hand.line.put("")
    hand.type("s 100 AAPL bid")
    hand.enter()
    assert hand.meaning.startswith(" ⏎ SEND ")
    assert "FLIPS" not in hand.meaning
    hand.desk.positions[AAPL] = position(AAPL, -50)
    hand.line.put("")
    hand.type("b 80 AAPL bid")
    assert "FLIPS TO LONG 30" in hand.meaning
    hand.line.put("")
    hand.type("rev")
    assert "FLIPS TO LONG 50" in hand.meaning


def test_an_order_that_flips_only_since_its_review_is_reviewed_again() -> None:
    hand = Hand()
    del hand.desk.positions[AAPL]
    hand.type("s 250 AAPL mkt")
    hand.enter()
    hand.desk.positions[AAPL] = position(AAPL, 100)
    hand.wait(300)
    assert hand.enter() is None
    assert hand.line.notice is not None
    assert "this flips it now" in hand.line.notice[0]
    hand.wait(300)
    assert isinstance(hand.enter(), SubmitOrder)


def test_a_change_that_would_flip_a_position_says_so() -> None:
    hand = Hand()
    hand.desk.orders["id-12"] = order(12, side=Side.SELL)
    hand.type("m #12 q=200")
    assert "FLIPS TO SHORT 60" in hand.meaning


def test_cancels_go_out_at_the_first_enter_and_flattening_at_the_second() -> None:
    hand = Hand()
    hand.type("xx")
    assert hand.enter() == CancelAll(None, "line")
    hand.type("flat!")
    hand.wait(300)
    assert hand.enter() is None
    hand.move_market(5_000)
    hand.wait(300)
    assert hand.enter() == Flatten(None, "line")


def test_a_pasted_burst_with_line_ends_as_enter_never_sends() -> None:
    for text in (ORDER, "xx", "flat!"):
        hand = Hand()
        for _ in range(5):
            hand.insert(text)
            assert hand.enter() is None
            assert hand.enter() is None


def test_an_enter_too_fast_for_a_hand_says_so_and_the_next_one_reviews() -> None:
    hand = Hand()
    hand.insert("xx")
    hand.enter()
    hand.line.put("")
    hand.insert("xx")
    assert hand.enter() is None
    assert not hand.line.staged
    assert hand.line.notice == (TOO_FAST, "warn")
    hand.wait(300)
    assert hand.enter() == CancelAll(None, "line")
    assert hand.line.notice is None


def test_pasted_line_ends_become_spaces() -> None:
    hand = Hand()
    hand.insert("b 100 AAPL\r\n@189.5\n\x1b[31m")
    assert hand.line.editor.text == "b 100 AAPL @189.5 [31m"
    assert not hand.line.staged


def test_an_edit_and_escape_unstage() -> None:
    hand = Hand()
    hand.type(ORDER)
    hand.enter()
    hand.insert("5")
    assert not hand.line.staged
    hand.wait(300)
    hand.enter()
    hand.wait(300)
    assert hand.line.escape()
    assert not hand.line.staged
    assert hand.line.editor.text == f"{ORDER}5"


def test_a_repeated_line_is_staged_and_waits() -> None:
    hand = Hand()
    hand.line.stage(ORDER, hand.now_ns)
    hand.wait(100)
    assert hand.enter() is None
    hand.wait(300)
    assert isinstance(hand.enter(), SubmitOrder)


def test_an_enter_takes_the_suggestion_unless_something_was_typed() -> None:
    hand = Hand()
    hand.line.put("b", " 100 AAPL bid")
    hand.enter()
    assert hand.line.staged
    assert hand.line.editor.text == "b 100 AAPL bid"
    hand.line.put("b", " 100 AAPL bid")
    hand.type(" 7 ask")
    assert hand.line.editor.text == "b 7 ask"


def test_the_usual_size_is_that_of_the_newest_order_that_was_not_refused() -> None:
    hand = Hand()
    hand.desk.orders.clear()
    hand.type("b bid")
    hand.enter()
    assert hand.line.notice is not None
    assert "say how many" in hand.line.notice[0]
    for number, quantity, changes in (
        (1, 70, {}),
        (2, 100, {"status": OrderStatus.FILLED}),
        (3, 90_000, {"status": OrderStatus.DENIED}),
        (4, 500, {"status": OrderStatus.REJECTED}),
        (5, 30, {"origin": "leg"}),
        (6, 40, {"group": "id-6"}),
        (7, 20, {"symbol": Symbol("BTC-USD")}),
    ):
        hand.desk.orders[f"id-{number}"] = order(number, quantity=quantity, **changes)
    hand.line.put("")
    hand.type("b bid")
    assert hand.line.request is not None
    assert hand.line.request.quantity == 100
    assert hand.line.drafter.suggestion("bid") == " 100 AAPL bid"


def test_news_never_covers_what_the_next_enter_sends() -> None:
    hand = Hand()
    hand.type(ORDER)
    hand.line.notice = ("#7 filled", "up")
    assert "".join(text for text, _ in hand.line.meaning()) == "#7 filled "
    hand.enter()
    hand.line.notice = ("#7 filled", "up")
    shown = "".join(text for text, _ in hand.line.meaning())
    assert shown.index("BUY 100 AAPL") < shown.index("#7 filled")


def test_a_key_pressed_twice_counts_only_within_its_time() -> None:
    key = Twice(250)
    assert not key.press(0)
    assert not key.press(100 * NS_PER_MS)
    assert key.press(400 * NS_PER_MS)
    assert not key.press(5_000 * NS_PER_MS)
    assert not key.press(9_000 * NS_PER_MS)
    assert key.press(9_300 * NS_PER_MS)


class EveryHand(RuleBasedStateMachine):
    """Whatever the hands do: no send within the guard of another Enter, and one send for each staging."""

    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand()
        self.last_enter_ns: int | None = None
        self.stagings = 0
        self.sends = 0

    @rule(text=st.sampled_from((ORDER, "b 5 bid", "flat", "s pos mkt", "nonsense", "x", "5", " ")))
    def types(self, text: str) -> None:
        self.hand.insert(text)

    @rule(ms=st.integers(0, 600))
    def waits(self, ms: int) -> None:
        self.hand.wait(ms)

    @rule(units=st.integers(-2_000, 2_000))
    def market_moves(self, units: int) -> None:
        self.hand.move_market(units)

    @rule()
    def escapes(self) -> None:
        self.hand.line.escape()

    @rule()
    def clears(self) -> None:
        self.hand.line.put("")

    @rule()
    def presses_enter(self) -> None:
        was_staged = self.hand.line.staged
        since = None if self.last_enter_ns is None else self.hand.now_ns - self.last_enter_ns
        sent = self.hand.enter()
        if self.hand.line.staged and not was_staged:
            self.stagings += 1
        if isinstance(sent, SubmitOrder | Flatten):
            assert was_staged
            assert since is not None
            assert since >= GUARD_NS
            self.sends += 1
        self.last_enter_ns = self.hand.now_ns

    @invariant()
    def sends_are_staged_first(self) -> None:
        assert self.sends <= self.stagings


EveryHand.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)
TestEveryHand = EveryHand.TestCase
