"""Leaving: what still works is listed, and kept, cancelled or flattened; the desk closes when that is proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.messages.commands import Command, Leave, LeaveChoice, Stay
from engine.messages.exit_views import GivenUpView
from engine.messages.views import OrderView
from engine.model.order import Leg
from terminal.desk import Desk
from terminal.format import counted, figures
from terminal.screens.once import LeftOnce
from terminal.widgets.blotter import named, price_of, status_word

LOOK_S = 0.1
ROWS_MAX = 12
_ASKED = {
    LeaveChoice.CANCEL: "Cancelling; the desk closes when every order is proven gone.",
    LeaveChoice.FLATTEN: "Cancelling and closing; the desk closes when nothing works and nothing is held.",
}


class LeavingScreen(LeftOnce[bool], ModalScreen[bool]):
    """Answers with whether the desk is to close; it follows the orders while it is asked."""

    asks: ClassVar[bool] = True

    DEFAULT_CSS: ClassVar[str] = """
    LeavingScreen { align: center middle; background: transparent; }
    LeavingScreen > Vertical {
        width: 90%; max-width: 84; height: auto; max-height: 90%;
        border: round $desk-warn; border-title-color: $desk-warn; border-title-style: bold;
        border-subtitle-color: $desk-faint; background: $desk-panel; padding: 1 2;
    }
    LeavingScreen Static { color: $desk-text; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k,enter", "keep", "Keep", show=False),
        Binding("c", "choose('cancel')", "Cancel", show=False),
        Binding("f", "flatten", "Flatten", show=False),
        Binding("escape", "stay", "Stay", show=False),
    ]

    def __init__(self, desk: Desk, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._desk = desk
        self._send = send
        self._choice: LeaveChoice | None = None
        self._sent = False
        """Whether anything was asked of the engine, which takes no orders since."""
        self._flatten_asked = False
        self._before: Sequence[GivenUpView] = ()
        """The flattens that had been given up before this one was asked for."""
        self._given_up: Sequence[GivenUpView] = ()
        """What was given up of the one that was asked for last."""
        self._shown = Content()

    def compose(self) -> ComposeResult:
        """One panel of text, made again as orders change."""
        with Vertical() as panel:
            panel.border_title = "Leaving"
            yield Static(id="leaving-text")

    def on_mount(self) -> None:
        """Follow the orders until the answer."""
        self._look()
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        self._notice_what_was_given_up()
        if self._choice is not None and self._is_proven(self._choice):
            self.dismiss(result=True)
            return
        content = self._content()
        if content != self._shown:
            self._shown = content
            self.query_one("#leaving-text", Static).update(content)
            self.query_one(Vertical).border_subtitle = self._keys()

    def _notice_what_was_given_up(self) -> None:
        """Ask anew what to do once a flatten is over and did not come about."""
        exits = self._desk.exits
        if self._choice is not LeaveChoice.FLATTEN or exits is None or exits.flattening:
            return
        self._given_up = [each for each in exits.given_up if each not in self._before]
        if self._given_up:
            self._choice, self._flatten_asked = None, False

    def _is_proven(self, choice: LeaveChoice) -> bool:
        """Return whether what was asked for has come about."""
        held = any(position.quantity for position in self._desk.positions.values())
        return not self._desk.working and not (choice is LeaveChoice.FLATTEN and held)

    def action_keep(self) -> None:
        """Leave the orders working at the broker."""
        if self._choice is None:
            self._send(Leave(LeaveChoice.KEEP))
            self.dismiss(result=True)

    def action_choose(self, choice: str) -> None:
        """Ask for it, and wait for its proof."""
        if self._choice is None:
            self._choice, self._sent = LeaveChoice(choice), True
            self._before = self._desk.exits.given_up if self._desk.exits is not None else ()
            self._given_up = ()
            self._send(Leave(self._choice))
            self._look()

    def action_flatten(self) -> None:
        """Cancel and close everything, on the second press: it trades."""
        if self._flatten_asked:
            self.action_choose(LeaveChoice.FLATTEN.value)
        self._flatten_asked = True
        self._look()

    def action_stay(self) -> None:
        """Go back to the desk; what was asked for is not taken back."""
        if self._sent:
            self._send(Stay())
        self.dismiss(result=False)

    def force(self) -> None:
        """Close although something is not proven: it is written down, and compared at the next start."""
        if self._sent or self._is_idle():
            self.dismiss(result=True)

    def _is_idle(self) -> bool:
        """Return whether nothing was asked for and the last order has ended by itself meanwhile."""
        return self._choice is None and not self._desk.working

    def _keys(self) -> str:
        if self._choice is not None:
            return "^Q leaves at once · esc back to the desk"
        if self._is_idle() and not self._given_up:
            return "enter leave · f f flatten · esc stay"
        if self._given_up:
            return "k keep · c cancel all · f f flatten again · esc back"
        return "k keep · c cancel all · f f flatten · esc stay"

    def _content(self) -> Content:
        working = self._desk.working
        parts: list[tuple[str, str] | str] = [(f"{self._headline(len(working))}\n\n", "bold $desk-text")]
        parts += [(f"{self._row(order)}\n", "$desk-text") for order in working[:ROWS_MAX]]
        if len(working) > ROWS_MAX:
            parts.append((f"and {len(working) - ROWS_MAX} more\n", "$desk-muted"))
        loud = self._flatten_asked or bool(self._given_up)
        parts.append(("\n" + self._question(), "$desk-warn" if loud else "$desk-muted"))
        return Content.assemble(*parts)

    def _headline(self, working: int) -> str:
        held = sum(bool(position.quantity) for position in self._desk.positions.values())
        return f"{counted(working, 'working order')}, {counted(held, 'open position')}"

    def _row(self, order: OrderView) -> str:
        figure = figures(self._desk.instruments[order.symbol])
        side = "buy" if order.side > 0 else "sell"
        return (
            f"#{named(order):<6} {order.symbol:<9} {side:<5}{figure.size(order.leaves):>10} "
            f"{self._kind(order):<10}{price_of(order, figure):>10}  {status_word(order)}"
        )

    def _kind(self, order: OrderView) -> str:
        """Return what an order is here: the leg of an entry, one of a pair, else its type."""
        if order.leg is not Leg.NONE:
            return order.leg.value
        return "oco" if order.group else order.type.value.replace("_", "-")

    def _question(self) -> str:
        if self._choice is not None:
            return _ASKED[self._choice]
        if self._flatten_asked:
            return "f again: cancel every order and close every position at the market."
        if self._given_up:
            reasons = "".join(f"{each.symbol}: {each.reason}.\n" for each in self._given_up[:ROWS_MAX])
            return (
                f"{reasons}The flatten was given up and is not gone on with. No new order is taken meanwhile."
            )
        if self._is_idle():
            return "No order works any more. Enter or ^Q leaves; positions stay as they are."
        return "Kept orders go on working at the broker and are compared at the next start."
