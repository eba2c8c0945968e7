"""The trading screen: what keys, panes and lines mean, as commands to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import BindingType

from engine.clock import SystemClock
from engine.config import DeskSettings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.messages.commands import (
    CancelAll,
    CancelOrder,
    Flatten,
    Jump,
    Pause,
    Resume,
    SetSpeed,
    SetTradingState,
    Step,
    SubmitOrder,
    TradingState,
)
from engine.messages.events import Severity
from engine.messages.views import Frame, OrderView
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from terminal.actions import GLOBAL, bindings_of
from terminal.format import figures
from terminal.layouts import PANES
from terminal.orderline.changing import changed_line
from terminal.orderline.intents import Action, FocusSymbol, GoToPane, Quit, ShowHelp, SwitchTheme
from terminal.orderline.staging import Twice
from terminal.screens.desk_screen import DeskScreen
from terminal.screens.help import HelpScreen
from terminal.screens.reading import ReadingScreen
from terminal.screens.why import why_order, why_symbol
from terminal.strips import Ink
from terminal.widgets.blotter import Blotter
from terminal.widgets.messages import (
    PanePicked,
    PricePicked,
    SymbolOpened,
    SymbolPicked,
    TimeframeChanged,
)
from terminal.widgets.order_line import OrderLine
from terminal.widgets.ticket import Stage, Ticket, TicketPane

if TYPE_CHECKING:
    from terminal.app import DeskApp

_JOIN = {("buy", "join"): "bid", ("sell", "join"): "ask", ("buy", "take"): "ask", ("sell", "take"): "bid"}
_SPEED_MIN, _SPEED_MAX = 0.125, 1024.0
_ROLES = {Severity.INFO: "muted", Severity.WARNING: "warn", Severity.CRITICAL: "breach+b"}


class TradeScreen(DeskScreen):
    """Turns what the user does into commands."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(GLOBAL)

    def __init__(self, engine: Engine, settings: DeskSettings, ink: Ink, keymap: dict[str, str]) -> None:
        super().__init__(engine, settings, ink, keymap)
        self._clock = SystemClock()
        guard_ms = settings.send_guard_ms
        self._flatten_twice, self._kill_twice, self._leave_twice = (Twice(guard_ms) for _ in range(3))

    @property
    def desk_app(self) -> DeskApp:
        """The app, which owns themes."""
        return cast("DeskApp", self.app)

    # the order line

    @on(OrderLine.Submitted)
    def _carry_out(self, message: OrderLine.Submitted) -> None:
        action = message.action
        if isinstance(action, SubmitOrder) and not self.status.armed and not action.request.reduce_only:
            self.line.open(message.text)
            self.line.say("disarmed: F12 lets the line send again")
            return
        self._do(action)

    @on(OrderLine.PreviewWanted)
    def _ask_gate(self, message: OrderLine.PreviewWanted) -> None:
        self.bridge.preview(message.request, self.line.take_preview)

    @on(OrderLine.Changed)
    def _mirror(self) -> None:
        composer = self.line.composer
        stage = Stage.STAGED if composer.staged else Stage.TYPED if composer.request else Stage.EMPTY
        notice = composer.notice[0] if composer.notice else ""
        self.ticket.show(Ticket(stage, composer.request, composer.preview, notice))

    @on(OrderLine.Left)
    def _back_to_panes(self) -> None:
        self.panes[self.pane_in_use].focus()

    def _do(self, action: Action) -> None:
        """Carry a wish out here, hand a command to the engine."""
        match action:
            case FocusSymbol(symbol, pane):
                self.focus_symbol(symbol)
                self.go_to(pane or self.pane_in_use)
            case GoToPane(pane):
                self.go_to(pane)
            case SwitchTheme(name):
                self._switch_theme(name)
            case ShowHelp(topic):
                self.app.push_screen(HelpScreen(self.keymap, topic))
            case Quit():
                self.action_leave()
            case _:
                self.bridge.send(action)

    def _switch_theme(self, name: str | None) -> None:
        try:
            chosen = self.desk_app.switch_theme(name)
        except ConfigError as error:
            self.line.say(str(error))
            return
        self.take_ink(self.desk_app.ink(self.desk_app.desk_theme))
        self.line.say(f"theme {chosen}", "muted")

    def type_line(self, text: str) -> None:
        """Put a text on the order line, as if typed."""
        self.line.open(text)

    # what is said on the line

    def told(self, frame: Frame) -> None:
        """Say the newest thing a person should hear: a denial, a fill, an alert."""
        for order in frame.orders:
            self._tell_of(order)
        for alert in frame.alerts:
            self.line.say(f"{alert.source}: {alert.text}", _ROLES[alert.severity])
            if alert.severity is Severity.CRITICAL:
                self.app.bell()

    def _tell_of(self, order: OrderView) -> None:
        name = f"#{order.number} {'BUY' if order.side is Side.BUY else 'SELL'} {order.symbol}"
        figure = figures(self.desk.instruments[order.symbol])
        if order.status in {OrderStatus.DENIED, OrderStatus.REJECTED}:
            self.line.say(f"{name} {order.status.value}: {order.reason}", "breach+b")
        elif order.status is OrderStatus.FILLED:
            filled = f"{figure.size(order.filled)} filled at {figure.price(order.average_price)}"
            self.line.say(f"✓ {name} {filled}", "up")
        elif order.status is OrderStatus.UNKNOWN:
            self.line.say(f"{name} is unknown: {order.reason}", "warn+b")

    # panes

    @on(PanePicked)
    def _pick_pane(self, message: PanePicked) -> None:
        self.go_to(message.pane)

    @on(SymbolPicked)
    def _pick_symbol(self, message: SymbolPicked) -> None:
        self.focus_symbol(message.symbol)

    @on(SymbolOpened)
    def _open_symbol(self, message: SymbolOpened) -> None:
        self.focus_symbol(message.symbol)
        self.go_to("chart")

    @on(TimeframeChanged)
    def _change_timeframe(self, message: TimeframeChanged) -> None:
        self.show_interval(message.interval_ns)

    @on(PricePicked)
    def _order_at(self, message: PricePicked) -> None:
        figure = figures(self.desk.instruments[message.symbol])
        side = "b" if message.side is Side.BUY else "s"
        self.line.begin(side, f"@{figure.price(message.price)}")

    @on(TicketPane.Nudged)
    def _change_draft(self, message: TicketPane.Nudged) -> None:
        request = self.line.composer.request
        if request is not None:
            instrument = self.desk.instruments[request.symbol]
            self.line.write(changed_line(request, instrument, message.ticks, message.factor))

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

    def action_go_to(self, pane: str) -> None:
        """Go to a pane."""
        self.go_to(pane)

    def action_next_pane(self) -> None:
        """Go to the next pane that is not hidden, in the order of their numbers."""
        self._cycle(1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self._cycle(-1)

    def action_zoom_pane(self) -> None:
        """Give the screen to the pane in use, or back."""
        self.zoom()

    def _cycle(self, step: int) -> None:
        self.go_to(PANES[(PANES.index(self.pane_in_use) + step) % len(PANES)])

    # trading keys

    def action_find(self) -> None:
        """Begin to type a symbol."""
        self.line.open("")

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
        """Begin to close the position in focus, or half of it, at the market."""
        symbol = self.desk.focus
        position = self.desk.positions.get(symbol) if symbol else None
        if symbol is None or position is None or not position.quantity:
            self.line.say(f"no position in {symbol or 'anything'} to close", "muted")
            return
        self.line.open(f"{'s' if position.quantity > 0 else 'b'} {share} {symbol} mkt ro")

    def action_cancel(self) -> None:
        """Cancel the order under the cursor in the blotter, else the orders of the symbol in focus."""
        order = self._order_under_cursor()
        if order is not None:
            self.bridge.send(CancelOrder(order.client_id, origin="key"))
        elif self.desk.focus and any(order.symbol == self.desk.focus for order in self.desk.working):
            self.bridge.send(CancelAll(self.desk.focus, origin="key"))
        else:
            self.line.say(f"no working order in {self.desk.focus or 'sight'}", "muted")

    def action_cancel_all(self) -> None:
        """Cancel everything now."""
        self.bridge.send(CancelAll(origin="key"))
        self.line.say(f"cancelling {len(self.desk.working)} working orders", "own")

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
        """Let the line send, or forbid it."""
        self.status.armed = not self.status.armed
        self.line.unstage()
        self.status.redraw()
        self.line.say("armed" if self.status.armed else "disarmed: exits and cancels still work", "muted")

    def action_flatten(self) -> None:
        """Cancel and close the symbol in focus, on the second press."""
        symbol = self.desk.focus
        if symbol is None:
            return
        if self._flatten_twice.press(self._clock.monotonic_ns()):
            self.bridge.send(Flatten(symbol, origin="key"))
            self.line.say(f"flattening {symbol}", "own")
        else:
            self.line.say(f"F6 again: cancel and close {symbol} at the market", "warn+b")

    def action_halt(self) -> None:
        """Halt everything, or resume."""
        halted = self.desk.risk is not None and self.desk.risk.state is TradingState.HALTED
        state = TradingState.ACTIVE if halted else TradingState.HALTED
        self.bridge.send(SetTradingState(state, "F8 on the desk"))

    def action_kill(self) -> None:
        """Halt everything and cancel every order, on the second press."""
        if self._kill_twice.press(self._clock.monotonic_ns()):
            self.bridge.send(SetTradingState(TradingState.HALTED, "killed on the desk"))
            self.bridge.send(CancelAll(origin="kill"))
        else:
            self.line.say("press again: halt all trading and cancel every order", "breach+b")

    def _order_under_cursor(self) -> OrderView | None:
        if self.pane_in_use != "orders" or self.blotter.cursor is None:
            return None
        order = self.desk.orders.get(self.blotter.cursor)
        return order if order is not None and order.status.is_open else None

    def _begin_change(self, order: OrderView) -> None:
        if not order.status.is_open:
            self.line.say(f"#{order.number} is {order.status.value}: there is nothing to change", "muted")
            return
        figure = figures(self.desk.instruments[order.symbol])
        price = f" p={figure.price(order.limit)}" if order.limit is not None else ""
        stop = f" stp={figure.price(order.stop)}" if order.stop is not None else ""
        self.line.open(f"m #{order.number}{price}{stop} q={figure.size(order.quantity).replace(',', '')}")

    # the market's clock

    def action_pause(self) -> None:
        """Hold the market, or let it go on."""
        paused = self.desk.playback is not None and self.desk.playback.paused
        self.bridge.send(Resume() if paused else Pause())

    def action_step(self) -> None:
        """Let one event through."""
        self.bridge.send(Step())

    def action_speed(self, factor: float) -> None:
        """Change the speed by a factor."""
        speed = self.desk.playback.speed if self.desk.playback else 1.0
        wanted = min(_SPEED_MAX, max(_SPEED_MIN, (speed or _SPEED_MAX) * factor))
        self.bridge.send(SetSpeed(wanted))
        self.line.say(f"speed {wanted:g}x", "muted")

    def action_skip(self, seconds: int) -> None:
        """Go on or back in a recording."""
        if self.desk.playback is None or not self.desk.playback.last_ns:
            self.line.say("only a recording can be moved", "muted")
            return
        self.bridge.send(Jump(self.desk.now_ns + seconds * 1_000_000_000))

    # reading

    def action_help(self) -> None:
        """Show the keys and the grammar."""
        self.app.push_screen(HelpScreen(self.keymap))

    def action_why(self) -> None:
        """Say where what is under the cursor comes from."""
        order = self.desk.orders.get(self.blotter.cursor or "") if self.pane_in_use == "orders" else None
        if order is not None:
            self.app.push_screen(ReadingScreen(f"Why · order #{order.number}", why_order(order, self.desk)))
        elif self.desk.focus is not None:
            self.app.push_screen(
                ReadingScreen(f"Why · {self.desk.focus}", why_symbol(Symbol(self.desk.focus), self.desk))
            )

    def action_messages(self) -> None:
        """Show what the desk said, newest first."""
        lines = [
            f"{alert.severity.value:9} {alert.source}: {alert.text}" for alert in reversed(self.desk.alerts)
        ]
        self.app.push_screen(ReadingScreen("Messages", lines or ["Nothing was said yet."]))

    def action_next_theme(self) -> None:
        """Change to the next theme."""
        self._switch_theme(None)

    def action_leave(self) -> None:
        """Leave; with working orders, on the second press."""
        working = len(self.desk.working)
        if not working or self._leave_twice.press(self._clock.monotonic_ns()):
            self.app.exit()
        else:
            self.line.say(
                f"{working} orders are working on this paper account; press again to leave", "warn+b"
            )
