"""The life of orders at the local Alpaca venue."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.unit.venues.alpaca_hands import Hands, alpaca, refused


@pytest.fixture
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def test_a_market_order_is_pending_then_new_then_filled_at_the_offer(hands: Hands) -> None:
    taken = hands.submit()
    assert taken["status"] == "pending_new"
    assert hands.events(taken["id"]) == ["pending_new", "new", "fill"]
    found = hands.order(taken["id"])
    assert (found["filled_qty"], found["filled_avg_price"]) == ("10", "190.01")
    assert hands.held() == "10"


def test_an_order_above_what_is_offered_is_filled_in_parts_and_keeps_its_place(hands: Hands) -> None:
    hands.quote("AAPL", "189.99", "190.01", "4")
    taken = hands.submit(type="limit", limit_price="190.05")
    assert hands.status(taken["id"]) == "partially_filled"
    hands.quote("AAPL", "189.99", "190.02", "4")
    assert hands.order(taken["id"])["filled_qty"] == "8"
    fills = [each for each in hands.venue.floor.updates if "fill" in each["event"]]
    assert [(each["event"], each["price"], each["qty"], each["position_qty"]) for each in fills] == [
        ("partial_fill", "190.01", "4", "4"),
        ("partial_fill", "190.05", "4", "8"),  # it was in the book first: who comes trades at its price
    ]


def test_an_order_that_rests_is_the_quote_of_everyone(hands: Hands) -> None:
    hands.submit(type="limit", limit_price="190.00", qty="7")
    quote = hands.get("/v2/stocks/quotes/latest", symbols="AAPL")["quotes"]["AAPL"]
    assert (quote["bp"], quote["bs"], quote["ap"]) == (190, 7, 190.01)


def test_an_ioc_order_takes_what_is_there_and_a_fok_order_all_or_nothing(hands: Hands) -> None:
    hands.quote("AAPL", "189.99", "190.01", "4")
    all_or_none = hands.submit(type="limit", limit_price="190.01", time_in_force="fok")
    at_once = hands.submit(type="limit", limit_price="190.01", time_in_force="ioc")
    assert (hands.status(all_or_none["id"]), hands.order(all_or_none["id"])["filled_qty"]) == (
        "canceled",
        "0",
    )
    assert (hands.status(at_once["id"]), hands.order(at_once["id"])["filled_qty"]) == ("canceled", "4")


def test_a_stop_sells_once_the_bid_is_there_and_a_stop_limit_no_worse_than_its_limit(hands: Hands) -> None:
    hands.submit(qty="20")
    stop = hands.submit(side="sell", type="stop", stop_price="189.00")
    limited = hands.submit(side="sell", type="stop_limit", stop_price="189.00", limit_price="188.95")
    assert (hands.status(stop["id"]), hands.status(limited["id"])) == ("new", "new")
    hands.quote("AAPL", "188.90", "188.92")
    assert hands.order(stop["id"])["filled_avg_price"] == "188.9"
    assert hands.status(limited["id"]) == "new"
    hands.quote("AAPL", "188.96", "188.98")
    assert hands.order(limited["id"])["filled_avg_price"] == "188.95"


def test_a_stop_to_buy_pays_at_most_two_and_a_half_percent_more(hands: Hands) -> None:
    stop = hands.submit(type="stop", stop_price="191.00")
    hands.quote("AAPL", "196.00", "196.02")
    assert hands.status(stop["id"]) == "new"
    hands.quote("AAPL", "195.00", "195.70")
    assert hands.order(stop["id"])["filled_avg_price"] == "195.78"  # the limit at which it waited


def test_a_trailing_stop_follows_the_bid_up_and_never_down(hands: Hands) -> None:
    hands.submit()
    stop = hands.submit(side="sell", type="trailing_stop", trail_price="1")
    hands.quote("AAPL", "191.00", "191.02")
    hands.quote("AAPL", "190.50", "190.52")
    found = hands.order(stop["id"])
    assert (found["hwm"], found["stop_price"], found["status"]) == ("191", "190", "new")
    hands.quote("AAPL", "189.95", "189.97")
    assert hands.order(stop["id"])["filled_avg_price"] == "189.95"


def test_a_trail_in_percent_is_of_the_best_price(hands: Hands) -> None:
    hands.submit()
    stop = hands.submit(side="sell", type="trailing_stop", trail_percent="1")
    assert hands.order(stop["id"])["stop_price"] == "188.09"


def test_an_order_for_money_is_filled_for_as_many_shares_as_that_buys(hands: Hands) -> None:
    taken = hands.submit(qty=None, notional="1000")
    found = hands.order(taken["id"])
    assert found["qty"] is None
    assert Decimal(found["filled_qty"]) == Decimal("5.262880901")
    assert Decimal(found["filled_qty"]) * Decimal(found["filled_avg_price"]) <= 1000


def test_a_cancelled_order_is_pending_first_and_leaves_the_book(hands: Hands) -> None:
    taken = hands.submit(type="limit", limit_price="180")
    assert hands.client.delete(f"/v2/orders/{taken['id']}").status_code == 204
    assert hands.events(taken["id"]) == ["pending_new", "new", "pending_cancel", "canceled"]
    again = hands.client.delete(f"/v2/orders/{taken['id']}")
    assert refused(again) == (422, 42210000, 'order is already in "canceled" state')


def test_a_cancel_that_comes_too_late_is_rejected_by_the_stream(hands: Hands) -> None:
    taken = hands.submit(type="limit", limit_price="189.00")
    hands.venue.floor.faults.hold_changes = True
    hands.client.delete(f"/v2/orders/{taken['id']}")
    hands.quote("AAPL", "188.80", "188.90")
    assert hands.status(taken["id"]) == "filled"
    hands.do(hands.venue.floor.let_go)
    assert hands.events(taken["id"])[-2:] == ["fill", "order_cancel_rejected"]


def test_the_venue_may_refuse_a_cancel_or_a_replacement_and_the_order_works_on(hands: Hands) -> None:
    taken = hands.submit(type="limit", limit_price="180")
    hands.venue.floor.faults.refuse_cancels = hands.venue.floor.faults.refuse_replaces = True
    hands.client.delete(f"/v2/orders/{taken['id']}")
    hands.client.patch(f"/v2/orders/{taken['id']}", json={"limit_price": "181"})
    assert hands.status(taken["id"]) == "new"
    assert hands.events(taken["id"])[2::2] == ["pending_cancel", "pending_replace"]
    assert hands.events(taken["id"])[3::2] == ["order_cancel_rejected", "order_replace_rejected"]


def test_every_order_is_cancelled_with_an_answer_for_each(hands: Hands) -> None:
    ids = {hands.submit(type="limit", limit_price=price)["id"] for price in ("180", "181")}
    answer = hands.client.delete("/v2/orders")
    assert answer.status_code == 207
    assert {each["id"]: each["status"] for each in answer.json()} == dict.fromkeys(ids, 200)
    assert [hands.status(each) for each in ids] == ["canceled", "canceled"]


def test_a_replacement_has_a_new_id_and_both_name_each_other(hands: Hands) -> None:
    old = hands.submit(type="limit", limit_price="180")
    answer = hands.client.patch(f"/v2/orders/{old['id']}", json={"limit_price": "181", "qty": "12"})
    new = answer.json()
    assert (answer.status_code, new["replaces"], new["status"]) == (200, old["id"], "pending_new")
    before, after = hands.order(old["id"]), hands.order(new["id"])
    assert (before["status"], before["replaced_by"], before["limit_price"]) == ("replaced", new["id"], "180")
    assert (after["status"], after["qty"], after["limit_price"]) == ("new", "12", "181")
    assert hands.events(old["id"])[-2:] == ["pending_replace", "replaced"]


def test_a_replacement_of_a_partly_filled_order_is_for_the_whole_old_quantity(hands: Hands) -> None:
    hands.quote("AAPL", "189.99", "190.01", "4")
    old = hands.submit(type="limit", limit_price="190.01")
    new = hands.client.patch(f"/v2/orders/{old['id']}", json={"limit_price": "189.50"}).json()
    found = hands.order(new["id"])
    assert (found["qty"], found["filled_qty"]) == ("10", "0")


def test_a_replacement_of_an_order_that_fills_first_is_rejected(hands: Hands) -> None:
    old = hands.submit(type="limit", limit_price="189.00")
    hands.venue.floor.faults.hold_changes = True
    new = hands.client.patch(f"/v2/orders/{old['id']}", json={"limit_price": "188.00"}).json()
    hands.quote("AAPL", "188.80", "188.90")
    hands.do(hands.venue.floor.let_go)
    assert hands.events(old["id"])[-2:] == ["fill", "order_replace_rejected"]
    assert (hands.status(old["id"]), hands.status(new["id"])) == ("filled", "rejected")


def test_what_ended_or_is_not_there_yet_is_not_replaced(hands: Hands) -> None:
    done = hands.submit()
    answer = hands.client.patch(f"/v2/orders/{done['id']}", json={"qty": "12"})
    assert refused(answer) == (422, 42210000, 'order is already in "filled" state')
    hands.do(lambda: hands.venue.floor.set_phase("closed"))
    waits = hands.submit(type="limit", limit_price="180")
    answer = hands.client.patch(f"/v2/orders/{waits['id']}", json={"qty": "12"})
    assert refused(answer) == (422, 42210000, "unable to replace order in current state")


def test_a_replacement_that_changes_nothing_is_refused(hands: Hands) -> None:
    old = hands.submit(type="limit", limit_price="180")
    answer = hands.client.patch(f"/v2/orders/{old['id']}", json={"limit_price": 180.0})
    assert refused(answer) == (403, 40310000, "order parameters are not changed")


def test_an_order_of_a_fault_is_taken_and_then_rejected_with_the_reason(hands: Hands) -> None:
    hands.venue.floor.faults.rejections.append("halted by the exchange")
    taken = hands.submit()
    assert hands.events(taken["id"]) == ["rejected"]
    assert hands.venue.floor.updates[-1]["reason"] == "halted by the exchange"
    assert hands.order(taken["id"])["failed_at"] is not None


def test_a_bracket_waits_for_its_entry_and_one_exit_cancels_the_other(hands: Hands) -> None:
    entry = hands.submit(
        order_class="bracket", take_profit={"limit_price": "195"}, stop_loss={"stop_price": "185"}
    )
    target, stop = hands.order(entry["id"])["legs"]
    assert [target["status"], stop["status"]] == ["new", "new"]
    hands.quote("AAPL", "195.10", "195.12")
    assert (hands.status(target["id"]), hands.status(stop["id"])) == ("filled", "canceled")
    assert hands.held() is None


def test_the_legs_of_a_bracket_are_held_until_the_entry_is_filled_whole(hands: Hands) -> None:
    hands.quote("AAPL", "189.99", "190.01", "4")
    terms = {
        "order_class": "bracket",
        "take_profit": {"limit_price": "195"},
        "stop_loss": {"stop_price": "185"},
    }
    entry = hands.submit(type="limit", limit_price="190.01", **terms)
    assert {leg["status"] for leg in hands.order(entry["id"])["legs"]} == {"held"}
    hands.quote("AAPL", "189.99", "190.00", "6")
    assert {leg["status"] for leg in hands.order(entry["id"])["legs"]} == {"new"}


def test_a_target_that_is_filled_in_part_makes_the_stop_smaller(hands: Hands) -> None:
    terms = {
        "order_class": "bracket",
        "take_profit": {"limit_price": "195"},
        "stop_loss": {"stop_price": "185"},
    }
    target, stop = hands.order(hands.submit(**terms)["id"])["legs"]
    hands.do(lambda: hands.venue.floor.others_take("AAPL", "buy", "94", "195"))
    assert hands.order(target["id"])["filled_qty"] == "4"
    assert hands.order(stop["id"])["qty"] == "6"


def test_cancelling_the_entry_of_a_bracket_cancels_its_legs(hands: Hands) -> None:
    terms = {
        "order_class": "bracket",
        "take_profit": {"limit_price": "195"},
        "stop_loss": {"stop_price": "170"},
    }
    entry = hands.submit(type="limit", limit_price="180", **terms)
    hands.client.delete(f"/v2/orders/{entry['id']}")
    assert {leg["status"] for leg in hands.order(entry["id"])["legs"]} == {"canceled"}


def test_one_cancels_the_other_with_the_target_as_parent(hands: Hands) -> None:
    hands.submit()
    oco = hands.submit(
        side="sell",
        type="limit",
        order_class="oco",
        take_profit={"limit_price": "195"},
        stop_loss={"stop_price": "185"},
    )
    assert oco["limit_price"] == "195"
    (stop,) = hands.order(oco["id"])["legs"]
    hands.quote("AAPL", "184.90", "184.92")
    assert (hands.status(stop["id"]), hands.status(oco["id"])) == ("filled", "canceled")


def test_one_triggers_the_other(hands: Hands) -> None:
    entry = hands.submit(order_class="oto", stop_loss={"stop_price": "185"})
    (stop,) = hands.order(entry["id"])["legs"]
    assert (stop["type"], stop["side"], stop["status"]) == ("stop", "sell", "new")


def test_a_sweep_through_both_exits_fills_only_one(hands: Hands) -> None:
    stop_loss = {"stop_price": "185", "limit_price": "184.5"}
    entry = hands.submit(order_class="bracket", take_profit={"limit_price": "195"}, stop_loss=stop_loss)
    target, stop = hands.order(entry["id"])["legs"]
    hands.quote("AAPL", "184.00", "184.02")
    hands.do(lambda: hands.venue.floor.others_take("AAPL", "buy", "1000", "200"))
    assert (hands.status(stop["id"]), hands.status(target["id"])) == ("filled", "canceled")
    assert hands.held() is None


def test_two_exits_of_which_one_cancels_the_other_hold_their_shares_once(hands: Hands) -> None:
    hands.submit(qty="20")
    terms = {"take_profit": {"limit_price": "195"}, "stop_loss": {"stop_price": "185"}}
    hands.submit(side="sell", type="limit", order_class="oco", **terms)
    (position,) = hands.get("/v2/positions")
    assert position["qty_available"] == "10"
