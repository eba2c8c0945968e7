"""The desk as a Textual app: themes, keys and the one trading screen."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.color import ColorSystem
from rich.text import Text
from textual.app import App
from textual.events import Event, Key, Paste
from textual.filter import Monochrome, NoColor
from textual.reactive import Initialize, Reactive
from textual.screen import Screen

from engine.clock import NS_PER_S, SystemClock
from engine.config import DeskSettings
from engine.errors import ConfigError
from engine.folders import Folders
from terminal.arrivals import Arrivals, announced
from terminal.desktop_notice import notice
from terminal.harmless import Harmless
from terminal.keymap import load_keymap
from terminal.listening import patient
from terminal.output import Output, counted
from terminal.screens.opening import OpeningScreen
from terminal.strips import Ink
from terminal.theming import DeskTheme, load_themes
from terminal.way_out import GotOut, WayOut, direct
from terminal.widgets.pane import LivePane

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.theme import Theme

    from engine.face import EngineFace
    from terminal.screens.trade import TradeScreen

_SETTLED_AFTER_S = 1.0
"""How long after the panes are shown the start is over: the engine has begun, and all that is known is drawn."""

COLOUR_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.WINDOWS,
}


def _first_theme(app: DeskApp) -> str:
    return app.desk_theme.name


def _desk_commands() -> type[Provider]:
    from terminal.palette import DeskProvider  # noqa: PLC0415  # after the first paint

    return DeskProvider


class DeskApp(App[None]):
    """Shows one engine; closes it on the way out."""

    CSS_PATH = "screens/trade.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_desk_commands}

    theme: Reactive[str] = Reactive(Initialize(_first_theme))
    """As Textual's own, but ours from the first: a theme that is changed has every stylesheet read again."""

    def __init__(
        self, engine: EngineFace, settings: DeskSettings, folders: Folders, *, theme: str | None = None
    ) -> None:
        self.themes = load_themes(folders.themes)
        name = theme or settings.theme
        if name not in self.themes:
            raise ConfigError(f"there is no theme {name!r}; there are {', '.join(sorted(self.themes))}")
        self._desk_theme = self.themes[name]
        self._textual_themes = {each.name: each.textual() for each in self.themes.values()}
        self._keys = load_keymap(folders.keymap)
        super().__init__()
        self.way_out = WayOut(engine, self._keys, settings.send_guard_ms)
        self.output = Output(SystemClock())
        self.arrivals = Arrivals()
        hearing = announced(direct(patient(self.driver_class), self.way_out), self.arrivals)
        self.driver_class = counted(hearing, self.output)
        self._filters = [NoColor() if isinstance(each, Monochrome) else each for each in self._filters]
        self._filters.append(Harmless())
        self.logs = folders.logs
        """Where the log is."""
        self.title = "Touchline"
        self.engine = engine
        self.settings = settings
        self._trade: TradeScreen | None = None
        self._early: list[Event] | None = []
        """What was typed before the desk could take it."""

    async def on_event(self, event: Event) -> None:
        """Time every key, whoever takes it, until what it changed is painted."""
        heard = self.way_out.hear(event)  # what the driver has heard already is no key any more
        if self._early is not None and isinstance(heard, Key | Paste | GotOut):
            self._early.append(heard)
        elif self._trade is not None and (
            isinstance(heard, GotOut) or (isinstance(heard, Key) and self.screen is self._trade)
        ):
            await self._obey(self._trade, heard)
        else:
            await super().on_event(event)
        if isinstance(event, Key | GotOut):
            self.arrivals.taken()

    async def _obey(self, screen: TradeScreen, heard: Key | GotOut) -> None:
        """Let the desk take a key, or tell of one that got out, and note when that is painted."""
        handed = self.output.handed
        if isinstance(heard, GotOut):
            screen.bridge.key_pressed(heard.pressed_ns)
            screen.tell_way_out(heard)
        else:
            screen.bridge.key_pressed(int(heard.time * NS_PER_S))
            await self._take_key(heard, screen)
        if self.output.handed != handed:
            screen.bridge.painted()
        else:
            screen.call_after_refresh(screen.bridge.painted)

    async def _take_key(self, event: Key, screen: Screen[None]) -> None:
        """Carry a key out before the next one is looked at.

        Textual hands a key on from queue to queue, and a key typed meanwhile still goes where the focus was:
        what is typed quickly after `:` would be shortcuts.
        """
        self.app_focus = True
        if await self._check_bindings(event.key, priority=True):
            return
        pane = screen.focused
        if not (isinstance(pane, LivePane) and pane.take_key(event)):
            await self._check_bindings(event.key)

    def get_default_screen(self) -> Screen[None]:
        """Return what is painted first."""
        return OpeningScreen(self.ink(self._desk_theme), self.engine.mode)

    def on_mount(self) -> None:
        """Take the keys; the desk follows when its frame is painted.

        Nothing that is made until then is garbage: the collector rests.
        """
        self.set_keymap(self._keys)
        gc.disable()
        self.screen.call_after_refresh(self._open_desk)

    def _open_desk(self) -> None:
        """Load the panes and show them; what was typed meanwhile is obeyed then."""
        from terminal.screens.trade import TradeScreen  # noqa: PLC0415  # after the first paint

        trade = self._trade = TradeScreen(self.engine, self.settings, self.ink(self._desk_theme), self._keys)
        trade.bridge.pace_by(lambda: self.output.is_behind)
        trade.turns.give_way_to(self.arrivals.key_waits)
        self.push_screen(trade)
        trade.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        early, self._early = self._early or [], None
        for event in early:
            await self.on_event(event)
        self.set_timer(_SETTLED_AFTER_S, self._settle)

    @property
    def available_themes(self) -> dict[str, Theme]:
        """The desk's themes, by name; Textual's own know no roles."""
        return self._textual_themes

    def ink(self, theme: DeskTheme) -> Ink:
        """Return what bakes rows in a theme's colours on this terminal."""
        colours = None if self.no_color else COLOUR_SYSTEMS.get(self.console.color_system or "")
        return Ink(theme.roles, colours)

    def switch_theme(self, name: str | None) -> str:
        """Change to a theme, or to the next one; return its name.

        Raises:
            ConfigError: there is none of that name.
        """
        names = sorted(self.themes)
        chosen = names[(names.index(self._desk_theme.name) + 1) % len(names)] if name is None else name
        if chosen not in self.themes:
            raise ConfigError(f"there is no theme {chosen!r}; there are {', '.join(names)}")
        self._desk_theme = self.themes[chosen]
        self.theme = chosen
        return chosen

    def notify_desktop(self, text: str) -> None:
        """Have the terminal notify, where the settings say how; a desk that is locked tells nothing."""
        sequence = notice(self.settings.notify, text if not self.is_locked else "a new alert")
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    @property
    def is_locked(self) -> bool:
        """Whether the lock lies over the desk."""
        return any(screen.has_class("-lock") for screen in self.screen_stack)

    async def action_quit(self) -> None:
        """Leave as the trading screen's own key does: Textual's binding of Ctrl+Q comes before it."""
        if self._trade is not None and not self.is_locked:
            self._trade.action_leave()

    def action_command_palette(self) -> None:
        """Open the palette, but not over the lock, nor over a question: it tells of the desk, and acts on it."""
        if not (self.is_locked or getattr(self.screen, "asks", False)):
            super().action_command_palette()

    async def uncover(self) -> TradeScreen | None:
        """Leave every page that lies on the desk; return the desk."""
        while self._trade is not None and self.screen is not self._trade:
            await self.pop_screen()
        return self._trade

    def type_line(self, text: str) -> None:
        """Put a text on the order line, as if typed."""
        if self._trade is not None:
            self._trade.type_line(text)

    @property
    def desk_theme(self) -> DeskTheme:
        """The theme in use."""
        return self._desk_theme

    def _settle(self) -> None:
        """Keep the collector from walking what start-up made: its longest pause falls tenfold."""
        gc.enable()
        gc.collect()
        gc.freeze()

    def _fatal_error(self) -> None:
        """Say that a fault ended the desk; the base would print every local variable, a typed password too."""
        from terminal.fault import told  # noqa: PLC0415  # only where something is wrong

        if self._exception is not None and not self._exit_renderables:
            self._exit_renderables.append(Text(f"touchline: {told(self._exception, self.logs)}"))
        self._close_messages_no_wait()

    def on_unmount(self) -> None:
        """Leave the collector at work, however early the desk ended."""
        gc.enable()
