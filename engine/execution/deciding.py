"""What a person decides about a break is done, or refused with a reason; either way it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.bus import Bus
from engine.clock import Clock
from engine.execution.breaks import ORDER_ID, BreakBoard
from engine.execution.compare import FOREIGN
from engine.execution.hands import Hands
from engine.ids import OrderIds
from engine.messages.commands import BreakAction, ResolveBreak
from engine.messages.comparison_views import BreakKind, BreakView
from engine.messages.events import BreakResolved, PositionAdjusted, Severity
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.position import COST_SCALE, Position
from engine.model.trade import Side

_ADOPT, _IGNORE, _FIX = BreakAction.ADOPT, BreakAction.IGNORE, BreakAction.FIX


class Deciding:
    """Believes the broker, lets be, or makes the broker agree; every decision is a record."""

    def __init__(
        self,
        hands: Hands,
        board: BreakBoard,
        *,
        bus: Bus,
        clock: Clock,
        ids: OrderIds,
        account: str,
        positions: Mapping[Symbol, Position],
        mark: Callable[[Symbol], int],
    ) -> None:
        self._hands = hands
        self._board = board
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._account = account
        self._positions = positions
        self._mark = mark

    def resolve(self, command: ResolveBreak) -> None:
        """Carry out a decision, or say why it can't be."""
        each = self._board.get(command.break_id)
        if each is None:
            self._hands.alert(Severity.INFO, f"there is no break {command.break_id}; it may have healed")
            return
        refusal = self._carry_out(each, command)
        if refusal:
            self._hands.alert(Severity.WARNING, f"{each.text}: {refusal}")

    def healed(self, break_id: str) -> None:
        """Let a decision go whose difference is gone."""
        self._record(break_id, _IGNORE, "the difference is gone", "engine", 0)

    def _carry_out(self, each: BreakView, command: ResolveBreak) -> str:
        """Do what was decided; return why not."""
        if command.action is _IGNORE:
            gap = (each.theirs - each.ours) or 1
            return self._decided(each, command, gap) or self._put_aside(each)
        if each.kind is BreakKind.CASH:
            return "cash follows from fills and can't be moved here; ignore it, or correct it at the broker"
        if each.kind is BreakKind.POSITION:
            return self._settle_position(each, command)
        return self._settle_order(each, command)

    def _settle_order(self, each: BreakView, command: ResolveBreak) -> str:
        client_id = each.id.removeprefix(ORDER_ID)
        order = self._hands.orders.get(client_id)
        if command.action is _FIX and (order is None or order.is_open or order.request.origin != FOREIGN):
            return self._take_back(each, client_id, command.origin)
        if order is None:
            return "its symbol is not listed here; fix cancels it at the broker, ignore lets it be"
        if order.request.origin != FOREIGN:
            return "the order is ours, and only reports of the broker change it; fix cancels it there"
        if command.action is _ADOPT:
            refusal = self._decided(each, command, 1)
            if not refusal:
                self._board.close(each.id)
            return refusal
        return self._undo(each, command, order.side * order.filled)

    def _take_back(self, each: BreakView, client_id: str, origin: str) -> str:
        """Cancel an order at the broker, whatever it is here: there it works, or may."""
        order = self._hands.orders.get(client_id)
        if order is not None and order.is_open:
            return "" if self._hands.cancel(client_id, origin) else "its cancel is underway already"
        self._hands.cancel_there(client_id, origin)
        self._hands.alert(Severity.INFO, f"{each.text}: a cancel went out to the broker")
        return ""

    def _undo(self, each: BreakView, command: ResolveBreak, filled: int) -> str:
        """Trade out of what a foreign order left, if that makes the position smaller."""
        position = self._positions.get(each.symbol)
        refusal = self._closing(each.symbol)
        refusal = refusal or _not_reducing(filled, position.quantity if position is not None else 0)
        refusal = refusal or self._decided(each, command, 1, action=_FIX)
        if not refusal:
            self._board.close(each.id)
            self._send(each.symbol, -filled)
        return refusal

    def _settle_position(self, each: BreakView, command: ResolveBreak) -> str:
        position, gap = self._positions.get(each.symbol), each.theirs - each.ours
        price = self._price(each.symbol, position)
        instrument = self._hands.history.instrument(each.symbol)
        if instrument is None or not price:
            what = "no price is known" if instrument else "its symbol is not listed here"
            return f"{what}: it can't be booked; ignore it until that changes"
        refusal = self._closing(each.symbol) or _not_reducing(gap, each.theirs)
        if command.action is _FIX and refusal:
            return refusal
        self._hands.scribe.name(instrument)
        self._hands.scribe.rate(instrument.currency)
        adjusted = PositionAdjusted(self._adjustment(each, gap, price), each.text)
        denials = self._hands.scribe.record(adjusted)
        if denials:
            return denials[0].text
        self._bus.publish(adjusted)
        self._record(each.id, command.action, each.text, command.origin, 0)
        self._board.close(each.id)
        if command.action is _FIX:
            self._send(each.symbol, -gap)
        return ""

    def _closing(self, symbol: Symbol) -> str:
        """Say that a flatten is underway: what trades beside it is closed by it once more."""
        return (
            f"{symbol} is being flattened: adopt it, and that is closed too"
            if symbol in self._hands.flattening
            else ""
        )

    def _price(self, symbol: Symbol, position: Position | None) -> int:
        """Return the mark, else the average cost, in price units; 0 where neither is known."""
        mark = self._mark(symbol)
        if mark or position is None or not position.quantity:
            return mark
        return position.cost // (position.quantity * COST_SCALE)

    def _adjustment(self, each: BreakView, gap: int, price: int) -> Fill:
        now_ns = self._clock.now_ns()
        client_id, _ = self._ids.next()
        return Fill(
            fill_id=f"adjust-{client_id}",
            client_id="",
            account=self._account,
            symbol=each.symbol,
            side=Side.BUY if gap > 0 else Side.SELL,
            price=price,
            quantity=abs(gap),
            event_ns=now_ns,
            receive_ns=now_ns,
        )

    def _send(self, symbol: Symbol, quantity: int) -> None:
        """Send a reduce-only market order; the gate may refuse it, and says so."""
        client_id, number = self._ids.next()
        self._hands.submit(
            OrderRequest(
                client_id=client_id,
                number=number,
                account=self._account,
                symbol=symbol,
                side=Side.BUY if quantity > 0 else Side.SELL,
                quantity=abs(quantity),
                type=OrderType.MARKET,
                tif=TimeInForce.DAY,
                reduce_only=True,
                origin="exit",
                created_ns=self._clock.now_ns(),
                correlation=client_id,
            )
        )

    def _put_aside(self, each: BreakView) -> str:
        self._board.ignore(each.id)
        return ""

    def _decided(
        self, each: BreakView, command: ResolveBreak, gap: int, action: BreakAction | None = None
    ) -> str:
        return self._record(each.id, action or command.action, each.text, command.origin, gap)

    def _record(self, break_id: str, action: BreakAction, text: str, origin: str, gap: int) -> str:
        """Write a decision down; return why it could not be, and then it does not hold."""
        event = BreakResolved(break_id, action, text, origin, self._clock.now_ns(), gap)
        denials = self._hands.scribe.record(event)
        if denials:
            return denials[0].text
        self._hands.history.resolved(event)
        return ""


def _not_reducing(gap: int, held: int) -> str:
    """Say why trading a gap away would not make what is held at the broker smaller."""
    if gap * held > 0 and abs(gap) <= abs(held):
        return ""
    return "to trade it away would not make the position smaller; adopt it, or trade by hand"
