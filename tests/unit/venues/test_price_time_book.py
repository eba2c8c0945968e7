from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.venues.price_time import PriceTimeBook, Resting, opposite

D = Decimal


def resting(owner: str, side: str, price: str, quantity: str) -> Resting:
    return Resting(owner, side, D(price), D(quantity))


def test_the_better_price_trades_first_and_at_a_price_who_came_first() -> None:
    book = PriceTimeBook()
    for owner, price in (("late", "101"), ("first", "100"), ("second", "100")):
        book.rest(resting(owner, "sell", price, "5"))
    made = book.take("buy", D(12), None, "me")
    assert [(each.maker.owner, each.price, each.quantity) for each in made] == [
        ("first", D(100), D(5)),
        ("second", D(100), D(5)),
        ("late", D(101), D(2)),
    ]
    assert book.levels("sell") == [(D(101), D(3))]


def test_nobody_trades_beyond_his_limit_or_with_himself() -> None:
    book = PriceTimeBook()
    book.rest(resting("me", "buy", "99", "5"))
    book.rest(resting("other", "buy", "98", "5"))
    assert [each.maker.owner for each in book.take("sell", D(5), D(98), "me")] == ["other"]
    assert book.take("sell", D(5), D("99.01"), "third") == []
    assert book.available("sell", D(99), "third") == 5


def test_what_is_taken_out_is_gone_and_what_is_gone_can_be_taken_out_again() -> None:
    book = PriceTimeBook()
    entry = resting("me", "buy", "99", "5")
    book.rest(entry)
    book.remove(entry)
    book.remove(entry)
    assert book.best("buy") is None


steps = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell"]),
        st.integers(90, 110),
        st.integers(1, 20),
    ),
    max_size=60,
)


@given(steps)
def test_no_quantity_is_made_or_lost_and_strangers_never_rest_across_each_other(
    orders: list[tuple[str, int, int]],
) -> None:
    book, traded, asked = PriceTimeBook(), D(0), D(0)
    for number, (side, price, quantity) in enumerate(orders):
        owner = f"owner {number}"
        asked += quantity
        made = book.take(side, D(quantity), D(price), owner)
        assert all(each.price <= price if side == "buy" else each.price >= price for each in made)
        taken = sum((each.quantity for each in made), D(0))
        traded += 2 * taken
        if taken < quantity:
            book.rest(Resting(owner, side, D(price), quantity - taken))
    rests = sum((size for side in ("buy", "sell") for _, size in book.levels(side)), D(0))
    assert traded + rests == asked
    bid, ask = book.best("buy"), book.best("sell")
    assert bid is None or ask is None or bid[0] < ask[0]


def test_the_other_side_of_a_side_is_the_other() -> None:
    assert (opposite("buy"), opposite("sell")) == ("sell", "buy")
