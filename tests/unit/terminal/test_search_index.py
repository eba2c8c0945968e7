"""The search finds what a look at every listing finds, in the order that the ranking says."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from terminal.search.index import Found, ListingIndex
from terminal.search.ranking import BEGINS, IS, SCORES, WITHIN, WITHIN_BELOW, WITHIN_MIN
from terminal.search.rows import rows_of
from terminal.search.words import words, words_of

Scores = dict[Listing, int]


def pair(venue: str, symbol: str, base: str, currency: str, name: str = "") -> Listing:
    return Listing(venue, Symbol(symbol), AssetClass.CRYPTO, base, currency, name)


def share(symbol: str, name: str) -> Listing:
    return Listing("alpaca", Symbol(symbol), AssetClass.EQUITY, "", "USD", name)


LISTINGS = (
    pair("kraken", "BTC/USD", "BTC", "USD"),
    pair("kraken", "BTC/EUR", "BTC", "EUR"),
    pair("binance", "BTCUSDT", "BTC", "USDT"),
    pair("binance", "BTCFDUSD", "BTC", "FDUSD"),
    pair("binance", "ETHBTC", "ETH", "BTC"),
    pair("coinbase", "BTC-USD", "BTC", "USD", "Bitcoin"),
    pair("coinbase", "BCH-USD", "BCH", "USD", "Bitcoin Cash"),
    pair("alpaca", "BTC/USD", "BTC", "USD", "Bitcoin / US Dollar"),
    share("BTC", "Grayscale Bitcoin Mini Trust ETF"),
    share("BRK.B", "Berkshire Hathaway Inc. Class B"),
    share("AAPL", "Apple Inc. Common Stock"),
    share("T", "AT&T Inc."),
)
INDEX = ListingIndex((), LISTINGS)


def names(found: Found) -> list[str]:
    return [f"{row.listing.venue} {row.listing.symbol}" for row in rows_of(found)]


def first(text: str) -> str:
    return names(INDEX.search(text))[0]


# Every listing looked at


def fit(word: str, listing: Listing, hows: tuple[int, ...]) -> int | None:
    def is_so(how: int, known: str) -> bool:
        return {IS: word == known, BEGINS: known.startswith(word), WITHIN: word in known}[how]

    fits = [SCORES[kind, how] for kind, known in words_of(listing) for how in hows if is_so(how, known)]
    return min(fits, default=None)


def looked_at(word: str, listings: tuple[Listing, ...]) -> Scores:
    def scores(hows: tuple[int, ...]) -> Scores:
        fits = {each: fit(word, each, hows) for each in listings}
        return {each: score for each, score in fits.items() if score is not None}

    beginnings = scores((IS, BEGINS))
    few = len(beginnings) < WITHIN_BELOW and len(word) >= WITHIN_MIN
    return scores((IS, BEGINS, WITHIN)) if few else beginnings


def plainly(text: str, listings: tuple[Listing, ...]) -> Scores:
    each = [looked_at(word, listings) for word in dict.fromkeys(words(text))]
    if not each:
        return {}
    kept = set(each[0]).intersection(*each[1:])
    return {one: sum(scores[one] for scores in each) for one in kept}


names_of_things = st.text("ABX1.", min_size=1, max_size=3).filter(lambda text: bool(words(text)))
listings = st.lists(
    st.builds(
        pair,
        st.sampled_from(("kraken", "binance")),
        names_of_things,
        st.sampled_from(("A", "AB", "XBT", "BTC", "")),
        st.sampled_from(("USD", "USDT", "B")),
        st.text("ab x&-", max_size=8),
    ),
    max_size=12,
)
queries = st.text("abtx1u /-&.", max_size=6)


@settings(max_examples=100, deadline=None)
@given(listings, queries)
@example(list(LISTINGS), "b t")
@example([pair("kraken", f"A{number}", "A", "USD") for number in range(WITHIN_BELOW)], "a1")
@example(
    [
        *(pair("kraken", f"AB{n}", "AB", "USD") for n in range(WITHIN_BELOW)),
        pair("kraken", "XAB", "X", "USD"),
    ],
    "ab",
)
def test_it_finds_what_a_look_at_each_listing_finds(made: list[Listing], query: str) -> None:
    known = tuple({(each.venue, each.symbol): each for each in made}.values())
    found = ListingIndex((), known).search(query, rows_max=10_000)
    expected = plainly(query, known)
    rows = [row for row in rows_of(found) if row.is_found]
    assert found.total == len(expected)
    assert {row.listing for row in rows} == set(expected)
    best_of_kin = [min(expected[each] for each in kin.listings[: kin.found]) for kin in found.kin]
    assert best_of_kin == sorted(best_of_kin)
    for kin in found.kin:
        scores = [expected[each] for each in kin.listings[: kin.found]]
        assert scores == sorted(scores)
        assert {each.kinship for each in kin.listings} == {kin.kinship}
        assert set(kin.listings) == {each for each in known if each.kinship == kin.kinship}


# What a person types


def test_one_pair_is_found_by_every_venues_name_of_it_with_its_kin() -> None:
    for text in ("BTC/USD", "btc-usd", "btcusd", "XBT/USD", "xbtusd", "btc usd"):
        found = INDEX.search(text)
        assert found.kin[0].kinship.label == "BTC/USD", text
        assert set(names(Found(found.kin[:1]))) == {
            "alpaca BTC/USD",
            "coinbase BTC-USD",
            "kraken BTC/USD",
            "binance BTCUSDT",
            "binance BTCFDUSD",
        }


def test_the_kin_of_what_was_found_follow_it_and_are_told_apart() -> None:
    found = INDEX.search("btcusdt")
    rows = list(rows_of(found))
    assert found.total == 1
    assert [row.is_found for row in rows] == [True, False, False, False, False]
    assert rows[0].listing.symbol == "BTCUSDT"
    assert [row.kin for row in rows] == ["BTC/USD", "", "", "", ""]


def test_a_share_comes_apart_from_the_coin_of_its_name() -> None:
    labels = [kin.kinship for kin in INDEX.search("btc").kin]
    assert [(each.label, each.is_pair) for each in labels][:2] == [("BTC/USD", True), ("BTC", False)]


def test_a_code_comes_before_a_name_and_a_beginning_before_a_part() -> None:
    assert first("t") == "alpaca T"
    assert first("apple") == "alpaca AAPL"
    assert first("brk") == "alpaca BRK.B"
    assert names(INDEX.search("athaway")) == ["alpaca BRK.B"]
    assert first("bitcoin cash") == "coinbase BCH-USD"
    assert first("at&t") == "alpaca T"


def test_more_words_narrow_it_by_venue_or_currency() -> None:
    assert names(INDEX.search("btc eur")) == ["kraken BTC/EUR"]
    assert first("btc coinbase") == "coinbase BTC-USD"
    assert INDEX.search("btc nowhere") == Found()


def test_nothing_is_found_by_nothing() -> None:
    assert INDEX.search("") == INDEX.search(" / - ") == Found()
    assert ListingIndex().search("btc") == Found()


def test_what_the_desk_has_comes_first_among_equals_and_once() -> None:
    own = pair("kraken", "BTC/EUR", "BTC", "EUR")
    found = ListingIndex((own,), LISTINGS).search("b")
    assert names(found)[0] == "kraken BTC/EUR"
    assert names(found).count("kraken BTC/EUR") == 1


def test_rows_end_with_the_kin_in_which_there_are_enough() -> None:
    many = [pair("kraken", f"C{number}/USD", f"C{number}", "USD") for number in range(50)]
    found = ListingIndex((), many).search("c", rows_max=20)
    assert found.total == 50
    assert len(names(found)) == 20
