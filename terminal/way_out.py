"""The keys that get out act on the thread that reads them: no paint, no queue and no frozen screen is before them.

Textual reads the terminal on a thread of its own and hands each key to its loop, where it waits for whatever is
being drawn, and then for the screen on top. Getting out must not wait for either, so what these keys mean goes to
the engine first, and the screen hears what was done instead of the key.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.driver import Driver
from textual.events import Event, Key
from textual.message import Message

from engine.clock import NS_PER_S
from engine.config import DeskSettings
from engine.messages.commands import CancelAll, Command, Flatten, SetTradingState, TradingState
from engine.model.instrument import Symbol
from terminal.actions.table import ACTIONS
from terminal.format import counted
from terminal.orderline.staging import Twice

if TYPE_CHECKING:
    from engine.face import EngineFace

_ORIGIN = "key"


def _flatten_one(symbol: Symbol | None) -> tuple[Command, ...]:
    return () if symbol is None else (Flatten(symbol, origin=_ORIGIN),)


def _tighten(state: TradingState, reason: str) -> SetTradingState:
    """Return what makes stricter, and never looser: a key is pressed in a hurry."""
    return SetTradingState(state, reason, tightens=True)


MEANS: Mapping[str, Callable[[Symbol | None], tuple[Command, ...]]] = {
    "trade.flatten": _flatten_one,
    "trade.cancel_now": lambda _: (CancelAll(origin=_ORIGIN),),
    "trade.halt": lambda _: (_tighten(TradingState.HALTED, "halted by key on the desk"),),
    "trade.reduce": lambda _: (_tighten(TradingState.REDUCING, "reduced by key on the desk"),),
    "trade.flatten_all": lambda _: (Flatten(origin=_ORIGIN),),
    "trade.kill": lambda _: (
        _tighten(TradingState.HALTED, "killed on the desk"),
        CancelAll(origin="kill"),
    ),
}
"""What each of these actions sends, given the symbol in focus."""
TWICE = frozenset({"trade.flatten", "trade.flatten_all", "trade.kill"})
"""Those that have to be pressed twice; the others do no harm a second time."""


class GotOut(Event):
    """A key that gets out was pressed, and what it means is on its way; handed to the screen in the key's place."""

    def __init__(self, name: str, symbol: Symbol | None, pressed_ns: int, *, sent: bool) -> None:
        super().__init__()
        self.name = name
        """The action."""
        self.symbol = symbol
        """What was in focus."""
        self.pressed_ns = pressed_ns
        self.sent = sent
        """Whether anything went out: not at the first press of what has to be pressed twice."""


class WayOut:
    """Knows which keys get out, with the user's own keys, and sends what they mean; callable from any thread."""

    def __init__(
        self, engine: EngineFace, keymap: Mapping[str, str], guard_ms: int = DeskSettings().send_guard_ms
    ) -> None:
        self._engine = engine
        self._guard_ms = guard_ms
        self._names = {
            key: action.id
            for action in ACTIONS
            if action.gets_out
            for key in keymap.get(action.id, action.keys).split(",")
        }
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[Symbol | None, Twice]] = {}
        """What each of the keys to be pressed twice was pressed for, and when."""
        self.focus: Symbol | None = None
        """The symbol that the desk looks at."""

    def hear(self, message: Message) -> Message:
        """Return what came of a key that gets out; any other message as it is."""
        name = self._names.get(message.key) if isinstance(message, Key) else None
        return message if name is None else self.press(name, int(message.time * NS_PER_S))

    def press(self, name: str, now_ns: int) -> GotOut:
        """Send what an action means, if it was pressed often enough."""
        with self._lock:
            symbol = self.focus
            ready = name not in TWICE or self._is_second(name, symbol, now_ns)
            commands = MEANS[name](symbol) if ready else ()
            for command in commands:
                self._engine.submit(command, now_ns)
        return GotOut(name, symbol, now_ns, sent=bool(commands))

    def _is_second(self, name: str, symbol: Symbol | None, now_ns: int) -> bool:
        """Tell whether this press confirms one before it; one for another symbol in focus does not."""
        before = self._asked.get(name)
        if before is None or (name == "trade.flatten" and before[0] != symbol):
            before = self._asked[name] = symbol, Twice(self._guard_ms)
        return before[1].press(now_ns)


_DONE: Mapping[str, str] = {
    "trade.flatten": "flattening {symbol}",
    "trade.cancel_now": "cancelling {working}",
    "trade.halt": "halting all trading; typing resume lifts it",
    "trade.reduce": "only orders that reduce from now on; typing resume lifts it",
    "trade.flatten_all": "flattening everything",
    "trade.kill": "halting all trading, cancelling {working}",
}
_AGAIN: Mapping[str, str] = {
    "trade.flatten": "{key} again: cancel and close {symbol} at the market",
    "trade.flatten_all": "{key} again: cancel and close all at the market",
    "trade.kill": "{key} again: halt all trading and cancel all",
}


def in_words(got_out: GotOut, key: str, working: int) -> tuple[str, str]:
    """Say what a key that gets out did, or what it does at the next press; return a sentence and its role."""
    if got_out.name == "trade.flatten" and got_out.symbol is None:
        return "no symbol is in focus to flatten", "muted"
    sentence = (_DONE if got_out.sent else _AGAIN)[got_out.name]
    role = "own" if got_out.sent else "breach+b" if got_out.name == "trade.kill" else "warn+b"
    orders = counted(working, "working order")
    return sentence.format(symbol=got_out.symbol, key=key, working=orders), role


def direct(driver: type[Driver], way_out: WayOut) -> type[Driver]:
    """Return a driver that lets the way out see every key as it is read."""

    class WayOutDriver(driver):  # type: ignore[misc, valid-type]
        """Reads the terminal as its base does."""

        def process_message(self, message: Message) -> None:
            """Let the way out act, then hand on what the screen is to tell of it."""
            super().process_message(way_out.hear(message))

    return WayOutDriver
