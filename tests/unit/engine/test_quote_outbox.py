"""What waits to be told to other desks, and what they make of it, however telling goes."""

from __future__ import annotations

from hypothesis import settings as testing
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec import json

from engine.adapters.desks.parse import fresh_prints
from engine.adapters.desks.sequel import Sequel
from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.config import MarketSettings
from engine.desk.quote_outbox import QuoteOutbox
from engine.duties.quote_sharing import QuoteSharing
from engine.market.market import Market
from engine.messages.shared_quotes import PRINTS_MAX, ROWS_MAX, SharedEntry, SharedRow
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.quote import Quote
from engine.model.trade import Side, Trade
from tests.engine_rooms import share
from tests.teller import TERMS, row

SYMBOLS = tuple(map(Symbol, ("ABC", "DEF")))
START_NS = 1_723_118_400 * NS_PER_S


class Sharer:
    """A market, what is told of it, and the time."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(START_NS, steady_is_own=True)
        self.market = Market(MarketSettings(), self.clock)
        self.outbox = QuoteOutbox("r1", self.clock)
        self.sharing = QuoteSharing(self.market, self.outbox)
        self.prints: dict[Symbol, int] = dict.fromkeys(SYMBOLS, 0)
        for symbol in SYMBOLS:
            self.market.on_listed(share(symbol))

    def quote(self, symbol: Symbol, bid: int) -> None:
        now_ns = self.clock.now_ns()
        self.market.on_quote(Quote(symbol, "hand", bid, bid + 1, 1, 1, now_ns, now_ns))

    def trade(self, symbol: Symbol, count: int = 1) -> None:
        now_ns = self.clock.now_ns()
        for _ in range(count):
            self.prints[symbol] += 1
            number = self.prints[symbol]
            self.market.on_trade(Trade(symbol, "hand", 10_000, number, Side.BUY, now_ns, now_ns, number))

    def entry(self) -> SharedEntry | None:
        self.sharing.look()
        return self.outbox.take(0)


def rows_of(entry: SharedEntry | None) -> dict[str, SharedRow]:
    return {each.symbol: each for each in entry.rows} if entry is not None else {}


def test_nothing_is_told_of_what_nobody_speaks_of_and_of_the_rest_what_changed() -> None:
    sharer = Sharer()
    first = sharer.entry()
    assert first is not None
    assert (first.whole, first.rows, first.terms) == (True, (), ())
    assert sharer.entry() is None
    sharer.quote(SYMBOLS[0], 10_000)
    sharer.quote(SYMBOLS[1], 10_000)
    sharer.quote(SYMBOLS[0], 10_001)
    second = sharer.entry()
    assert {name: each.bid for name, each in rows_of(second).items()} == {"ABC": 10_001, "DEF": 10_000}
    sharer.quote(SYMBOLS[1], 10_002)
    assert rows_of(sharer.entry()).keys() == {"DEF"}
    assert sharer.outbox.conflated == 0, "the market overtook it, and not the others' news"


def test_everything_is_told_once_a_second_with_the_terms_and_the_last_print() -> None:
    sharer = Sharer()
    sharer.entry()
    sharer.quote(SYMBOLS[0], 10_000)
    sharer.trade(SYMBOLS[0], 3)
    sharer.entry()
    sharer.clock.advance_to(START_NS + NS_PER_S)
    whole = sharer.entry()
    assert whole is not None
    assert (whole.whole, [each.symbol for each in whole.terms]) == (True, ["ABC"])
    assert whole.rows[0].printed == 1, "prints from before the first look are told of by the last"
    assert [each.trade_id for each in whole.rows[0].prints] == [3]


def test_of_many_prints_the_last_are_told_and_how_many_there_were() -> None:
    sharer = Sharer()
    sharer.trade(SYMBOLS[0])
    sharer.entry()
    sharer.trade(SYMBOLS[0], 100)
    (told,) = rows_of(sharer.entry()).values()
    assert (told.printed, len(told.prints), told.prints[-1].trade_id) == (101, PRINTS_MAX, 101)
    sharer.trade(SYMBOLS[0], 300)
    (told,) = rows_of(sharer.entry()).values()
    assert told.printed > 101 + 256, "more are missing than the tape keeps"


def test_a_symbol_that_is_followed_no_more_is_not_told_of() -> None:
    sharer = Sharer()
    sharer.quote(SYMBOLS[0], 10_000)
    assert rows_of(sharer.entry()).keys() == {"ABC"}
    sharer.market.forget(SYMBOLS[0])
    sharer.clock.advance_to(START_NS + NS_PER_S)
    whole = sharer.entry()
    assert whole is not None
    assert (whole.rows, whole.terms) == ((), ())


def test_what_can_not_be_told_waits_for_the_newest_and_is_known_on_the_board() -> None:
    sharer = Sharer()
    sharer.quote(SYMBOLS[0], 10_000)
    entry = sharer.entry()
    assert entry is not None
    sharer.outbox.failed(entry, "redis: gone")
    assert sharer.outbox.reading().state is HealthState.DEGRADED
    again = sharer.entry()
    assert again is not None
    assert again.whole, "nobody knows whether the one before is there"
    sharer.outbox.failed(again, "redis: gone")
    sharer.clock.advance_to(START_NS + 4 * NS_PER_S)
    assert sharer.outbox.reading()[:3] == (HealthState.DOWN, "not told", "redis: gone")
    sharer.quote(SYMBOLS[0], 10_005)
    again = sharer.entry()
    assert again is not None
    assert (again.number, rows_of(again)["ABC"].bid) == (3, 10_005)
    sharer.outbox.told(again)
    assert sharer.outbox.reading().detail == "conflated 1 · failed 2"


def test_no_more_symbols_are_told_of_than_others_take() -> None:
    outbox = QuoteOutbox("r1", SimulatedClock(START_NS))
    names = [f"S{number}" for number in range(ROWS_MAX + 1)]
    outbox.put([row(Symbol(name)) for name in names], dict.fromkeys(names[:ROWS_MAX], TERMS))
    entry = outbox.take(0)
    assert entry is not None
    assert len(entry.rows) == ROWS_MAX
    assert json.decode(json.encode(entry), type=SharedEntry) == entry
    assert outbox.reading().detail == f"no more than {ROWS_MAX} are shared"


class Telling(RuleBasedStateMachine):
    """Quotes and prints, told or not: what fails may be there all the same, and nobody knows."""

    def __init__(self) -> None:
        super().__init__()
        self.sharer = Sharer()
        self.sequel = Sequel()
        self.heard: dict[str, SharedRow] = {}
        self.printed: dict[str, int] = {}
        self.tape: dict[str, list[int]] = {name: [] for name in SYMBOLS}
        self.missed = dict.fromkeys(SYMBOLS, 0)
        self.waiting: list[SharedEntry] = []

    @rule(symbol=st.sampled_from(SYMBOLS), bid=st.integers(9_990, 10_010))
    def quote(self, symbol: Symbol, bid: int) -> None:
        self.sharer.quote(symbol, bid)

    @rule(symbol=st.sampled_from(SYMBOLS), count=st.integers(1, 40))
    def trade(self, symbol: Symbol, count: int) -> None:
        self.sharer.trade(symbol, count)

    @rule(passed_ms=st.sampled_from([50, 400, 1_000]))
    def time_passes(self, passed_ms: int) -> None:
        self.sharer.clock.advance_to(self.sharer.clock.now_ns() + passed_ms * NS_PER_MS)

    @rule(fails=st.booleans(), is_there=st.booleans())
    def tell(self, fails: bool, is_there: bool) -> None:
        entry = self.sharer.entry()
        if entry is None:
            return
        if fails:
            self.sharer.outbox.failed(entry, "no answer")
        else:
            self.sharer.outbox.told(entry)
        if is_there or not fails:
            self.waiting.append(entry)

    @rule()
    def hear(self) -> None:
        self.sequel.hear(self.waiting)
        self.waiting.clear()
        if not self.sequel.is_whole:
            return
        for name, told in self.sequel.take().items():
            known = self.printed.get(name, told.printed - len(told.prints))
            self.missed[Symbol(name)] += max(0, told.printed - len(told.prints) - known)
            self.tape[name] += [each.trade_id for each in fresh_prints(told, known)]
            self.printed[name] = told.printed
            self.heard[name] = told

    @rule()
    def all_is_told_and_heard(self) -> None:
        self.time_passes(1_000)
        self.tell(fails=False, is_there=True)
        self.hear()
        for symbol, state in self.sharer.market.states.items():
            if state.source:
                told = self.heard[symbol]
                assert (told.bid, told.ask, told.receive_ns) == (
                    state.bid,
                    state.ask,
                    state.quote_receive_ns,
                )
                first = self.tape[symbol][0] - 1 if self.tape[symbol] else 0
                assert len(self.tape[symbol]) + self.missed[symbol] >= self.sharer.prints[symbol] - first

    @invariant()
    def every_print_is_heard_once_and_in_order(self) -> None:
        for tape in self.tape.values():
            assert tape == sorted(set(tape))


def test_whatever_fails_the_others_come_to_have_what_is_and_no_print_twice() -> None:
    run_state_machine_as_test(
        Telling, settings=testing(max_examples=30, stateful_step_count=25, deadline=None)
    )
