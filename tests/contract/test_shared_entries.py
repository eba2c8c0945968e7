"""What a desk reads of another on a real Redis, entry by entry: what is missing, late, hostile or counted in other terms."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec import structs

from engine.clock import NS_PER_S, SystemClock
from engine.desk.redis_quotes import ENTRIES_MAX, ENTRY_BYTES_MAX
from engine.errors import RejectedError
from engine.messages.remedies import Remedy
from engine.messages.shared_quotes import PRINTS_MAX
from engine.messages.views import HealthState
from engine.model.market_status import Session
from tests.redis_server import RedisServer, needs_redis
from tests.teller import COIN, KEY, OTHER, OTHER_TERMS, TERMS, Told, printed, row, told

pytestmark = needs_redis
NOTHING_MISSING = "gaps 0 · conflated 0 · unread 0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis") / "r") as one:
        yield one


def test_a_quote_keeps_the_times_that_the_other_desk_noted_and_says_whose_it_is(server: RedisServer) -> None:
    noted = row(COIN, event_ns=SystemClock().now_ns() - 9 * NS_PER_S)

    async def scenario(desk: Told) -> None:
        await desk.tell(noted, terms=(TERMS,))
        await desk.until(desk.is_believed)

    desk = told(server, scenario)
    state = desk.state()
    assert (state.quote_event_ns, state.quote_receive_ns) == (noted.event_ns, noted.receive_ns)
    assert (state.source, state.instrument.venue) == ("desk:tower", "kraken")
    assert desk.row("shared_feed").value == "by kraken"
    assert desk.row("shared_feed").detail == NOTHING_MISSING
    assert desk.row("venue").value == "connected"


def test_what_is_missing_is_counted_and_nothing_is_believed_until_all_was_told_again(
    server: RedisServer,
) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        desk.number += 2  # two are lost on the way
        await desk.tell(row(COIN, 600_100))
        await desk.hears()
        assert desk.state().distrust_reason.endswith("something that it told is missing")
        assert desk.state().bid == 600_000
        await desk.tell(row(COIN, 600_200), terms=(TERMS,))
        await desk.until(desk.is_believed)
        assert desk.state().bid == 600_200

    desk = told(server, scenario)
    assert (desk.source.sequel.gaps, desk.source.sequel.missing) == (1, 2)


def test_a_reader_that_was_busy_takes_the_newest_of_each_symbol_and_every_print_once(
    server: RedisServer,
) -> None:
    async def scenario(desk: Told) -> None:
        await desk.tell(row(COIN), terms=(TERMS,))
        for number in range(1, 21):
            await desk.tell(row(COIN, 600_000 + number, printed=number, prints=(printed(number),)))
        desk.source.stream._after = "0-1"
        found = await desk.stream.since("0-1")
        desk.source.sequel.hear(found.entries)

    desk = told(server, scenario, reads=False)
    (newest,) = desk.source.sequel.take().values()
    assert newest.bid == 600_020
    assert [each.trade_id for each in newest.prints] == [*range(1, 21)]
    assert desk.source.sequel.conflated == 20


def test_a_print_comes_once_however_often_it_is_told_and_those_untold_are_counted(
    server: RedisServer,
) -> None:
    one, two = printed(1), printed(2)

    async def scenario(desk: Told) -> None:
        await desk.begin(printed=1, prints=(one,))
        await desk.tell(row(COIN, printed=2, prints=(one, two)))
        await desk.hears()
        await desk.tell(row(COIN, printed=2, prints=(two,)), terms=(TERMS,))
        await desk.hears()
        many = tuple(printed(number) for number in range(10, 10 + PRINTS_MAX))
        await desk.tell(row(COIN, printed=7 + PRINTS_MAX, prints=many))
        await desk.hears()

    desk = told(server, scenario)
    assert desk.tape() == [1, 2, *range(10, 10 + PRINTS_MAX)]
    assert desk.source.delivery.missed == 5
    assert "prints missed 5" in desk.row("shared_feed").detail
    assert desk.market.counters.refused.total() == 0


def test_a_desk_that_starts_anew_is_followed_from_where_it_told_everything(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin(printed=9, prints=(printed(1),))
        desk.run, desk.number = "r2", 4
        await desk.tell(row(COIN, 600_100))
        await desk.until(lambda: desk.source.sequel.strange == 1)
        assert desk.state().bid == 600_000
        await desk.tell(row(COIN, 600_200, printed=1, prints=(printed(2),)), terms=(TERMS,))
        await desk.until(lambda: desk.state().bid == 600_200)

    desk = told(server, scenario)
    assert desk.tape() == [1, 2]
    assert desk.is_believed()


def test_what_the_other_desk_does_not_believe_is_not_believed_here_and_says_why(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        noted = row(COIN, 600_100)
        await desk.tell(structs.replace(noted, trouble="the book\x1b[2J is crossed"))
        await desk.until(lambda: desk.state().distrust_reason)
        assert desk.state().distrust_reason == "the desk tower: the book[2J is crossed"
        await desk.tell(noted)
        await desk.until(desk.is_believed)

    assert told(server, scenario).state().bid == 600_100


def test_a_halt_of_the_venue_and_another_source_at_the_desk_are_told(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        await desk.tell(row(COIN, session=Session.HALTED, session_reason="news"))
        await desk.until(lambda: desk.state().session is Session.HALTED)
        past = SystemClock().now_ns() - 60 * NS_PER_S
        await desk.tell(row(COIN, 600_300, source="binance", event_ns=past))
        await desk.until(lambda: desk.state().bid == 600_300)

    desk = told(server, scenario)
    assert desk.is_believed(), "its times are another source's, and begin anew"
    assert "BTC/USD comes from binance at the desk tower now" in desk.alerts


def test_a_symbol_that_is_told_of_no_more_is_distrusted_and_found_again(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.tell(row(COIN), row(OTHER), terms=(TERMS, OTHER_TERMS))
        await desk.until(lambda: desk.is_believed() and desk.is_believed(OTHER))
        desk.source.missing_ns = 0
        await desk.tell(row(OTHER, 1_000), terms=(OTHER_TERMS,))
        await desk.until(lambda: desk.state().distrust_reason)
        assert desk.state().distrust_reason == "the desk tower follows it no more"
        assert desk.row("venue").value == "1 of 2 feeds"
        await desk.tell(row(COIN), row(OTHER), terms=(TERMS, OTHER_TERMS))
        await desk.until(lambda: desk.is_believed() and desk.row("venue").value == "connected")

    desk = told(server, scenario, symbols=(COIN, OTHER))
    assert any("the desk tower has no pair BTC/USD; it has ETH/USD" in text for text in desk.alerts)


def test_what_is_told_of_before_its_terms_is_not_taken(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.tell(row(OTHER), terms=(OTHER_TERMS,))
        await desk.tell(row(COIN, 1))
        await desk.hears()
        assert COIN not in desk.market.states
        await desk.tell(row(COIN), terms=(TERMS,), whole=False)
        await desk.until(lambda: desk.is_believed() and desk.is_believed(OTHER))

    told(server, scenario, symbols=(COIN, OTHER))


def test_one_more_symbol_is_followed_while_it_runs_where_the_desk_has_it(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.tell(row(COIN), row(OTHER), terms=(TERMS, OTHER_TERMS))
        await desk.until(desk.is_believed)
        with pytest.raises(RejectedError, match="has no pair DOGE/USD"):
            await desk.source.follow(type(COIN)("DOGE/USD"))
        await desk.source.follow(OTHER)
        await desk.until(lambda: desk.is_believed(OTHER))
        desk.source.leave(OTHER)
        assert desk.source.wanted == (COIN,)

    told(server, scenario)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tick", Decimal("0.5")),
        ("lot", Decimal("0.01")),
        ("currency", "EUR"),
        ("size_unit", Decimal("0.0001")),
    ],
)
def test_terms_that_become_others_are_refused_with_a_sentence(
    server: RedisServer, field: str, value: Any
) -> None:
    other = structs.replace(TERMS, **{field: value})

    async def scenario(desk: Told) -> None:
        await desk.begin()
        for _ in range(2):
            await desk.tell(row(COIN, 700_000), terms=(other,))
            await desk.hears()
        assert not desk.is_believed()
        assert desk.state().bid == 600_000
        await desk.tell(row(COIN, 600_500), terms=(TERMS,))
        await desk.until(desk.is_believed)

    desk = told(server, scenario)
    said = f"BTC/USD has another {field} at the desk tower than before; it gets no market data"
    assert desk.alerts.count(said) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_unit", Decimal(0)),
        ("tick", Decimal("NaN")),
        ("lot", Decimal("1E+999999")),
        ("size_unit", Decimal("1E-999999")),
        ("size_min", Decimal(-1)),
        ("multiplier", Decimal("Infinity")),
        ("price_unit", Decimal("0.3")),
        ("calendar", "../../etc"),
    ],
    ids=str,
)
def test_terms_that_no_instrument_has_are_refused_and_the_others_live(
    server: RedisServer, field: str, value: Any
) -> None:
    bad = structs.replace(TERMS, **{field: value})

    async def scenario(desk: Told) -> None:
        await desk.tell(row(COIN), row(OTHER), terms=(bad, OTHER_TERMS))
        await desk.until(lambda: desk.is_believed(OTHER))

    desk = told(server, scenario, symbols=(COIN, OTHER))
    assert COIN not in desk.market.states
    assert any(text.startswith("BTC/USD gets no market data") for text in desk.alerts)
    assert desk.market.counters.malformed == {"bad_terms": 1}


def _forged(**changes: object) -> bytes:
    whole = {
        "run": "r1", "number": 2, "sent_ns": 1, "ahead_ns": 0, "whole": False, "layout": 1,
        "rows": [["BTC/USD", "kraken", 1, 2, 3, 4, 5, 6, "", "open", "", 0, []]],
    }  # fmt: skip
    return msgspec.json.encode(whole | changes)


HOSTILE = {
    "no record": b"x",
    "no text": b"\xff\xfe\x00",
    "another layout": _forged(layout=2),
    "a price below zero": _forged(rows=[["BTC/USD", "kraken", -1, 2, 3, 4, 5, 6, "", "open", "", 0, []]]),
    "an absurd price": _forged(rows=[["BTC/USD", "kraken", 10**30, 2, 3, 4, 5, 6, "", "open", "", 0, []]]),
    "a long name": _forged(run="r" * 65),
    "too many rows": _forged(rows=[["A", "k", 1, 2, 3, 4, 5, 6, "", "open", "", 0, []]] * 200),
    "too deep": b"[" * 100_000,
    "too large": b'{"run":"' + b"r" * ENTRY_BYTES_MAX,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_desk_wrote_is_counted_and_costs_no_more_than_the_next_whole_entry(
    server: RedisServer, what: str
) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        with server.own() as own:
            own.xadd(KEY, {"e": HOSTILE[what]})
            own.publish(KEY, "news")
        await desk.until(lambda: desk.source.stream.unread == 1)
        assert desk.state().distrust_reason.endswith("something that it told is missing")
        assert desk.state().bid == 600_000
        await desk.tell(row(COIN, 600_100), terms=(TERMS,))
        await desk.until(desk.is_believed)

    desk = told(server, scenario)
    assert desk.market.counters.refused_by_source[("desk:tower", "bad_message")] == 1
    assert "unread 1" in desk.row("shared_feed").detail


def test_other_things_in_its_place_are_told_and_do_not_end_it(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        with server.own() as own:
            own.set(KEY, "no stream")
        await desk.until(lambda: "WRONGTYPE" in desk.row("venue").detail)
        assert desk.row("venue").state is HealthState.DOWN
        await desk.begin()
        with server.own() as own:
            own.xadd(KEY, {"other": "field"})
        await desk.until(lambda: desk.source.stream.unread == 1)

    told(server, scenario, silence_s=1.0)


def test_news_that_are_no_text_cost_a_moment_and_nothing_more(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        with server.own() as own:
            own.publish(KEY, b"\xff\xfe")
        await desk.tell(row(COIN, 600_100))
        await desk.until(lambda: desk.state().bid == 600_100)

    assert told(server, scenario).is_believed()


def test_numbers_that_were_told_before_are_not_taken_again(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        await desk.tell(row(COIN, 600_100))
        await desk.hears()
        desk.number -= 1
        await desk.tell(row(COIN, 1))
        await desk.until(lambda: desk.source.sequel.strange == 1)

    assert told(server, scenario).state().bid == 600_100


@pytest.mark.parametrize("apart_s", [-7, 7])
def test_where_the_clocks_of_two_desks_differ_the_age_is_right_all_the_same(
    server: RedisServer, apart_s: int
) -> None:
    before_ns = SystemClock().now_ns()

    async def scenario(desk: Told) -> None:
        apart_ns = apart_s * NS_PER_S
        desk.ahead_ns = (desk.stream.ahead_ns or 0) - apart_ns
        noted = row(COIN)
        await desk.begin(receive_ns=noted.receive_ns + apart_ns)

    desk = told(server, scenario)
    now_ns = SystemClock().now_ns()
    assert before_ns - NS_PER_S < desk.state().quote_receive_ns <= now_ns
    skew_ns = desk.source.skew_ns
    assert skew_ns is not None
    assert abs(skew_ns - apart_s * NS_PER_S) < NS_PER_S // 10
    assert desk.row("venue_clock").state is HealthState.DOWN


def test_nothing_is_from_the_future(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin(receive_ns=SystemClock().now_ns() + 3_600 * NS_PER_S)

    desk = told(server, scenario)
    assert desk.state().quote_receive_ns <= SystemClock().now_ns()


def test_a_desk_that_says_nothing_is_given_up_and_its_old_words_do_not_bring_it_back(
    server: RedisServer,
) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        await desk.until(lambda: not desk.source.stream.is_open)
        assert desk.state().distrust_reason.endswith("tower has said nothing for 0.5 s")
        for _ in range(3):
            await desk.source.stream._look()
        assert not desk.source.stream.is_open
        await desk.tell(row(COIN, 600_100), terms=(TERMS,))
        await desk.until(desk.is_believed)

    desk = told(server, scenario, silence_s=0.5)
    assert desk.source.stream.connects == 2
    assert [text for text in desk.alerts if "connected" in text][:2] == [
        "the desk tower is not connected: tower has said nothing for 0.5 s",
        "the desk tower is connected again",
    ]
    assert desk.source.sequel.strange == 0


def test_a_person_can_have_it_read_anew(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.begin()
        venue = desk.source.rows()[0]
        assert venue.needs == ("redis",)
        assert venue.remedies[Remedy.RECONNECT](None) == "desk:tower: connects anew"
        assert not desk.is_believed()
        await desk.tell(row(COIN, 600_100), terms=(TERMS,))
        await desk.until(desk.is_believed)

    assert told(server, scenario).source.connects == 2


def test_a_desk_that_shares_nothing_is_told_of(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        await desk.until(lambda: desk.source.stream.trouble)

    detail = told(server, scenario, silence_s=0.2).row("venue").detail
    assert detail == "tower shares no quotes: redis.share_quotes = true lets it, on a live market"


def test_the_stream_stays_short_and_ends_some_day(server: RedisServer) -> None:
    async def scenario(desk: Told) -> None:
        for _ in range(4 * ENTRIES_MAX):
            await desk.tell(row(COIN), terms=(TERMS,))

    told(server, scenario, reads=False)
    with server.own() as own:
        assert ENTRIES_MAX <= own.xlen(KEY) <= 2 * ENTRIES_MAX
        assert 0 < own.pttl(KEY) <= 86_400_000
