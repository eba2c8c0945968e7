"""Letting a model send orders: its name is typed here, and the engine says whether that was it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.content import Content

from engine.messages.commands import ArmSignals, Command
from engine.messages.signal_views import ModelView, SignalTrading
from engine.messages.views import Alert
from terminal.desk import Desk
from terminal.screens.name_asked import NameAsked
from terminal.widgets.signal_words import model_of


class SignalArmingScreen(NameAsked):
    """Asks for the model's name."""

    DEFAULT_CSS: ClassVar[str] = """
    SignalArmingScreen > Vertical { border: heavy $desk-warn; border-title-color: $desk-warn; }
    """

    def __init__(self, desk: Desk, model: ModelView, send: Callable[[Command], None]) -> None:
        super().__init__(f"Let {model.model} send orders", _meaning(model), "model")
        self._desk = desk
        self._model = model
        self._send = send
        self._before: Alert | None = None
        self._awaits = False

    def arm(self, name: str) -> None:
        """Ask the engine to arm the model."""
        self._before, self._awaits = self._newest(), True
        self._send(ArmSignals(self._model.model, name))

    def look(self) -> None:
        """Leave once it is armed; tell what the engine said to the name."""
        now = model_of(self._desk, (self._model.model, self._model.version, ""))
        if now is not None and now.trading is SignalTrading.ARMED:
            self.dismiss()
        elif self._awaits and (answer := self._newest()) is not None and answer is not self._before:
            self._awaits = False
            self.refuse(answer.text)

    def _newest(self) -> Alert | None:
        return self._desk.alerts[-1] if self._desk.alerts else None


def _meaning(model: ModelView) -> Content:
    where = "to the LIVE account: they cost real money" if model.trades_live else "on paper"
    return Content(
        f"Its champion {model.version} sends orders {where}, one a signal, through the same gate as "
        "yours and within its own limits in config.toml. It is off again after every start, and whenever the "
        "version changes, an alarm comes up, or trading is halted.\nType the model's name."
    )
