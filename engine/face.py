"""What the terminal holds of an engine, however and whenever that engine came to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.errors import EngineError
from engine.ids import OrderIds
from engine.messages.commands import Command
from engine.messages.events import Severity
from engine.messages.market_questions import MarketAnswer, MarketQuestion
from engine.messages.rows import ReadMetrics, RowReading
from engine.messages.senders import CommandAnswer, Sender
from engine.messages.views import Frame, OrderPreview, ViewRequest
from engine.model.account import AccountMode
from engine.model.order import OrderRequest
from engine.ports.tracing import Tracer

OnFailure = Callable[[EngineError], None]


class Follower(Protocol):
    """One who follows an engine beside its screen; every method may be called from any thread."""

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the next frame of this follower and hand it to `deliver`, on the engine's thread.

        The first one asks for everything; each order that changes and each alert then comes in one of them.
        """

    def ask(
        self, questions: tuple[MarketQuestion, ...], deliver: Callable[[tuple[MarketAnswer, ...]], None]
    ) -> None:
        """Look at single markets and hand the answers to `deliver`, on the engine's thread."""

    def close(self) -> None:
        """Follow no more: nothing is kept for this follower, and nothing comes to it."""


class EngineFace(Protocol):
    """Every method may be called from any thread."""

    @property
    def ids(self) -> OrderIds:
        """Where client order ids come from."""

    @property
    def account_name(self) -> str:
        """The account that orders are for."""

    @property
    def mode(self) -> AccountMode:
        """What an order costs if it is wrong."""

    @property
    def tracer(self) -> Tracer:
        """What takes the spans of whatever runs beside."""

    def start(self, on_failure: OnFailure | None = None) -> None:
        """Begin to run; `on_failure` is called on another thread when it can't."""

    def end(self, reason: str) -> None:
        """End in order, since nobody is there any more: with a dead man, what it cancels is proven gone first."""

    def stop(self) -> int:
        """Stop every component and wait for the thread, and for an end that was asked for.

        Returns how much of what was to be done at the end is not proven.
        """

    def submit(self, command: Command, pressed_ns: int = 0) -> None:
        """Carry out a command soon; `pressed_ns` is the steady time of the key that asked for it."""

    def carry_out(self, command: Command, sender: Sender, tell: Callable[[CommandAnswer], None]) -> bool:
        """Carry out a command of an operator who is not at the desk, and tell what became of it.

        It is held against the role of its sender, whoever sits at the desk; `tell` is called on the engine's thread. Return
        whether it holds already: a stricter trading state does at once, and is recorded in its turn.
        """

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        """Make the screen's next frame and hand it to `deliver`, which is called on the engine's thread."""

    def follow(self) -> Follower:
        """Return what tells one more who follows; only the screen is somebody at the desk."""

    def preview(self, request: OrderRequest, deliver: Callable[[OrderPreview], None]) -> None:
        """Judge an order without sending it; `deliver` is called on the engine's thread."""

    def note_paint(self, key_to_paint_ns: int) -> None:
        """Count how long a key took until its effect was painted."""

    def note_shown(self, source_ns: int) -> None:
        """Count how long a quote took from its source, which had it at `source_ns`, to the screen."""

    def add_row(self, name: str, label: str, read: Callable[[], RowReading]) -> None:
        """Have a row on the health board for what runs beside; `read` is called on the engine's thread, and is quick."""

    def add_metrics(self, read: ReadMetrics) -> None:
        """Have the exporter serve metrics of what runs beside, by their names; each is read on the engine's thread, and is quick."""

    def alert(self, severity: Severity, source: str, text: str) -> None:
        """Let a person hear of something beside the engine."""
