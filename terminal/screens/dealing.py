"""The trading keys: each begins a line, or does at once what must not wait."""

from __future__ import annotations

from textual import on

from engine.clock import SystemClock
from engine.config import DeskSettings
from engine.face import EngineFace
from engine.messages.commands import ArmTrading, CancelAll, CancelOrder, DisarmTrading, TradingState
from engine.messages.views import OrderView
from engine.model.instrument import Symbol
from engine.model.trade import Side
from terminal.actions.table import BY_ID
from terminal.broker_words import broker_is_down
from terminal.cover import cancel_leaves
from terminal.format import counted, figures
from terminal.key_names import shown
from terminal.orderline.changing import change_line, changed_amendment, changed_line
from terminal.screens.arming import ArmingScreen
from terminal.screens.line_screen import LineScreen
from terminal.screens.lock import LockScreen
from terminal.strips import Ink
from terminal.way_out import GotOut, in_words
from terminal.widgets.blotter import Blotter, status_word
from terminal.widgets.messages import PricePicked
from terminal.widgets.ticket import TicketPane

_JOIN = {("buy", "join"): "bid", ("sell", "join"): "ask", ("buy", "take"): "ask", ("sell", "take"): "bid"}

_NEED_BROKER = frozenset({"trade.flatten", "trade.flatten_all", "trade.cancel_now", "trade.kill"})
_STATES = {"trade.halt": TradingState.HALTED, "trade.reduce": TradingState.REDUCING}


class DealingScreen(LineScreen):
    """Turns keys and picked prices into lines and commands."""

    def __init__(self, engine: EngineFace, settings: DeskSettings, ink: Ink, keymap: dict[str, str]) -> None:
        super().__init__(engine, settings, ink, keymap)
        self._clock = SystemClock()

    @on(PricePicked)
    def _order_at(self, message: PricePicked) -> None:
        figure = figures(self.desk.instruments[message.symbol])
        side = "b" if message.side is Side.BUY else "s"
        self.line.begin(side, f"@{figure.price(message.price)}")

    @on(TicketPane.Nudged)
    def _change_draft(self, message: TicketPane.Nudged) -> None:
        composer = self.line.composer
        requests = composer.requests
        if not requests:
            return
        write = changed_line if composer.amends is None else changed_amendment
        instrument = self.desk.instruments[requests[0].symbol]
        self.line.write(
            write(*requests, instrument=instrument, ticks=message.ticks, quantity=message.quantity)
        )

    @on(TicketPane.Advanced)
    def _advance_draft(self) -> None:
        self.line.press_enter(self._clock.monotonic_ns())

    @on(TicketPane.Dropped)
    def _drop_draft(self) -> None:
        self.line.press_escape()

    @on(Blotter.OrderPicked)
    def _change_order(self, message: Blotter.OrderPicked) -> None:
        order = self.desk.orders[message.client_id]
        self._begin_change(order)

    @on(TicketPane.Reset)
    def _reset_draft(self) -> None:
        self.action_reset()

    def action_reset(self) -> None:
        """Begin the order on the line anew: its symbol and side, the usual size, at the touch."""
        composer = self.line.composer
        request, order = composer.request, composer.amends
        if order is not None:
            self.line.write(change_line(order, self.desk))
        elif request is not None:
            self.focus_symbol(request.symbol)
            side = "buy" if request.side is Side.BUY else "sell"
            self.line.write(side[0] + composer.drafter.suggestion(_JOIN[side, "join"]))

    def action_command(self) -> None:
        """Begin to type."""
        self.line.open("")

    def action_repeat(self) -> None:
        """Put the last line back for review."""
        self.line.repeat(self._clock.monotonic_ns())

    def action_stage(self, side: str, how: str) -> None:
        """Begin an order of the symbol in focus, joining or taking the touch."""
        self.line.begin("b" if side == "buy" else "s", _JOIN[side, how])

    def action_exit(self, share: str) -> None:
        """Begin to close the position in focus, or half of it, at the market; all of it with the exits that are in the way."""
        symbol = self.desk.focus
        position = self.desk.positions.get(symbol) if symbol else None
        if symbol is None or position is None or not position.quantity:
            self.line.say(f"no position in {symbol or 'anything'} to close", "muted")
            return
        side = Side.SELL if position.quantity > 0 else Side.BUY
        if share == "pos" and any(
            order.symbol == symbol and order.side is side and order.reduce_only for order in self.desk.working
        ):
            self.line.open(f"flat {symbol}")
        else:
            self.line.open(f"{'s' if side is Side.SELL else 'b'} {share} {symbol} mkt ro")

    def action_cancel(self) -> None:
        """Cancel the order under the cursor in the blotter, else the orders of the symbol in focus."""
        order = self._order_under_cursor()
        if order is not None and not order.status.is_open:
            self.line.say(f"#{order.number} is {status_word(order)}: there is nothing to cancel", "muted")
        elif order is not None:
            self.bridge.send(CancelOrder(order.client_id, origin="key"))
            if left := cancel_leaves(order, self.desk):
                self.line.say(left, "warn")
        elif self.desk.focus and any(order.symbol == self.desk.focus for order in self.desk.working):
            self.bridge.send(CancelAll(self.desk.focus, origin="key"))
        else:
            self.line.say(f"no working order in {self.desk.focus or 'sight'}", "muted")

    def action_cancel_all(self) -> None:
        """Cancel everything now."""
        self.bridge.send(CancelAll(origin="key"))
        self.line.say(f"cancelling {counted(len(self.desk.working), 'working order')}", "own")

    def action_modify(self) -> None:
        """Begin to change the order under the cursor, else the newest of the symbol in focus."""
        order = self._order_under_cursor() or next(
            (order for order in reversed(self.desk.working) if order.symbol == self.desk.focus), None
        )
        if order is None:
            self.line.say("no working order to change", "muted")
        else:
            self._begin_change(order)

    def action_arm(self) -> None:
        """Disarm the account, or arm it: a live one asks for its name."""
        arming = self.desk.arming
        if arming is None:
            self.line.say("the desk begins: nothing can be armed yet", "muted")
        elif arming.armed:
            self.line.unstage()
            self.bridge.send(DisarmTrading("by hand"))
        elif arming.needs_name:
            name = self.bridge.engine.account_name
            self.app.push_screen(ArmingScreen(self.desk, name, self.bridge.send))
        else:
            self.bridge.send(ArmTrading(""))

    def focus_symbol(self, symbol: Symbol) -> None:
        """Let the desk look at a symbol, and let the way out mean it."""
        super().focus_symbol(symbol)
        self.desk_app.way_out.focus = self.desk.focus

    def action_get_out(self, name: str) -> None:
        """Do by its name what a key that gets out does."""
        self.tell_way_out(self.desk_app.way_out.press(name, self._clock.monotonic_ns()))

    def tell_way_out(self, got_out: GotOut) -> None:
        """Say what a key that gets out has done; where it is done already, begin the line that takes it back."""
        if isinstance(self.app.screen, LockScreen):
            self.app.screen.tell(got_out)
        if got_out.name in _STATES and self._is(_STATES[got_out.name]) and self.is_active:
            self.line.open("resume")
            return
        if got_out.name == "trade.reduce" and self._is(TradingState.HALTED):
            self.line.say("trading is halted, which is stricter: that stays; typing resume lifts it", "own")
            return
        key = shown(self.keymap.get(got_out.name, BY_ID[got_out.name].keys).split(",")[0])
        sentence, role = in_words(got_out, key, len(self.desk.working))
        waits = got_out.sent and got_out.name in _NEED_BROKER and broker_is_down(self.desk.reconcile)
        self.line.say(
            f"{sentence}: the broker is down, it leaves once that is back" if waits else sentence, role
        )

    def _is(self, state: TradingState) -> bool:
        return self.desk.risk is not None and self.desk.risk.state is state

    def _order_under_cursor(self) -> OrderView | None:
        if self.pane_in_use != "orders" or self.blotter.cursor is None:
            return None
        return self.desk.orders.get(self.blotter.cursor)

    def _begin_change(self, order: OrderView) -> None:
        if not order.status.is_open:
            self.line.say(f"#{order.number} is {status_word(order)}: there is nothing to change", "muted")
            return
        self.line.open(change_line(order, self.desk))
