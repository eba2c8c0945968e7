"""Whatever three venues do, the desk shows one of them, whole and in order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.market.bars import MINUTE_NS
from engine.market.failover import READY_NS
from engine.market.translation import Translation
from engine.model.market_state import Trust
from engine.model.trade import Side
from tests.unit.engine.failover_bench import COIN, OURS, Desk, Voice

WHO = st.integers(0, 2)


class VenuesInRank(RuleBasedStateMachine):
    """Three venues that fall silent, lose changes, disconnect and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk("kraken", "coinbase")
        for each in self.desk.voices:
            each.snapshot()
        self.desk.passes(3)

    def voice(self, who: int) -> Voice:
        return self.desk.voices[who]

    @rule(who=WHO, speaks=st.booleans())
    def speak_or_fall_silent(self, who: int, *, speaks: bool) -> None:
        self.voice(who).speaks = speaks

    @rule(seconds=st.sampled_from([0.25, 1, 4, 10, 40]))
    def pass_time(self, seconds: float) -> None:
        self.desk.passes(seconds)
        self.one_that_is_not_well_speaks_only_where_nobody_else_could()

    def one_that_is_not_well_speaks_only_where_nobody_else_could(self) -> None:
        """Look at it just after the failover did."""
        failover, now_ns = self.desk.failover, self.desk.clock.monotonic_ns()
        if failover.speaking[OURS].trouble(OURS):
            ready = [
                each.name
                for each in failover.channels
                if not each.trouble(OURS) and failover._well_for(each, OURS, now_ns) >= READY_NS
            ]
            assert ready == []

    @rule(who=WHO, size=st.integers(0, 50))
    def print_or_change(self, who: int, size: int) -> None:
        self.voice(who).change(size)
        if size:
            self.desk.passes(0.25)
            self.voice(who).print(size)

    @rule(who=WHO)
    def lose_a_change(self, who: int) -> None:
        self.voice(who).change(7, missing=1)

    @rule(who=WHO)
    def tell_the_whole_book(self, who: int) -> None:
        voice = self.voice(who)
        voice.snapshot(voice.sequence + 1)

    @rule(who=WHO)
    def disconnect(self, who: int) -> None:
        voice = self.voice(who)
        voice.channel.on_disconnected(voice.name, (voice.instrument.symbol,), "reset")

    @rule(who=WHO, share=st.sampled_from([0.98, 1.0, 1.0, 1.03]))
    def move(self, who: int, share: float) -> None:
        self.voice(who).middle = round(60_000 * share)

    @invariant()
    def one_speaks_and_the_desk_has_its_price(self) -> None:
        desk = self.desk
        speaking = [each.name for each in desk.voices if OURS in each.channel.shown]
        assert speaking == [desk.source]
        state = desk.state
        if state.trust(desk.clock.now_ns()) is Trust.GOOD:
            theirs = desk.failover.speaking[OURS].state(OURS)
            assert theirs is not None
            assert state.source == desk.source
            unit = float(theirs.instrument.price_unit / COIN.price_unit)
            assert abs(state.bid - theirs.bid * unit) < 1

    @invariant()
    def a_book_to_trade_against_is_that_of_whoever_speaks(self) -> None:
        book, channel = self.desk.market.books[OURS], self.desk.failover.speaking[OURS]
        if not book.synced:
            return
        there = next(iter(channel.scout.books.values()))
        assert (book.source, there.synced) == (self.desk.source, True)
        translation = Translation(there.instrument, COIN)
        for side in (Side.BUY, Side.SELL):
            assert book.levels(side, 10) == translation._levels(there.levels(side, 10))

    @invariant()
    def prints_and_minutes_come_once_and_in_order(self) -> None:
        times = [trade.event_ns for trade in self.desk.market.tape[OURS]]
        assert times == sorted(times)
        starts = [bar.start_ns for bar in self.desk.market.bars.series(OURS, MINUTE_NS).last(100)]
        assert starts == sorted(set(starts))


VenuesInRank.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=30)
TestVenuesInRank = VenuesInRank.TestCase
