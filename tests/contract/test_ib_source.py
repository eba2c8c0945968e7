"""The market data of Interactive Brokers against a gateway that speaks its protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.adapter_contract.following import Live, followed
from engine.adapters.adapter import Beginning
from engine.adapters.ib.market_data import IbSource
from engine.adapters.ib.opening import open_ib
from engine.clock import SystemClock
from engine.errors import AdapterError, ConfigError
from engine.market.bars import MINUTE_NS
from engine.messages.views import HealthState
from engine.model.instrument import AssetClass, Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.settings.venues import IbSettings
from tests.venues.ib.venue import IbVenue

pytest.importorskip("ib_async", reason="the extra is not installed")

AAPL, EUR, FUTURE, SAP = Symbol("AAPL"), Symbol("EUR.USD"), Symbol("ESZ6@CME"), Symbol("SAP@IBIS")
Desk = Live[IbSource]


@pytest.fixture
def venue() -> Iterator[IbVenue]:
    with IbVenue() as each:
        each.do(lambda: each.floor.quote("AAPL", "189.98", "190.02", "300", "200"))
        yield each


def live(
    venue: IbVenue,
    scenario: Callable[[Desk], Awaitable[None]],
    *symbols: Symbol,
    silence_s: float = 5.0,
) -> Desk:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""
    source = IbSource(
        IbSettings(port=venue.port),
        symbols or (AAPL,),
        SystemClock(),
        silence_s=silence_s,
        retry_s_max=0.2,
        open_s=0.1,
    )
    return followed(venue, {}, source, scenario, depth=0)


def touch(desk: Desk, symbol: Symbol = AAPL) -> tuple[Any, ...]:
    """Return the best prices on the desk, and their sizes."""
    state = desk.market.states.get(symbol)
    if state is None or not state.has_quote:
        return ()
    price, size = state.instrument.price, state.instrument.size
    return (
        *(f"{price(each).normalize():f}" for each in (state.bid, state.ask)),
        *(int(size(each)) for each in (state.bid_size, state.ask_size)),
    )


def trust(desk: Desk, symbol: Symbol = AAPL) -> Trust:
    return desk.market.states[symbol].trust(SystemClock().now_ns())


async def connected(desk: Desk) -> None:
    await desk.until(lambda: desk.row("venue").value == "connected")


def test_shares_pairs_and_futures_are_quoted_as_the_venue_quotes_them(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await connected(desk)
        await desk.until(lambda: touch(desk) == ("189.98", "190.02", 300, 200))
        await desk.do(lambda: venue.floor.quote("EUR.USD", "1.08505", "1.0851", "1000000", "2500000"))
        await desk.until(lambda: touch(desk, EUR) == ("1.08505", "1.0851", 1_000_000, 2_500_000))
        await desk.do(lambda: venue.floor.quote("ESZ6", "6000.25", "6000.5", "9", "8"))
        await desk.until(lambda: touch(desk, FUTURE) == ("6000.25", "6000.5", 9, 8))
        await desk.do(lambda: venue.floor.trade("AAPL", "buy", "190.02", "150"))
        await desk.until(lambda: desk.market.tape[AAPL])

    desk = live(venue, scenario, AAPL, EUR, FUTURE, SAP)
    share, pair, future, foreign = (desk.market.states[each].instrument for each in (AAPL, EUR, FUTURE, SAP))
    assert (share.asset_class, share.tick, share.lot, share.calendar) == (
        AssetClass.EQUITY,
        Decimal("0.01"),
        Decimal(1),
        "XNYS",
    )
    assert (pair.asset_class, pair.tick, pair.base, pair.currency) == (
        AssetClass.FX,
        Decimal("0.00005"),
        "EUR",
        "USD",
    )
    assert (future.asset_class, future.multiplier, future.tick) == (
        AssetClass.FUTURE,
        Decimal(50),
        Decimal("0.25"),
    )
    assert foreign.currency == "EUR"
    (printed,) = desk.market.tape[AAPL]
    assert (share.price(printed.price), share.size(printed.size)) == (Decimal("190.02"), Decimal(150))
    assert len(desk.market.bars.series(AAPL, MINUTE_NS).closed) > 100
    assert desk.market.counters.malformed == {}
    assert desk.alerts == []


def test_a_killed_connection_comes_back_and_the_quotes_with_it(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: touch(desk))
        await desk.do(venue.floor.kill)
        await desk.until(lambda: trust(desk) is Trust.DISTRUSTED)
        await desk.do(lambda: venue.floor.quote("AAPL", "191", "191.01"))
        await desk.until(lambda: touch(desk)[:2] == ("191", "191.01") and trust(desk) is Trust.GOOD)

    desk = live(venue, scenario)
    assert desk.source.connects == 2
    assert desk.alerts[0].startswith("Interactive Brokers is not connected: ")
    assert desk.alerts[-1] == "Interactive Brokers is connected again"


def test_a_gateway_that_is_open_and_mute_is_given_up_and_told(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: touch(desk))
        venue.floor.faults.mute = True
        await desk.until(lambda: desk.alerts)
        assert trust(desk) is Trust.DISTRUSTED
        venue.floor.faults.mute = False
        await desk.until(lambda: trust(desk) is Trust.GOOD)

    desk = live(venue, scenario, silence_s=0.6)
    assert desk.alerts[0] == "Interactive Brokers is not connected: connected, but nothing came for 0.6 s"


def test_what_the_gateway_can_not_reach_is_distrusted_until_it_can(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: touch(desk))
        await desk.do(lambda: venue.floor.cut(off=True))
        await desk.until(lambda: trust(desk) is Trust.DISTRUSTED)
        assert desk.row("venue").state is HealthState.DOWN
        await desk.do(lambda: venue.floor.cut(off=False))
        await desk.until(lambda: trust(desk) is Trust.GOOD)

    assert "Connectivity" in live(venue, scenario).alerts[0]


def test_a_gateway_where_nobody_listens_is_found_later(venue: IbVenue) -> None:
    venue.close()

    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: "open" in desk.changes)
        assert desk.row("route_data").state is HealthState.DOWN
        venue.open()
        await desk.until(lambda: touch(desk))

    assert live(venue, scenario).changes[-1] == "closed"


def test_a_symbol_that_there_is_not_is_told_and_the_others_live(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: touch(desk))
        assert desk.row("venue").value == "1 of 2 feeds"

    desk = live(venue, scenario, AAPL, Symbol("NOPE"))
    assert desk.alerts == [
        "NOPE gets no market data: No security definition has been found for the request (200)"
    ]


def test_a_market_that_is_closed_is_shown_so(venue: IbVenue) -> None:
    venue.floor.closed = True

    async def scenario(desk: Desk) -> None:
        await connected(desk)

    desk = live(venue, scenario)
    assert desk.market.states[AAPL].session is Session.CLOSED


def test_one_more_symbol_is_followed_while_it_runs_and_left_again(venue: IbVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await connected(desk)
        with pytest.raises(AdapterError):
            await desk.source.follow(Symbol("NOPE"))
        await desk.source.follow(EUR)
        await desk.do(lambda: venue.floor.quote("EUR.USD", "1.085", "1.0851"))
        await desk.until(lambda: touch(desk, EUR))
        desk.source.leave(EUR)
        assert desk.wanted == (AAPL,)

    live(venue, scenario)


def test_without_history_the_market_is_there_all_the_same(venue: IbVenue) -> None:
    venue.floor.faults.no_history = True

    async def scenario(desk: Desk) -> None:
        await desk.until(lambda: touch(desk))

    desk = live(venue, scenario)
    assert len(desk.alerts) == 1
    assert desk.alerts[0].startswith("no history of AAPL: Historical Market Data Service error")
    assert desk.row("route_history").value == "closed"  # a refusal is a healthy answer


def begin(settings: IbSettings, *symbols: Symbol) -> IbSource:
    return open_ib(Beginning(settings, symbols, SystemClock(), lambda: None, takes_orders=False))


def test_a_symbol_that_there_is_not_is_refused_before_the_desk_begins(venue: IbVenue) -> None:
    settings = IbSettings(port=venue.port)
    assert begin(settings, AAPL, FUTURE).wanted == (AAPL, FUTURE)
    with pytest.raises(ConfigError, match="Interactive Brokers has no NOPE"):
        begin(settings, AAPL, Symbol("NOPE"))


def test_a_gateway_that_is_not_there_is_no_reason_not_to_begin(venue: IbVenue) -> None:
    venue.close()
    assert begin(IbSettings(port=venue.port), AAPL).wanted == (AAPL,)
