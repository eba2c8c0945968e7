"""Keeps our book and the broker's the same: asks, makes up for what was lost, and shows what can't be explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, get_args

from engine.bus import Bus
from engine.clock import NS_PER_S, Clock
from engine.execution.catching_up import CatchingUp
from engine.execution.compare import FOREIGN
from engine.execution.comparison import Comparison
from engine.execution.connection import Connection
from engine.execution.deciding import Deciding
from engine.execution.hands import Hands, Ties
from engine.execution.inquiry import Inquiries, Inquiry
from engine.execution.order_state import ENDED
from engine.execution.questions import Question
from engine.execution.watch import UNDERWAY, AnswerWatch
from engine.ids import OrderIds
from engine.messages.commands import ResolveBreak
from engine.messages.comparison_views import BreakView, ReconcilePhase, ReconcileView
from engine.messages.events import (
    BrokerLinkChanged,
    FillBusted,
    FillCorrected,
    MoneyEvent,
    OrderChanged,
    OrderFilled,
    OrderSubmitted,
    PositionAdjusted,
    PositionSplit,
    Severity,
)
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    ExpireReport,
    LinkReport,
    NotFoundReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderStatus
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import Broker

_UNKNOWN = OrderStatus.UNKNOWN
_DOUBTFUL = (AcceptReport, CancelRejectReport)
"""Reports that may not go with what is known of their order."""
_UNPROVEN = frozenset({OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND})
_OFF: Final = ReconcilePhase.OFF
_TROUBLED = frozenset({ReconcilePhase.CUT, ReconcilePhase.LATE})

Answer = StatusReport | NotFoundReport | StockReport | LinkReport
ANSWERS = frozenset(get_args(Answer))
"""The kinds of report that answer a question, or say whether one can be asked."""


class Reconciler:
    """Takes the answers to what was asked; what follows from them is believed as ordinary reports.

    Its timers run on the engine's clock; nothing here waits.
    """

    def __init__(
        self,
        hands: Hands,
        ties: Ties,
        *,
        broker: Broker,
        bus: Bus,
        clock: Clock,
        working: WorkingOrders,
        positions: Mapping[Symbol, Position],
        ids: OrderIds,
        account: str,
    ) -> None:
        self._hands = hands
        self._bus = bus
        self._clock = clock
        self._working = working
        self._catching_up = CatchingUp(hands, clock, ids, account)
        self._inquiries = Inquiries(
            broker, clock, hands.history.blotter.movement, round(ties.settings.visible_s * NS_PER_S)
        )
        self._watch = AnswerWatch(clock, round(ties.settings.ack_timeout_s * NS_PER_S), self._on_silence)
        self.connection = Connection(hands, working, self._watch)
        self._elsewhere = ties.elsewhere
        self._comparison = comparison = Comparison(
            hands,
            self._catching_up,
            self._inquiries,
            broker=broker,
            clock=clock,
            working=working,
            positions=positions,
            cash=ties.cash,
            lock=ties.lock,
            every_ns=round(ties.settings.compare_every_s * NS_PER_S),
        )
        self._board = board = comparison.board
        self._deciding = Deciding(
            hands, board, bus=bus, clock=clock, ids=ids, account=account, positions=positions, mark=ties.mark
        )
        self._doubted: set[str] = set()
        """The orders that the stock which is worked through leaves doubts about."""
        comparison.taking.doubtful = self._doubt
        comparison.on_worked_through = self._worked_through
        board.on_opened, board.on_healed = self._opened, self._deciding.healed
        self._answers: dict[type, Callable[..., None]] = {
            StatusReport: self._on_status,
            NotFoundReport: self._on_not_found,
            StockReport: comparison.on_stock,
            LinkReport: self._on_link,
        }

    @property
    def breaks(self) -> tuple[BreakView, ...]:
        """Every break, oldest first."""
        return self._board.all

    @property
    def current(self) -> bool:
        """Whether the broker answers, and a whole comparison was done since the way to it opened."""
        return self._comparison.current

    @property
    def settled(self) -> bool:
        """Whether a whole comparison was done since the start, and nothing is locked for want of one."""
        return bool(self._comparison.compared_ns) and not self._comparison.locked

    def begin(self, *, had_history: bool) -> None:
        """Compare with the broker from now on; locked until that was done once, where there is anything to compare.

        That is so where the journal has a history, and where the account lives at the broker, whatever is known here.
        """
        if had_history or self._elsewhere:
            self._comparison.lock()
        self._subscribe()
        for order in list(self._hands.orders.values()):
            if order.request.origin == FOREIGN:
                self._comparison.taking.foreign.add(order.client_id)
            if order.status in UNDERWAY:
                self._hands.give_up_waiting(order, "the engine stopped before it was answered")
            elif order.status is _UNKNOWN:
                self._ask_for(order)
        self._comparison.ask()

    def take_stock(self) -> None:
        """Compare everything now, unless that is underway."""
        self._comparison.ask()

    def resolve(self, command: ResolveBreak) -> None:
        """Carry out what a person decided about a break."""
        self._deciding.resolve(command)
        self._comparison.settle()

    def rearm(self) -> None:
        """Begin to wait anew after the clock dropped its timers: a replay was moved."""
        self._watch.rearm()
        self._inquiries.go_on()
        self._comparison.connected()

    def heard(self, report: Report) -> None:
        """Ask for an order of which the broker said what does not go with what is known of it, or too little."""
        if self._comparison.phase is _OFF:
            return
        if isinstance(report, CancelReport | ExpireReport) and report.filled is None:
            if (order := self._hands.orders.get(report.client_id)) is not None:
                self._ask_for(order)
        elif isinstance(report, _DOUBTFUL):
            order = self._hands.orders.get(report.client_id)
            ended = isinstance(report, AcceptReport)
            if order is not None and (order.status in ENDED if ended else order.is_open):
                self._ask_for(order)

    def on_answer(self, report: Answer) -> None:
        """Take an answer of the broker."""
        self._answers[type(report)](report)

    def view(self) -> ReconcileView:
        """Return how the two books compare."""
        made_up, comparison = self._catching_up, self._comparison
        return ReconcileView(
            phase=comparison.phase,
            since_ns=comparison.since_ns,
            compared_ns=comparison.compared_ns,
            fills=made_up.fills,
            ended=made_up.ended,
            adopted=made_up.adopted,
            unknown=sum(order.status is _UNKNOWN for order in self._working),
            lines=tuple(made_up.lines),
            breaks=self._board.all,
            age_s=comparison.age_s if comparison.phase in _TROUBLED else 0,
        )

    # What happens meanwhile

    def _subscribe(self) -> None:
        self._bus.subscribe(OrderSubmitted, self._submitted)
        self._bus.subscribe(OrderChanged, self._changed)
        self._bus.subscribe(OrderFilled, self._filled)
        self._bus.subscribe(FillBusted, self._moved)
        self._bus.subscribe(FillCorrected, self._moved)
        self._bus.subscribe(PositionAdjusted, self._moved)
        self._bus.subscribe(PositionSplit, lambda event: self._comparison.movement.note(event.symbol))

    def _submitted(self, event: OrderSubmitted) -> None:
        order = self._working.get(event.request.client_id)
        if order is not None:
            self._watch.note(order)

    def _on_silence(self, order: Order, reason: str) -> None:
        if self.connection.waits_for(order):
            self._watch.anew(order)
        else:
            self._hands.give_up_waiting(order, reason)

    def _changed(self, event: OrderChanged) -> None:
        order, status = event.order, event.status
        if status in UNDERWAY:
            self._watch.note(order)
        elif status is _UNKNOWN:
            self._ask_for(order)

    def _moved(self, event: MoneyEvent) -> None:
        self._comparison.movement.note(event.fill.symbol)

    def _filled(self, event: OrderFilled) -> None:
        order = event.order
        self._moved(event)
        if order.request.origin == FOREIGN:
            self._foreign_filled(order)

    def _foreign_filled(self, order: Order) -> None:
        taking = self._comparison.taking
        taking.foreign.add(order.client_id)
        difference = taking.foreign_difference(order)
        if difference is not None:
            self._board.show(difference)

    def _opened(self, each: BreakView) -> None:
        self._hands.alert(Severity.CRITICAL, each.text)
        self._catching_up.note(each.text)

    # Answers

    def _ask_for(self, order: Order) -> None:
        self._inquiries.begin(order.client_id, order.request.created_ns)

    def _doubt(self, order: Order) -> None:
        self._doubted.add(order.client_id)
        self._ask_for(order)

    def _on_status(self, report: StatusReport) -> None:
        order = self._hands.orders.get(report.order.client_id)
        question = self._inquiries.answered(report.order.client_id, report.question)
        if order is None:
            return
        newer = question is not None and order.moment <= question.moment
        if newer and sum(fill.quantity for fill in report.fills) == report.order.filled:
            self._catching_up.undo_fills(order, report.fills)  # first: else more seems filled than ever was
        self._catching_up.take_fills(report.fills)
        self._catching_up.take_order(order, report.order, newer=newer, final=question is not None)
        self._found(order)

    def _found(self, order: Order) -> None:
        """Ask no more for an order that the broker told of; a cancel that may be lost is asked again."""
        if order.status in _UNPROVEN:
            return
        self._inquiries.end(order.client_id)
        if order.cancel_wanted and order.is_open and order.status not in UNDERWAY:
            self._hands.cancel(order.client_id, "chase")

    def _on_not_found(self, report: NotFoundReport) -> None:
        inquiry = self._inquiries.missed(report.client_id, report.question)
        order = self._working.get(report.client_id)
        if order is None:
            self._inquiries.end(report.client_id)
        elif inquiry is not None:
            if order.status is not _UNKNOWN:
                self._hands.give_up_waiting(order, "the broker no longer knows it")
            self._conclude(inquiry)

    def _conclude(self, inquiry: Inquiry) -> None:
        """Let an order be gone once that is proven; until a whole stock lacked it too, that is asked for."""
        if not inquiry.proven_absent:
            self._comparison.ask()
            return
        self._inquiries.end(inquiry.client_id)
        self._hands.believe(NotFoundReport(inquiry.client_id, self._clock.now_ns()))
        self._catching_up.note(f"order {inquiry.client_id}: the broker does not know it")

    def _worked_through(self, stock: BrokerStock, question: Question) -> None:
        """Let a stock answer for the orders that were asked for."""
        named = {each.client_id: each for each in stock.orders}
        for inquiry in self._inquiries:
            theirs, order = named.get(inquiry.client_id), self._hands.orders.get(inquiry.client_id)
            if theirs is not None and order is not None and order.client_id not in self._doubted:
                self._found(order)
            elif theirs is None and stock.complete:
                inquiry.lacked_by(stock.since_ns, question)
                if inquiry.proven_absent:
                    self._conclude(inquiry)
        self._doubted.clear()
        if self.settled:
            self._hands.brackets.check()

    def _on_link(self, report: LinkReport) -> None:
        self._bus.publish(BrokerLinkChanged(report.connected, report.reason, report.event_ns))
        if report.connected:
            self.connection.opened(self._comparison.age_s, cancels_alone=report.cancels_alone)
            self._inquiries.go_on()
            self._comparison.connected()
        else:
            self.connection.closed(report.reason)
            self._inquiries.hold()
            self._comparison.cut()
