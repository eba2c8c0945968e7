"""Takes stock at the broker, at the start and ever again, and keeps what it does not explain on the board."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.clock import NS_PER_S, Clock, Timer
from engine.execution.breaks import ORDER_ID, BreakBoard
from engine.execution.catching_up import CatchingUp
from engine.execution.hands import Hands, Lock
from engine.execution.inquiry import Inquiries
from engine.execution.questions import Question, Questions
from engine.execution.stock_taking import StockTaking
from engine.messages.commands import TradingState
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import Severity
from engine.messages.reports import StockReport
from engine.messages.stock import BrokerStock
from engine.model.instrument import Symbol
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import Broker

_DAY_NS = 86_400 * NS_PER_S
_OVERLAP_NS = 600 * NS_PER_S
"""How far a stock goes back behind the one before."""
_CONFIRM_NS = 2 * NS_PER_S
"""How soon a difference is looked at again."""
_LATE_NS = 10 * NS_PER_S
_LATE_MAX_NS = 60 * NS_PER_S


class Comparison:
    """Asks for the broker's stock, one at a time, and works it through.

    Trading is locked from `begin` until one whole stock was worked through and leaves nothing that has yet
    to be seen again. Nothing is presumed while the way to the broker is closed.
    """

    def __init__(
        self,
        hands: Hands,
        catching_up: CatchingUp,
        inquiries: Inquiries,
        *,
        broker: Broker,
        clock: Clock,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        cash: Callable[[], Mapping[str, int]],
        lock: Lock,
        every_ns: int,
    ) -> None:
        self._hands = hands
        self._inquiries = inquiries
        self._broker = broker
        self._clock = clock
        self._lock = lock
        self._every_ns = every_ns
        self.movement = hands.history.blotter.movement
        self.board = BreakBoard(hands.history.decisions, self.movement, clock, lock)
        self.taking = StockTaking(hands, catching_up, working, positions, cash)
        self.on_worked_through: Callable[[BrokerStock, Question], None] = lambda _stock, _question: None
        """What is called after each stock, with the question that it answers."""
        self.phase = ReconcilePhase.OFF
        self.since_ns = 0
        """When the phase began."""
        self._entered_ns = 0
        """The same by steady time."""
        self.compared_ns = 0
        """When the last whole stock was asked for; 0 before the first."""
        self.current = False
        """Whether a whole stock was worked through since the way opened, and the last question was answered."""
        self.locked = False
        self._connected = True
        self._questions = Questions(clock, self.movement)
        self._underway = False
        self._patience_ns = _LATE_NS
        self._timer: Timer | None = None

    @property
    def age_s(self) -> int:
        """For how many whole seconds the phase has lasted, whatever the market's time does."""
        return (self._clock.monotonic_ns() - self._entered_ns) // NS_PER_S

    def lock(self) -> None:
        """Let no order out until the first comparison is done."""
        self.locked = True
        self._lock(TradingState.HALTED, "comparing with the broker", now_ns=self._clock.now_ns())

    def ask(self) -> None:
        """Ask for everything the broker has, unless that is underway or the way is closed."""
        if self._connected and not self._underway:
            self._underway = True
            number = self._questions.ask()
            if self.phase is not ReconcilePhase.LATE:
                self._enter(ReconcilePhase.COMPARING)
            self._call_in(self._patience_ns, self._no_answer)
            self._broker.take_stock(self._from_when(self._clock.now_ns()), number)

    def connected(self) -> None:
        """Ask anew: the way to the broker is open, or the clock dropped its timers."""
        self._connected, self._underway, self._patience_ns = True, False, _LATE_NS
        self.current = False
        self._questions.forget()
        self.ask()

    def cut(self) -> None:
        """Wait: the way to the broker is closed."""
        self._connected, self._underway, self.current = False, False, False
        self._questions.forget()
        self._stop_timer()
        self._enter(ReconcilePhase.CUT)

    def on_stock(self, report: StockReport) -> None:
        """Work a stock through, if it was asked for."""
        question = self._questions.answered(report.question)
        if question is None:
            return
        moment, stock = question.moment, report.stock
        self._underway, self._patience_ns = False, _LATE_NS
        found = self.taking.work_through(stock, moment, lambda symbol: self.movement.since(symbol, moment))
        if stock.complete:
            self.board.take(found, self._unjudged(stock, moment))
            self.compared_ns, self.current = question.asked_ns, True
        self._go_on(complete=stock.complete)
        self.on_worked_through(stock, question)

    def settle(self) -> None:
        """Say how it stands, unless a comparison is underway."""
        if not self._underway and self._connected and self.compared_ns:
            self._enter(ReconcilePhase.DIFFERS if self.board.open else ReconcilePhase.AGREED)

    def _go_on(self, *, complete: bool) -> None:
        sure = complete and not self.board.unsure
        if sure:
            self._ask_by_and_by(self._clock.monotonic_ns() + self._every_ns)
        else:
            self._call_in(_CONFIRM_NS, self.ask)
        if sure and self.locked:
            self.locked = False
            self._lock(TradingState.ACTIVE, "")
        self.settle()

    def _ask_by_and_by(self, steady_ns: int) -> None:
        """Ask after the usual time, which must have passed for the machine too: a replay passes days in a moment."""

        def ask_or_wait() -> None:
            if self._clock.monotonic_ns() < steady_ns:
                self._ask_by_and_by(steady_ns)
            else:
                self.ask()

        self._call_in(self._every_ns, ask_or_wait)

    def _unjudged(self, stock: BrokerStock, moment: int) -> Callable[[str, Symbol], bool]:
        """Return what tells whether a stock says nothing about a break: it moved, or is not named."""
        named = {each.client_id for each in stock.orders}

        def unjudged(break_id: str, symbol: Symbol) -> bool:
            if not break_id.startswith(ORDER_ID):
                return self.movement.since(symbol, moment)
            client_id = break_id.removeprefix(ORDER_ID)
            ours = client_id in self._hands.orders and client_id not in self.taking.foreign
            return ours and client_id not in named

        return unjudged

    def _from_when(self, now_ns: int) -> int:
        """Return from when on ended orders and fills are asked for."""
        if self.compared_ns:
            since_ns = self.compared_ns - _OVERLAP_NS
        else:
            since_ns = min(now_ns, self._hands.history.blotter.now_ns or now_ns) - _DAY_NS
        return max(0, min([since_ns, *(each.sent_ns for each in self._inquiries)]))

    def _no_answer(self) -> None:
        """Say that the broker is silent, and ask again; what is locked stays locked."""
        self._underway = self.current = False
        if self.phase is not ReconcilePhase.LATE:
            locked = "; trading stays locked, cancels go out" if self.locked else ""
            text = f"the broker has not answered for {self._patience_ns // NS_PER_S} s{locked}"
            self._hands.alert(Severity.WARNING, text)
            self._enter(ReconcilePhase.LATE)
        self._patience_ns = min(2 * self._patience_ns, _LATE_MAX_NS)
        self.ask()

    def _enter(self, phase: ReconcilePhase) -> None:
        if self.phase is not phase:
            self.phase, self.since_ns = phase, self._clock.now_ns()
            self._entered_ns = self._clock.monotonic_ns()

    def _call_in(self, wait_ns: int, callback: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self._clock.call_at(self._clock.now_ns() + wait_ns, callback)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
