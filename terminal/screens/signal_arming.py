"""Letting a model send orders: its name is typed here, and the engine says whether that was it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from engine.messages.commands import ArmSignals, Command
from engine.messages.signal_views import ModelView, SignalTrading
from engine.messages.views import Alert
from terminal.desk import Desk
from terminal.screens.once import LeftOnce
from terminal.widgets.signal_words import model_of

LOOK_S = 0.1
NAME_MAX = 64


class SignalArmingScreen(LeftOnce[None], ModalScreen[None]):
    """Stays until the model is armed or the person leaves; a refusal is told and the name may be typed anew."""

    DEFAULT_CSS: ClassVar[str] = """
    SignalArmingScreen { align: center middle; background: transparent; }
    SignalArmingScreen > Vertical {
        width: 90%; max-width: 72; height: auto;
        border: heavy $desk-warn; border-title-color: $desk-warn; border-title-style: bold;
        border-subtitle-color: $desk-muted; background: $desk-panel; padding: 1 2;
    }
    SignalArmingScreen Static { color: $desk-text; }
    SignalArmingScreen Input, SignalArmingScreen Input:focus {
        border: none; height: 1; margin: 1 0; padding: 0 1; background: $desk-selected; color: $desk-text;
    }
    SignalArmingScreen #signal-arming-answer { color: $desk-warn; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave", show=False)]

    def __init__(self, desk: Desk, model: ModelView, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._model = model
        self._send = send
        self._before: Alert | None = None
        self._awaits = False

    def compose(self) -> ComposeResult:
        """What it means, the name, and what came of it."""
        with Vertical() as panel:
            panel.border_title = Content(f"Let {self._model.model} send orders")
            panel.border_subtitle = "⏎ arms · esc leaves"
            yield Static(self._meaning())
            yield Input(max_length=NAME_MAX, placeholder="the model's name", id="signal-arming-name")
            yield Static(id="signal-arming-answer")

    def on_mount(self) -> None:
        """Be ready to be typed into, and follow what the engine says."""
        self.query_one(Input).focus()
        self.set_interval(LOOK_S, self._look)

    @on(Input.Submitted)
    def _arm(self, message: Input.Submitted) -> None:
        message.stop()
        self._before, self._awaits = self._desk.alerts[-1] if self._desk.alerts else None, True
        self._send(ArmSignals(self._model.model, message.value))

    def _look(self) -> None:
        now = model_of(self._desk, (self._model.model, self._model.version, ""))
        if now is not None and now.trading is SignalTrading.ARMED:
            self.dismiss()
        elif self._awaits and (answer := self._answer()) is not None:
            self._awaits = False
            self.query_one(Input).value = ""
            self.query_one("#signal-arming-answer", Static).update(Content(answer.text))

    def _answer(self) -> Alert | None:
        """Return what the engine said to the name; None while it has said nothing."""
        newest = self._desk.alerts[-1] if self._desk.alerts else None
        return newest if newest is not self._before else None

    def _meaning(self) -> Content:
        where = "to the LIVE account: they cost real money" if self._model.trades_live else "on paper"
        return Content(
            f"Its champion {self._model.version} sends orders {where}, one a signal, through the same gate as "
            "yours and within its own limits in config.toml. It is off again after every start, and whenever the "
            "version changes, an alarm comes up, or trading is halted.\nType the model's name."
        )
