"""What every source of live market data promises, whatever goes wrong at the venue or on the way.

Afterwards the books are right, nothing came twice, and it was told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import pytest

from engine.adapter_contract.following import Live
from engine.adapter_contract.served import Floor, ServedVenue
from engine.clock import SystemClock
from engine.errors import AdapterError, RejectedError
from engine.market.bars import MINUTE_NS
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust

Desk = Live[Any]
Scenario = Callable[[Desk], Awaitable[None]]


class SourceContract:
    """Tests that a source inherits; it says whose they are, and has a fixture `venue`: a `ServedVenue`."""

    label: ClassVar[str]
    """The venue's name in a sentence."""
    btc: ClassVar[Symbol]
    eth: ClassVar[Symbol]
    unknown: ClassVar[Symbol]
    """A symbol that the venue does not have."""
    price: ClassVar[str]
    """One at which BTC may trade."""
    too_large: ClassVar[int] = 10_000_000
    """Bytes of a frame that is beyond what is taken from the venue."""
    partly: ClassVar[str] = "3 of 6 feeds"
    """What the row of the venue says of two pairs of which it has one."""

    def live(self, venue: Any, scenario: Scenario, **terms: Any) -> Desk:
        """Follow BTC and ETH while a scenario runs, by `followed`; trouble is over in fractions of a second.

        `terms` are some of `symbols`, `silence_s` (after which a mute connection is given up) and `stream_url`.
        """
        raise NotImplementedError

    def walk(self, floor: Any, seed: int) -> Callable[[], None]:
        """Return what changes the books by one step of chance, and prints a trade now and then."""
        raise NotImplementedError

    def history_fails(self, floor: Any) -> str:
        """Let reads of the minutes be refused; return how that is told."""
        raise NotImplementedError

    def prints(self, floor: Any) -> list[int]:
        """Return the ids of the venue's latest prints of BTC."""
        raise NotImplementedError

    def floor(self, venue: Any) -> Floor:
        """Return what happens at a venue."""
        floor: Floor = venue.floor
        return floor

    def trade(self, floor: Floor, count: int = 1) -> Callable[[], None]:
        """Return what prints trades of BTC."""

        def made() -> None:
            for _ in range(count):
                floor.trade(self.btc, "buy", self.price, "0.01000")

        return made

    async def moves_on(self, desk: Desk, floor: Floor) -> None:
        """Check that the market goes on, and that every print came once, in order."""
        if not all(
            symbol in desk.market.books and desk.market.books[symbol].synced for symbol in desk.wanted
        ):
            await desk.agrees()  # a print from before lies in the history where its minute is over by then
        step = self.walk(floor, 3)
        for _ in range(40):
            await desk.do(step)
        await desk.do(self.trade(floor))
        await desk.agrees()
        wanted = self.prints(floor)
        await desk.until(lambda: desk.printed(self.btc)[-1:] == wanted[-1:])
        assert desk.printed(self.btc) == sorted(set(desk.printed(self.btc)))
        assert set(wanted) <= set(desk.printed(self.btc))
        assert desk.market.states[self.btc].trust(SystemClock().now_ns()) is Trust.GOOD
        assert desk.row("venue").state is HealthState.OK

    def test_the_books_are_the_venues_and_stay_so_while_it_moves(self, venue: ServedVenue) -> None:
        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            step = self.walk(self.floor(venue), 7)
            for _ in range(300):
                await desk.do(step)
            await desk.agrees()

        desk = self.live(venue, scenario)
        assert [book.resyncs for book in desk.market.books.values()] == [0, 0]
        assert desk.market.counters.deltas > 100
        assert desk.market.counters.malformed == {}
        assert desk.alerts == []

    def test_a_killed_connection_comes_back_with_the_prints_that_were_missed_and_none_twice(
        self, venue: ServedVenue
    ) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            await desk.do(self.trade(floor, 3))
            await desk.until(lambda: len(desk.printed(self.btc)) == 3)
            for _ in range(3):
                await desk.do(floor.kill)
                await desk.do(self.trade(floor, 2))  # nobody hears of it but by asking
                await desk.until(lambda: desk.market.states[self.btc].distrust_reason)
                await desk.agrees()
            await desk.until(lambda: len(desk.printed(self.btc)) == 9)
            await self.moves_on(desk, floor)

        desk = self.live(venue, scenario)
        assert desk.market.counters.trades == len(desk.printed(self.btc)) + len(desk.printed(self.eth))
        assert desk.source.connects == 4
        assert len([text for text in desk.alerts if text.startswith(self.lost)]) == 3
        assert desk.alerts.count(f"{self.label} is connected again") == 3
        assert desk.changes == []

    @property
    def lost(self) -> str:
        """How a connection that is gone is told."""
        return f"{self.label} is not connected: "

    def test_a_connection_that_is_open_and_mute_is_given_up_and_told(self, venue: ServedVenue) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            floor.faults.mute = True
            await desk.until(lambda: desk.alerts)
            assert desk.market.states[self.btc].trust(SystemClock().now_ns()) is Trust.DISTRUSTED
            floor.faults.mute = False
            await self.moves_on(desk, floor)

        desk = self.live(venue, scenario, silence_s=3)
        assert desk.alerts[0] == f"{self.lost}connected, but nothing came for 3 s"

    def test_a_venue_at_which_nothing_changes_is_heard_all_the_same(self, venue: ServedVenue) -> None:
        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            first = dict(desk.source.signs())
            assert {state.source for state in desk.market.states.values()} <= first.keys()
            await desk.until(
                lambda: all(desk.source.signs()[name] not in {None, first[name]} for name in first)
            )
            second = dict(desk.source.signs())
            await desk.until(lambda: all(desk.source.signs()[name] != second[name] for name in second))

        self.live(venue, scenario)

    def test_a_frame_that_is_too_large_ends_the_connection_and_not_the_desk(self, venue: ServedVenue) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            await desk.do(lambda: floor.say('{"channel":"' + "x" * self.too_large + '"}'))
            await desk.until(lambda: desk.source.connects == 2)
            await self.moves_on(desk, floor)

        assert "too big" in self.live(venue, scenario).alerts[0]

    def test_a_person_can_have_the_connection_begun_anew(self, venue: ServedVenue) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            row = next(row for row in desk.source.rows() if row.name == "venue")
            if Remedy.RECONNECT not in row.remedies:
                pytest.skip("its connection is not ours to begin anew")
            assert row.remedies[Remedy.RECONNECT](None)
            await desk.until(lambda: desk.source.connects == 2)
            await self.moves_on(desk, floor)

        assert f"{self.label} is connected again" in self.live(venue, scenario).alerts

    def test_a_venue_that_refuses_is_left_alone_and_found_again(self, venue: ServedVenue) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            floor.faults.refuse = True
            await desk.do(floor.kill)
            await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
            assert "HTTP 503" in desk.row("route_data").detail
            assert desk.row("venue").state is HealthState.DOWN
            floor.faults.refuse = False
            await self.moves_on(desk, floor)

        desk = self.live(venue, scenario)
        assert desk.changes[0] == "open"
        assert desk.changes[-2:] == ["half-open", "closed"]
        assert desk.row("route_data").value == "closed"

    def test_a_venue_where_nobody_listens_is_found_again(self, venue: ServedVenue) -> None:
        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            venue.close()
            await desk.until(lambda: "open" in desk.changes)
            venue.open()
            await self.moves_on(desk, self.floor(venue))

        assert self.live(venue, scenario).changes[-1] == "closed"

    def test_a_desk_that_begins_while_nobody_listens_gets_its_market_later(self, venue: ServedVenue) -> None:
        venue.close()

        async def scenario(desk: Desk) -> None:
            await desk.until(lambda: "open" in desk.changes)
            assert desk.market.books == {}
            venue.open()
            await self.moves_on(desk, self.floor(venue))

        self.live(venue, scenario)

    @pytest.mark.parametrize(
        "stream_url",
        ["wss://no-such-host.invalid", "wss://127.0.0.1:{port}", "ws://127.0.0.1:1"],
        ids=["no name", "no TLS", "nobody"],
    )
    def test_a_stream_that_can_not_be_dialled_is_told_and_the_desk_lives(
        self, venue: ServedVenue, stream_url: str
    ) -> None:
        async def scenario(desk: Desk) -> None:
            await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
            row, route = desk.row("venue"), desk.row("route_data")
            assert (row.state, row.value) == (HealthState.DOWN, "not connected")
            assert row.detail
            assert row.detail in route.detail

        self.live(venue, scenario, stream_url=stream_url.format(port=getattr(venue, "port", 0)))

    def test_what_comes_late_comes_right(self, venue: ServedVenue) -> None:
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            floor.faults.late_s = 0.02
            await desk.agrees()
            await self.moves_on(desk, floor)

        assert self.live(venue, scenario).market.books[self.btc].resyncs == 0

    def test_without_history_the_market_is_there_all_the_same(self, venue: ServedVenue) -> None:
        told = self.history_fails(self.floor(venue))
        desk = self.live(venue, Live.agrees)
        assert len(desk.market.bars.series(self.btc, MINUTE_NS).closed) < 5
        names = (self.btc, self.eth)
        assert sorted(desk.alerts) == [f"no history of {name}: {told.format(name)}" for name in names]
        assert desk.row("route_history").value == "closed"  # a refusal is a healthy answer

    def test_one_more_symbol_is_followed_while_it_runs_and_left_again(self, venue: ServedVenue) -> None:
        """A source that takes no more says so; one that does keeps what was added through a new connection."""
        floor = self.floor(venue)

        async def scenario(desk: Desk) -> None:
            await desk.agrees()
            if not desk.source.follows_more:
                with pytest.raises(RejectedError, match=self.eth):
                    await desk.source.follow(self.eth)
                assert list(desk.wanted) == [self.btc]
                return
            with pytest.raises(AdapterError):
                await desk.source.follow(self.unknown)
            with pytest.raises(RejectedError, match=f"the only one that is followed of {self.label}"):
                desk.source.leave(self.btc)
            await desk.source.follow(self.eth)
            assert list(desk.wanted) == [self.btc, self.eth]
            await desk.agrees()
            assert desk.source.connects == 1
            await desk.do(floor.kill)
            await desk.until(lambda: desk.market.states[self.eth].distrust_reason)
            await self.moves_on(desk, floor)
            desk.source.leave(self.eth)
            desk.market.forget(self.eth)
            assert list(desk.wanted) == [self.btc]
            await self.moves_on(desk, floor)
            await desk.source.follow(self.eth)
            await self.moves_on(desk, floor)

        desk = self.live(venue, scenario, symbols=(self.btc,))
        assert desk.source.unreadable == 0
        assert desk.market.counters.malformed == {}
        assert desk.market.counters.refused_by_reason == {}

    def test_a_pair_that_the_venue_does_not_have_is_told_and_the_others_live(
        self, venue: ServedVenue
    ) -> None:
        async def scenario(desk: Desk) -> None:
            await desk.until(lambda: desk.row("venue").value == self.partly)
            assert desk.row("venue").state is HealthState.DEGRADED

        desk = self.live(venue, scenario, symbols=(self.btc, self.unknown))
        assert desk.alerts == [f"{self.label} has no pair {self.unknown}; it has {self.btc}, {self.eth}"]
        assert list(desk.market.books) == [self.btc]
