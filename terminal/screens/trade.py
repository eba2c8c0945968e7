"""The trading screen: the desk with all its keys."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from engine.messages.commands import LockDesk, Pause, ReadListings, Resume, SetSpeed, Skip, Step, WatchSymbol
from engine.messages.views import Frame
from engine.model.instrument import Symbol
from engine.model.listing import Listing
from terminal.actions.action import GLOBAL
from terminal.actions.table import bindings_of
from terminal.format import date_of, time_of_day
from terminal.layouts import offered
from terminal.screens.breaks import BreakBoard
from terminal.screens.dealing import DealingScreen
from terminal.screens.jump import JumpScreen
from terminal.screens.leaving import LeavingScreen
from terminal.screens.line_screen import sentence_of
from terminal.screens.lock import LockScreen
from terminal.screens.proof import ProofScreen
from terminal.screens.reading import ReadingScreen
from terminal.screens.since import is_settled, is_worth_telling, story
from terminal.screens.symbols import SymbolScreen
from terminal.screens.whose_risk import whose_risk
from terminal.screens.why import why_order, why_symbol
from terminal.screens.why_account import why_account
from terminal.screens.why_health import why_health
from terminal.screens.why_risk import why_risk
from terminal.screens.why_signal import why_signal
from terminal.search.shelf import Shelf
from terminal.widgets.messages import PanePicked, SignalPicked, SymbolOpened, SymbolPicked, TimeframeChanged
from terminal.widgets.signal_words import title_of
from terminal.widgets.status import StatusLine

_SPEED_MIN, _SPEED_MAX = 0.125, 1024.0
_NS_PER_S = 1_000_000_000


class TradeScreen(DealingScreen):
    """Goes where keys and clicks say; holds and moves the market's clock; shows what there is to read."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(GLOBAL)
    _story_told = False
    _asked = 0
    """How often the engine has asked for a proof."""

    # panes

    @on(PanePicked)
    def _pick_pane(self, message: PanePicked) -> None:
        self.go_to(message.pane)

    @on(SymbolPicked)
    def _pick_symbol(self, message: SymbolPicked) -> None:
        self.focus_symbol(message.symbol)

    @on(SignalPicked)
    def _pick_signal(self) -> None:
        key = self.signals.cursor
        if key is not None and key[2]:
            self.focus_symbol(Symbol(key[2]))

    @on(SymbolOpened)
    def _open_symbol(self, message: SymbolOpened) -> None:
        self.focus_symbol(message.symbol)
        self.go_to("chart")

    @on(TimeframeChanged)
    def _change_timeframe(self, message: TimeframeChanged) -> None:
        self.show_interval(message.interval_ns)

    def action_go_to(self, pane: str) -> None:
        """Go to a pane."""
        self.go_to(pane)

    def action_next_pane(self) -> None:
        """Go to the next pane, in the order of their numbers."""
        self._cycle(1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self._cycle(-1)

    def action_zoom_pane(self) -> None:
        """Give the screen to the pane in use, or back."""
        self.zoom()

    def _cycle(self, step: int) -> None:
        panes = offered(self.pane_in_use, predicts=self.desk.predicts)
        self.go_to(panes[(panes.index(self.pane_in_use) + step) % len(panes)])

    def action_jump(self) -> None:
        """Show a letter on every pane in sight; the next key goes there."""
        self.app.push_screen(JumpScreen(self.places), self._jumped)

    def _jumped(self, pane: str | None) -> None:
        if pane is not None:
            self.go_to(pane)

    def action_find(self) -> None:
        """Search the instruments; what venues list is read where that is not known or too old."""
        if self.desk.catalogue is not None:
            self.bridge.send(ReadListings())
        self.app.push_screen(SymbolScreen(self.desk, self._shelf), self._chosen_symbol)

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.desk)

    def _chosen_symbol(self, listing: Listing | None) -> None:
        """Look at what is followed, follow what is not."""
        if listing is not None and self._shelf.follows(listing):
            self.focus_symbol(listing.symbol)
        elif listing is not None:
            self._do(WatchSymbol(listing.symbol))

    def action_density(self) -> None:
        """Show more in the same room, or less."""
        dense = not self.quotes.dense
        self.quotes.pack(dense=dense)
        self.chart.pack(dense=dense)
        self.line.say("dense" if dense else "normal density", "muted")

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
        playback = self.desk.playback
        speed = playback.speed if playback else 1.0
        wanted = min(_SPEED_MAX, max(_SPEED_MIN, (speed or _SPEED_MAX) * factor))
        self.bridge.send(SetSpeed(wanted))
        if playback is not None:
            self.line.say(f"speed {wanted:g}x", "muted")

    def action_skip(self, seconds: int) -> None:
        """Go on or back in a recording."""
        if self.desk.playback is None or not self.desk.playback.last_ns:
            self.line.say("only a recording can be moved", "muted")
            return
        self.bridge.send(Skip(seconds * _NS_PER_S))

    # reading

    def action_help(self) -> None:
        """Show the keys and the grammar."""
        self.show_help()

    def action_why(self) -> None:
        """Say where what is under the cursor comes from."""
        self._read(self._explained())

    def _read(self, page: tuple[str, list[str]] | None) -> None:
        if page is not None:
            title, lines = page
            self.app.push_screen(ReadingScreen(f"Why · {title}", lines))

    def action_why_component(self, name: str) -> None:
        """Say how a component is, by its name."""
        self._read(why_health(name, self.desk))

    def action_why_symbol(self) -> None:
        """Say where the price of the symbol in focus comes from, and when it trades."""
        symbol = self.desk.focus
        self._read((symbol, why_symbol(symbol, self.desk)) if symbol is not None else None)

    @on(StatusLine.Picked)
    async def _open_part(self, message: StatusLine.Picked) -> None:
        await self.run_action(message.action)

    def action_why_account(self) -> None:
        """Say where equity, the day's profit and buying power come from."""
        account = self.desk.account
        self._read((f"account {account.name}", why_account(account, self.desk)) if account else None)

    def action_whose_risk(self) -> None:
        """Show the value at risk by position."""
        self.app.push_screen(ReadingScreen("Whose risk", whose_risk(self.desk)))

    def _explained(self) -> tuple[str, list[str]] | None:
        """Return the page about what is under the cursor of the pane in use, else about the symbol in focus."""
        pane, symbol = self.pane_in_use, self.desk.focus
        order = self._order_under_cursor()
        if order is not None:
            return f"order #{order.number}", why_order(order, self.desk)
        if pane == "risk" and self.risk.cursor is not None:
            return why_risk(self.risk.cursor, self.desk)
        if pane == "health" and self.health.cursor is not None:
            return why_health(self.health.cursor, self.desk)
        if pane == "signals" and self.signals.cursor is not None:
            return title_of(self.signals.cursor), why_signal(self.desk, self.signals.cursor)
        return (symbol, why_symbol(symbol, self.desk)) if symbol is not None else None

    def action_messages(self) -> None:
        """Show what the desk said, newest first."""
        self.app.push_screen(ReadingScreen("Messages", self.messages() or ["Nothing was said yet."]))

    def messages(self) -> list[str]:
        """Return what the desk said, newest first, each with its time, and with its date if that is another day."""
        desk = self.desk
        today = date_of(desk.now_ns, desk.zone)
        lines: list[str] = []
        for alert in reversed(desk.alerts):
            date = date_of(alert.event_ns, desk.zone)
            when = f"{'' if date == today else f'{date} '}{time_of_day(alert.event_ns, desk.zone)}"
            lines.append(f"{when}  {alert.severity.value:9} {sentence_of(alert)}")
        return lines

    def action_log(self) -> None:
        """Show the log, of the order under the cursor where there is one."""
        order = self._order_under_cursor()
        if order is None:
            self._show_log()
        else:
            self._show_log(order.correlation or order.client_id, f"order #{order.number} {order.symbol}")

    def action_next_theme(self) -> None:
        """Change to the next theme."""
        self._switch_theme(None)

    def action_breaks(self) -> None:
        """Show where our book and the broker's differ."""
        self.app.push_screen(BreakBoard(self.desk, self.bridge.send))

    def action_lock(self) -> None:
        """Lock the desk, if somebody signed in who can open it."""
        self.bridge.send(LockDesk())

    def told(self, frame: Frame) -> None:
        """Ask for the password where the engine does; after a crash, say what was found and happened, once that is known."""
        super().told(frame)
        self._ask_password()
        recovery, reconcile = self.desk.recovery, self.desk.reconcile
        if self._story_told or recovery is None or reconcile is None or not is_settled(reconcile):
            return
        self._story_told = True
        if is_worth_telling(recovery):
            title = "After the crash" if recovery.cut_short else "Since the last session"
            self.app.push_screen(ReadingScreen(title, story(recovery, reconcile, self.desk.orders.values())))

    def _ask_password(self) -> None:
        """Cover a desk that is locked; ask for a proof of what takes one."""
        lock = self.desk.lock
        if lock is None:
            return
        if lock.locked and not self.desk_app.is_locked:
            self.app.push_screen(LockScreen(self.desk, self._clock, self.bridge.send, self.keymap))
        elif lock.asked != self._asked and not lock.locked:
            self.app.push_screen(ProofScreen(self.desk, self._clock, self.bridge.send))
        self._asked = lock.asked

    def action_leave(self) -> None:
        """Leave; with working orders, after deciding what becomes of them, and at once if asked again then."""
        if isinstance(self.app.screen, LeavingScreen):
            self.app.screen.force()
        elif self.desk.working:
            self.app.push_screen(LeavingScreen(self.desk, self.bridge.send), self._left)
        else:
            self.app.exit()

    def _left(self, closes: bool | None) -> None:
        if closes:
            self.app.exit()
