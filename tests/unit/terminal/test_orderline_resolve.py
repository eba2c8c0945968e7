from __future__ import annotations

import pytest

from engine.clock import NS_PER_S
from engine.ids import OrderIds
from engine.messages.catalogue import CatalogueView, VenueListings, WatchView
from engine.messages.commands import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    Flatten,
    Jump,
    SubmitOrder,
    UnwatchSymbol,
    WatchSymbol,
)
from engine.messages.playback_views import PlaybackView
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.orderline.amending import amended
from terminal.orderline.changing import change_line
from terminal.orderline.completion import complete
from terminal.orderline.errors import ResolveError
from terminal.orderline.grammar import parse
from terminal.orderline.intents import Action, FocusSymbol
from terminal.orderline.requests import DraftIds
from terminal.orderline.resolve import resolve, stamp
from tests.orderline_desk import AAPL, BTC, desk, order


def done(text: str, on: Desk | None = None) -> Action:
    return resolve(parse(text), on or desk(), OrderIds(0), 7, "PAPER-1")


def asked(text: str, on: Desk | None = None) -> OrderRequest:
    action = done(text, on)
    assert isinstance(action, SubmitOrder)
    return action.request


def refusal(text: str, on: Desk | None = None) -> str:
    with pytest.raises(ResolveError) as caught:
        done(text, on)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("b 100 aapl @189.5", 189_500),
        ("b 100 ask+.05", 189_410),
        ("b 100 bid-2t", 189_310),
        ("s 100 ask+2t", 189_380),
        ("b 100 mid", 189_340),
        ("s 100 mid", 189_350),
        ("b 100 last+5bp", 189_430),
        ("s 100 last+5bp", 189_440),
    ],
)
def test_a_price_between_ticks_is_rounded_to_the_passive_side(text: str, limit: int) -> None:
    assert asked(text).limit == limit


def test_a_typed_price_between_ticks_is_refused_with_its_neighbours() -> None:
    sentence = refusal("b 100 AAPL 189.505")
    assert "189.50" in sentence
    assert "189.51" in sentence


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("b 2.5k aapl bid", 2_500),
        ("b $10k aapl @100", 100),
        ("b $10050 aapl @100", 100),
        ("b 25% aapl @100", 2_500),
        ("b .002 btc-usd bid", 2),
        ("b $100 btc-usd @50000", 2),
    ],
)
def test_sizes_become_whole_lots_rounded_down(text: str, quantity: int) -> None:
    assert asked(text).quantity == quantity


def test_a_size_between_lots_or_in_another_currency_is_refused() -> None:
    assert "lots of 1: 1 or 2" in refusal("b 1.5 aapl bid")
    assert "priced in JPY" in refusal("b $10k usdjpy bid")
    assert "less than one lot" in refusal("b $5 aapl bid")


def test_position_sizes_need_a_position_and_only_close_it() -> None:
    assert asked("s pos/2", desk(held=101)).quantity == 50
    assert asked("s pos", desk(held=100)).reduce_only
    assert "flat in AAPL" in refusal("s pos")
    assert "s pos closes it" in refusal("b pos", desk(held=100))


def test_an_exit_only_reduces_and_a_larger_order_does_not() -> None:
    assert asked("s 100 bid", desk(held=100)).reduce_only
    assert asked("b 100 bid", desk(held=-100)).reduce_only
    assert not asked("s 150 bid", desk(held=100)).reduce_only
    assert not asked("b 100 bid", desk(held=100)).reduce_only


def test_short_and_cover_check_the_position_they_speak_of() -> None:
    assert "s closes it" in refusal("ss 100 bid", desk(held=5))
    assert "bc only closes a short" in refusal("bc 100 bid", desk(held=5))
    assert asked("bc bid", desk(held=-30)).quantity == 30
    assert not asked("ss 100 bid").reduce_only


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("b 1 aapl", OrderType.MARKET),
        ("b 1 aapl mkt", OrderType.MARKET),
        ("b 1 aapl bid", OrderType.LIMIT),
        ("b 1 aapl stp=195", OrderType.STOP),
        ("b 1 aapl mkt stp=195", OrderType.STOP),
        ("b 1 aapl 196 stp=195", OrderType.STOP_LIMIT),
        ("s 1 aapl tr=5t", OrderType.TRAILING),
    ],
)
def test_price_and_options_decide_the_type(text: str, kind: OrderType) -> None:
    assert asked(text).type is kind


def test_trailing_distances_are_whole_ticks() -> None:
    assert asked("s 1 aapl tr=5t").trail == 50
    assert asked("s 1 aapl tr=.50").trail == 500
    assert asked("s 1 aapl tr=1%").trail == 1_900


def test_an_unknown_symbol_names_the_nearest() -> None:
    assert "did you mean AAPL" in refusal("b 100 APPL bid")
    assert "did you mean BTC-USD" in refusal("b 1 BTC bid")


def test_an_amendment_steps_from_the_order_as_it_is() -> None:
    assert done("m #12 p+2t q=200") == AmendOrder("id-12", 200, 180_520, None, "line")
    assert done("m #12 q+50") == AmendOrder("id-12", 150, None, None, "line")
    assert "filled already" in refusal("m #12 q=40")
    assert "like that already" in refusal("m #12 p=180.5")
    assert "has no stop price" in refusal("m #12 stp+1t")
    assert "no order #13" in refusal("m #13 q=5")


def test_where_a_trailing_stop_stands_is_not_a_term_that_can_be_set() -> None:
    on = desk()
    on.orders["id-12"] = trailing = order(12, type=OrderType.TRAILING, limit=None, stop=185_000, trail=500)
    assert refusal("m #12 stp=186", on) == "order #12 trails the market: its stop can't be set"
    assert change_line(trailing, on) == "m #12 q=100"
    assert amended(trailing, AmendOrder("id-12", 200), "A").stop is None


def test_cancels_and_flattening_name_what_they_mean() -> None:
    assert done("x #12") == CancelOrder("id-12", "line")
    assert done("x btc-usd") == CancelAll(BTC, "line")
    assert done("xx") == CancelAll(None, "line")
    assert done("flat") == Flatten(AAPL, "line")
    assert done("flat!") == Flatten(None, "line")


def test_a_reversal_is_one_order_of_twice_the_position() -> None:
    request = asked("rev", desk(held=-100))
    assert (request.side, request.quantity, request.type) == (Side.BUY, 200, OrderType.MARKET)
    assert not request.reduce_only


def test_a_symbol_alone_is_looked_at() -> None:
    assert done("btc-usd ch") == FocusSymbol(BTC, "chart")


def test_a_jump_finds_the_day_of_the_recording() -> None:
    on = desk()
    assert "only a replay" in refusal("jump 14:30", on)
    day = 86_400 * NS_PER_S
    on.playback = PlaybackView("replay", False, False, 1.0, day // 2, 2 * day, 0)
    assert done("jump 14:30", on) == Jump(int(14.5 * 3600) * NS_PER_S)
    assert done("jump 01:00", on) == Jump(day + 3600 * NS_PER_S)


def test_a_draft_takes_no_number_until_it_is_stamped() -> None:
    ids = OrderIds(0)
    draft = resolve(parse("b 1 aapl bid"), desk(), DraftIds(), 0, "PAPER-1")
    assert isinstance(draft, SubmitOrder)
    assert draft.request.number == 0
    sent = stamp(draft, ids, 9)
    assert isinstance(sent, SubmitOrder)
    assert (sent.request.number, sent.request.created_ns) == (1, 9)
    assert sent.request.correlation == sent.request.client_id


def watched(*symbols: str, dropped: frozenset[Symbol] = frozenset()) -> Desk:
    on = desk()
    on.watching = WatchView("test", tuple(map(Symbol, symbols)), dropped)
    return on


def test_a_symbol_is_watched_and_unwatched_by_its_name_or_the_one_in_focus() -> None:
    on = watched("AAPL", "BTC-USD")
    on.focus = BTC
    assert done("watch eth/usd", on) == WatchSymbol("ETH/USD")
    assert done("watch 'day", on) == WatchSymbol("DAY")
    assert done("unwatch aapl", on) == UnwatchSymbol(AAPL)
    assert done("unwatch", on) == UnwatchSymbol(BTC)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("watch aapl", "AAPL is followed already"),
        ("unwatch usdjpy", "USDJPY is not followed"),
        ("b 1 USDJPY", "USDJPY is not followed any more; watch USDJPY takes that back"),
    ],
)
def test_what_is_followed_or_not_is_said_on_the_line(text: str, sentence: str) -> None:
    assert refusal(text, watched("AAPL", dropped=frozenset({Symbol("USDJPY")}))) == sentence


def test_a_market_that_is_all_there_is_follows_no_more() -> None:
    for text in ("watch ETH/USD", "unwatch AAPL"):
        assert "has the symbols it has" in refusal(text)


def test_a_venue_s_own_listings_are_offered_to_watch_and_what_is_followed_to_unwatch() -> None:
    on = watched("AAPL")
    listings = tuple(
        Listing(venue, Symbol(symbol), AssetClass.CRYPTO, "X", "USD", "")
        for venue, symbol in (("test", "XRP/USD"), ("other", "XLM/USD"), ("test", "AAPL"))
    )
    on.catalogue = CatalogueView(tuple(VenueListings(each.venue, (each,)) for each in listings))
    assert complete("watch x", on).candidates == ("XRP/USD",)
    assert complete("watch a", on).candidates == ()
    assert complete("unwatch ", on).candidates == ()
    assert complete("unwatch b", on).candidates == ()
    assert complete("unwatch a", on).candidates == ("AAPL",)
