"""The order line's part of the screen: what it decides is carried out, what happened is said on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on

from engine.clock import SystemClock
from engine.config import DeskSettings
from engine.errors import ConfigError
from engine.face import EngineFace
from engine.messages.alarm_views import AlarmsView
from engine.messages.catalogue import WatchView
from engine.messages.commands import WatchSymbol
from engine.messages.events import Severity
from engine.messages.views import Alert, Frame, OrderView
from engine.model.order import OrderStatus
from engine.model.trade import Side
from terminal.format import figures
from terminal.orderline.intents import (
    Action,
    FocusSymbol,
    GoToPane,
    Pair,
    Quit,
    ShowAlerts,
    ShowDesks,
    ShowHelp,
    ShowLog,
    SwitchTheme,
)
from terminal.screens.desk_screen import DeskScreen
from terminal.strips import Ink
from terminal.widgets.blotter import status_word
from terminal.widgets.messages import ComponentOpened, SignalOpened
from terminal.widgets.order_line import OrderLine
from terminal.widgets.signal_words import RowKey
from terminal.widgets.ticket_view import Stage, Ticket

if TYPE_CHECKING:
    from terminal.app import DeskApp

_STANDS_STILL = (
    "the engine does not answer: what is shown is old; touchline halt from another shell holds at once"
)
_ROLES = {Severity.INFO: "muted", Severity.WARNING: "warn", Severity.CRITICAL: "breach+b"}


def sentence_of(alert: Alert) -> str:
    """Write what the desk says, with who says it; the notice of an alert has it in its first word."""
    return alert.text if alert.text.startswith("alert ") else f"{alert.source}: {alert.text}"


class LineScreen(DeskScreen):
    """Obeys the order line."""

    def __init__(self, engine: EngineFace, settings: DeskSettings, ink: Ink, keymap: dict[str, str]) -> None:
        super().__init__(engine, settings, ink, keymap)
        self.line.dispatch = self._carry_out
        self.bridge.on_silence = self._tell_of_silence
        self._caught_up = False
        """Whether the first frame came: what is in it happened before."""
        self._notices: int | None = None
        """How many notices of alerts there were; None before the first frame."""
        self._watched: WatchView | None = None
        self._awaited = ""
        """What was asked to be followed, and is looked at once it is there."""
        self._undo = ""
        """The line that takes back what was followed or dropped last."""

    @property
    def desk_app(self) -> DeskApp:
        """The app, which owns themes."""
        return cast("DeskApp", self.app)

    # the order line

    def _carry_out(self, action: Action) -> None:
        """Do what the line decided, at once: an order does not wait for the screen's messages."""
        self._do(action)
        if self.focused is self.line:
            self.set_focus(self.panes[self.pane_in_use])

    @on(OrderLine.PreviewWanted)
    def _ask_gate(self, message: OrderLine.PreviewWanted) -> None:
        self.bridge.preview(message.request, self.line.take_preview)

    @on(OrderLine.Changed)
    def _mirror(self) -> None:
        composer = self.line.composer
        stage = Stage.STAGED if composer.staged else Stage.TYPED if composer.action else Stage.EMPTY
        notice, role = composer.notice or ("", "warn")
        self.ticket.show(
            Ticket(
                stage,
                composer.requests,
                composer.preview,
                notice,
                role,
                is_news=composer.staged and not composer.is_about_review,
                pegged=composer.draft.pegged,
                amends=composer.amends,
                flips=composer.flips,
                denied=composer.denied,
            )
        )

    @on(OrderLine.Left)
    def _back_to_panes(self) -> None:
        self.set_focus(self.panes[self.pane_in_use])

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
                self.show_help(topic)
            case ShowDesks() | ShowAlerts() | ShowLog():
                self._show_page(action)
            case Quit():
                self.action_leave()
            case WatchSymbol(symbol):
                self._awaited = symbol
                self.bridge.send(action)
            case Pair(first, second):
                self.bridge.send(first)
                self.bridge.send(second)
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

    def show_help(self, topic: str | None = None) -> None:
        """Cover the desk with the keys and the grammar, searched for a topic."""
        from terminal.screens.help import HelpScreen  # noqa: PLC0415  # after the first paint

        self.app.push_screen(HelpScreen(self.keymap, topic))

    def _show_page(self, wish: ShowDesks | ShowAlerts | ShowLog) -> None:
        shown = {ShowDesks: self.action_desks, ShowAlerts: self.action_alerts, ShowLog: self.action_log}
        shown[type(wish)]()

    def action_desks(self) -> None:
        """Show the desks that share the Redis."""
        from terminal.screens.desks import DesksScreen  # noqa: PLC0415  # after the first paint

        self.app.push_screen(DesksScreen(self.desk))

    def action_alerts(self) -> None:
        """Show what is wrong by the alert rules, and who has it."""
        from terminal.screens.alerts import AlertsScreen  # noqa: PLC0415  # after the first paint

        self.app.push_screen(AlertsScreen(self.desk, self.bridge.send))

    def action_health(self) -> None:
        """Show every component, and what can be done about it."""
        from terminal.screens.health_page import HealthPage  # noqa: PLC0415  # after the first paint

        ink = self.desk_app.ink(self.desk_app.desk_theme)
        self.app.push_screen(HealthPage(self.desk, ink, SystemClock(), self.bridge.send))

    def action_signals(self) -> None:
        """Show what models predict, from where the pane of signals is."""
        self._open_signals(self.signals.cursor)

    @on(SignalOpened)
    def _open_signal(self, message: SignalOpened) -> None:
        self._open_signals(message.key)

    def _open_signals(self, row: RowKey | None) -> None:
        from terminal.screens.signals_page import SignalsPage  # noqa: PLC0415  # after the first paint

        ink = self.desk_app.ink(self.desk_app.desk_theme)
        self.app.push_screen(SignalsPage(self.desk, ink, self.bridge.send, row))

    @on(ComponentOpened)
    def _open_component(self, message: ComponentOpened) -> None:
        from terminal.screens.health_row import HealthRowScreen  # noqa: PLC0415  # after the first paint

        self.app.push_screen(HealthRowScreen(message.component, self.desk))

    def action_log(self) -> None:
        """Show the log."""
        self._show_log()

    def _show_log(self, name: str = "", about: str = "") -> None:
        """Show the log, or what belongs to the order or command of a name."""
        from terminal.screens.log import LogScreen  # noqa: PLC0415  # after the first paint

        self.app.push_screen(LogScreen(self.desk, self.desk_app.logs, name, about))

    def type_line(self, text: str) -> None:
        """Put a text on the order line, as if typed."""
        self.line.open(text)

    def action_leave(self) -> None:
        """Leave the desk; the trading screen asks first when orders are working."""
        self.app.exit()

    # what is followed

    def action_watch(self) -> None:
        """Begin to follow one more symbol."""
        self.line.open("watch ")

    def action_unwatch(self) -> None:
        """Begin to follow the symbol in focus no more."""
        self.line.open(f"unwatch {self.desk.focus or ''}")

    def action_take_back(self) -> None:
        """Begin the opposite of what was followed or dropped last."""
        if self._undo:
            self.line.open(self._undo)
        else:
            self.line.say("nothing was followed or dropped yet", "muted")

    def _follow(self, now: WatchView) -> None:
        """Hear what is followed now: remember how that is taken back."""
        before, self._watched = self._watched, now
        if before is not None:
            gone = [symbol for symbol in before.symbols if symbol not in now.symbols]
            come = [symbol for symbol in now.symbols if symbol not in before.symbols]
            self._undo = next((f"watch {each}" for each in gone), self._undo)
            self._undo = next((f"unwatch {each}" for each in come), self._undo)

    def _look_at_awaited(self) -> None:
        """Look at what was asked for, as soon as it is there."""
        watching = self.desk.watching
        followed = watching.symbols if watching is not None else ()
        for symbol in followed if self._awaited else ():
            if symbol.upper() == self._awaited.upper() and symbol in self.desk.instruments:
                self._awaited = ""
                self.focus_symbol(symbol)

    # what is said on the line

    def told(self, frame: Frame) -> None:
        """Say what a person should hear of what came together: what is critical last, before that what became of an order."""
        if frame.watching is not None:
            self._follow(frame.watching)
        self._look_at_awaited()
        for alert in frame.alerts:
            if alert.severity is not Severity.CRITICAL:
                self._say(alert)
        for order in frame.orders if self._caught_up else ():
            self._tell_of(order)
        self._caught_up = True
        if frame.arming is not None and not frame.arming.armed:
            self.line.unstage()
        self._notify(frame.alarms)
        for alert in frame.alerts:
            if alert.severity is Severity.CRITICAL:
                self._say(alert)
                self.app.bell()

    def _tell_of_silence(self, is_silent: bool) -> None:  # what the bridge calls
        """Say that the engine stands still: nothing of it could."""
        if is_silent:
            self.line.say(_STANDS_STILL, "breach+b")
            self.app.bell()
        else:
            self.line.say("the engine answers again", "muted")

    def _notify(self, alarms: AlarmsView | None) -> None:
        """Let the desktop know of the newest notice; what was told before this desk was there is no news."""
        if alarms is None:
            return
        before, self._notices = self._notices, alarms.told
        if before is not None and alarms.told > before and alarms.latest is not None:
            self.desk_app.notify_desktop(alarms.latest.sentence)

    def _say(self, alert: Alert) -> None:
        self.line.say(sentence_of(alert), _ROLES[alert.severity])

    def _tell_of(self, order: OrderView) -> None:
        name = f"#{order.number} {'BUY' if order.side is Side.BUY else 'SELL'} {order.symbol}"
        figure = figures(self.desk.instruments[order.symbol])
        if order.status in {OrderStatus.DENIED, OrderStatus.REJECTED}:
            self.line.say(f"{name} {status_word(order)}: {order.reason}", "breach+b")
        elif order.status is OrderStatus.FILLED:
            filled = f"{figure.size(order.filled)} filled at {figure.price(order.average_price)}"
            self.line.say(f"✓ {name} {filled}", "up")
        elif order.status is OrderStatus.UNKNOWN:
            self.line.say(f"{name} is unknown: {order.reason}", "warn+b")
