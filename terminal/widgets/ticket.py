"""The ticket: the order on the order line, drawn large, with what the gate thinks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.events import Click
from textual.message import Message

from terminal.actions.table import bindings_of, key_of
from terminal.desk import Desk
from terminal.orderline.steps import step_of
from terminal.strips import Ink, Run
from terminal.widgets.pane import LivePane
from terminal.widgets.ticket_page import TicketPage
from terminal.widgets.ticket_rows import Row, fitting
from terminal.widgets.ticket_view import Stage, Ticket

WIDTH_MAX: Final = 72
"""Over the whole screen a name and its number stay within one look."""


class TicketPane(LivePane):
    """Mirrors the order line; it holds no order of its own."""

    reads: ClassVar[frozenset[str]] = frozenset({"quotes", "positions", "instruments"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("ticket")

    class Nudged(Message):
        """The order on the line is to be so many ticks dearer, and of this size in size units."""

        def __init__(self, ticks: int, quantity: int) -> None:
            super().__init__()
            self.ticks = ticks
            self.quantity = quantity

    class Advanced(Message):
        """Enter: review, or send."""

    class Reset(Message):
        """The order is to begin anew."""

    class Dropped(Message):
        """Escape: drop the order."""

    def __init__(
        self,
        desk: Desk,
        ink: Ink,
        *,
        id: str,  # noqa: A002  # Textual's own name
        keymap: dict[str, str] | None = None,
    ) -> None:
        super().__init__(desk, ink, id=id)
        self.ticket = Ticket()
        self._reset_key = key_of("line.reset", keymap or {})
        self._shown: list[Row] = []
        self._buttons: dict[str, Callable[[], object]] = {
            "send": self.action_advance,
            "reset": self.action_reset_order,
            "drop": self.action_drop,
            "less": lambda: self.action_step(-1),
            "more": lambda: self.action_step(1),
            "quarter": lambda: self.action_share(4),
            "half": lambda: self.action_share(2),
            "max": lambda: self.action_share(1),
        }

    def show(self, ticket: Ticket) -> None:
        """Show the order line's latest."""
        self.ticket = ticket
        self.redraw()

    # keys and mouse

    def focus_on_click(self) -> bool:
        """Leave the keys with the order line while there is an order on it: a click is for a button."""
        return self.ticket.request is None

    def on_click(self, event: Click) -> None:
        """Press the button under the pointer."""
        row = self._shown[event.y] if event.y < len(self._shown) else None
        for button in row.buttons if row else ():
            if button.start <= event.x < button.end:
                self._buttons[button.name]()

    def action_nudge(self, ticks: int) -> None:
        """Move the order's price by ticks."""
        request = self.ticket.request
        if request is not None:
            self.post_message(self.Nudged(ticks, request.quantity))

    def action_resize(self, factor: float) -> None:
        """Change the order's size by a factor."""
        request = self.ticket.request
        if request is not None:
            self.post_message(self.Nudged(0, int(request.quantity * factor)))

    def action_step(self, steps: int) -> None:
        """Change the order's size by the step that the ticket shows; never to nothing."""
        request = self.ticket.request
        if request is None:
            return
        quantity = request.quantity + steps * step_of(self.desk.instruments[request.symbol], request.quantity)
        if quantity > 0:
            self.post_message(self.Nudged(0, quantity))

    def action_share(self, divisor: int) -> None:
        """Make the order as large as would pass, or a part of that."""
        preview = self.ticket.preview
        if preview is not None and preview.quantity_max:
            self.post_message(self.Nudged(0, preview.quantity_max // divisor))

    def action_advance(self) -> None:
        """Review the order, or send it."""
        self.post_message(self.Advanced())

    def action_reset_order(self) -> None:
        """Begin the order anew."""
        self.post_message(self.Reset())

    def action_drop(self) -> None:
        """Drop the order."""
        self.post_message(self.Dropped())

    # drawing

    def draw(self) -> None:
        """Put the order, its worth, the verdict and the buttons; or how to begin."""
        request = self.ticket.request
        waits = request is None and self.ticket.stage is Stage.STAGED
        denied = self.ticket.stage is Stage.STAGED and self.ticket.denied
        self.caption(_AGAIN if waits else _DENIED if denied else _CAPTIONS[self.ticket.stage])
        page = TicketPage(self.ticket, self.desk, min(self.size.width, WIDTH_MAX), self._reset_key)
        if request is None or request.symbol not in self.desk.instruments:
            self._put_rows(page.empty_rows(), ())
        else:
            self._put_rows(page.rows(request), page.foot_rows())

    def _put_rows(self, rows: list[Row], foot: tuple[Row, ...]) -> None:
        """Put what fits, the foot at the very bottom, where the hand finds it."""
        shown = fitting([*rows, *foot], self.size.height)
        feet = [row for row in shown if row in foot]
        gap = self.size.height - len(shown) if feet else 0
        body = [row for row in shown if row not in foot]
        self._shown = [*body, *(Row(0, _BLANK) for _ in range(gap)), *feet]
        for y, row in enumerate(self._shown):
            self.put(y, *row.runs)
        self.clear_from(len(self._shown))


_BLANK: list[Run] = [("", "text")]
_AGAIN = "⏎ again · esc"
"""What is said of what waits for its second Enter and is no order."""
_DENIED = "⏎ denied · esc"
_CAPTIONS = {Stage.EMPTY: "b buy · s sell", Stage.TYPED: "⏎ review · esc", Stage.STAGED: "⏎ SEND · esc"}
