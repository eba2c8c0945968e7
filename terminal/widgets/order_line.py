"""The order line: one row to type on, with what it would do at its right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from typing import ClassVar, Protocol

from textual.events import Blur, Click, Event, Focus, Key, Paste
from textual.message import Message

from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import DeskSettings
from engine.messages.views import OrderPreview
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.orderline.composer import Composer
from terminal.orderline.drawing import alone, room_for_typing, row, typed_runs
from terminal.orderline.editor import LineEditor
from terminal.orderline.intents import Action
from terminal.orderline.keys import EDITS
from terminal.orderline.requests import Numbering
from terminal.strips import Ink, Run
from terminal.widgets.pane import LivePane

_ASK_AGAIN_NS = 500 * NS_PER_MS


def arrival_ns(event: Event) -> int:
    """Return when an event came in, by the machine's steady clock: hands, not the screen's loop, are timed."""
    return int(event.time * NS_PER_S)


class Lender(Protocol):
    """A row that may be had for a while."""

    def lend(self, runs: list[Run]) -> None:
        """Show these runs instead of its own; none gives it back."""


class OrderLine(LivePane):
    """Feeds keys to a `Composer`, draws it, and posts what it sends."""

    DEFAULT_CSS: ClassVar[str] = "OrderLine { height: 1; width: 1fr; }"

    reads: ClassVar[frozenset[str]] = frozenset({"quotes", "positions", "orders", "instruments", "account"})

    class Changed(Message):
        """The text, what it means, or how far it has come is different now."""

    class Submitted(Message):
        """Do this: a command for the engine or a wish for the screen."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    class PreviewWanted(Message):
        """Ask the gate about this order and hand the answer to `take_preview`."""

        def __init__(self, request: OrderRequest) -> None:
            super().__init__()
            self.request = request

    class Left(Message):
        """Escape was pressed on an empty line: back to the panes."""

    def __init__(
        self,
        desk: Desk,
        ink: Ink,
        *,
        id: str,  # noqa: A002  # Textual's own name
        ids: Numbering,
        account: str,
        settings: DeskSettings,
        zone: tzinfo = UTC,
        arrived: Callable[[Event], int] = arrival_ns,
    ) -> None:
        super().__init__(desk, ink, id=id)
        self.composer = Composer(desk, ids, account, settings, zone)
        self._arrived = arrived
        self.dispatch: Callable[[Action], None] = self._post
        """Called at once with what was decided. By default it posts `Submitted`; a screen that must not wait for
        its turn among the messages puts its own here."""
        self.lender: Lender | None = None
        """What lends a row while there is something on the line; None where one row has room for all."""
        self._asked: tuple[OrderRequest, ...] = ()
        self._asked_ns = 0

    # what the screen calls

    def open(self, text: str = "", suggestion: str = "") -> None:
        """Begin a line and take the keys; an Enter before more is typed takes the suggestion with it."""
        self.composer.put(text, suggestion)
        self.screen.set_focus(self)
        self._changed()

    def write(self, text: str) -> None:
        """Replace the line and leave the keys where they are."""
        self.composer.put(text)
        self._changed()

    def press_enter(self, now_ns: int) -> None:
        """Take an Enter that was pressed elsewhere."""
        self._enter(now_ns)

    def press_escape(self) -> None:
        """Take an Escape that was pressed elsewhere."""
        self._escape()

    def begin(self, side: str, price: str) -> None:
        """Begin an order of the focused symbol: `b` or `s`, at `bid`, `ask`, ..., its usual size suggested."""
        self.open(side, self.composer.drafter.suggestion(price))

    def stage(self, text: str, now_ns: int) -> None:
        """Put a line and stage it, whatever it is; the next Enter sends it."""
        self.composer.stage(text, now_ns)
        self.screen.set_focus(self)
        self._changed()

    def repeat(self, now_ns: int) -> None:
        """Stage the last line again."""
        if self.composer.editor.last:
            self.stage(self.composer.editor.last, now_ns)

    def unstage(self) -> None:
        """Take back what was staged: the account changed, or the desk was disarmed."""
        self.composer.unstage()
        self._changed()

    def say(self, sentence: str, role: str = "warn") -> None:
        """Show a sentence until the line changes."""
        self.composer.notice = (sentence, role) if sentence else None
        self._changed()

    def take_preview(self, preview: OrderPreview) -> None:
        """Take the gate's answer; one about another order is too late and dropped."""
        if self.composer.take_preview(preview):
            self._changed()

    # drawing

    def redraw(self) -> None:
        """Read the line against the market of now, then draw it."""
        if self._read():
            self.post_message(self.Changed())
        super().redraw()

    def redraw_in_parts(self) -> Iterator[None]:
        """Do so at once: it is one row."""
        self.redraw()
        yield

    def draw(self) -> None:
        """Put the one row; on a narrow screen, what comes of it on the row that is lent."""
        composer, width = self.composer, self.size.width
        meaning = composer.meaning()
        if self.lender is not None:
            meaning, below = self._parted(meaning)
            self.lender.lend(alone(below, width) if below else [])
        room = room_for_typing(meaning, width, is_empty=not composer.editor.text)
        typed = typed_runs(
            composer.editor, composer.ghost, room, focused=self.has_focus, wrong=composer.wrong
        )
        self.put(0, *row(typed, meaning, width, room), paper="background")

    def _parted(self, meaning: list[Run]) -> tuple[list[Run], list[Run]]:
        """Return what stands beside what is typed, and what has a row of its own: a refusal of the text, or the outlook.

        News stays on the line, which no other screen covers.
        """
        composer = self.composer
        if not composer.editor.text or composer.has_news:
            return meaning, []
        outlook = composer.outlook()
        return (composer.what(), outlook) if outlook else ([], meaning)

    # keys

    def on_paste(self, event: Paste) -> None:
        """Take pasted text as typed: on one line, and never with its line ends as Enter."""
        event.stop()
        self._insert(event.text, self._arrived(event))

    def on_click(self, _event: Click) -> None:
        """Take the keys."""
        self.screen.set_focus(self)

    def on_focus(self, _event: Focus) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self, _event: Blur) -> None:
        """Hide the cursor; nothing stays staged out of sight."""
        self.unstage()

    def take_key(self, event: Key) -> bool:
        """Obey a key that edits the line; tell whether it was one."""
        now_ns, key = self._arrived(event), event.key
        if key == "enter":
            self._enter(now_ns)
        elif key == "escape":
            self._escape()
        elif key == "tab" or (key == "right" and self.composer.at_end):
            self.composer.accept(now_ns)
            self._changed()
        elif key in EDITS:
            self.composer.edit(EDITS[key], now_ns)
            self._changed()
        elif event.character in {":", "/"} and not self.composer.editor.text:
            return True  # the keys that lead here, pressed again
        elif event.character is not None and event.is_printable:
            self._insert(event.character, now_ns)
        else:
            return key == "ctrl+j"  # a line end in text that was pasted without brackets
        return True

    def _insert(self, text: str, now_ns: int) -> None:
        def insert(editor: LineEditor) -> None:
            editor.insert(text)

        self.composer.edit(insert, now_ns)
        self._changed()

    def _enter(self, now_ns: int) -> None:
        action = self.composer.enter(now_ns)
        if action is not None:
            self.dispatch(action)
        self._changed()

    def _post(self, action: Action) -> None:
        self.post_message(self.Submitted(action))

    def _escape(self) -> None:
        if self.composer.escape():
            self._changed()
        else:
            self.post_message(self.Left())

    def _read(self) -> bool:
        """Read the line against the market of now, ask the gate; tell whether its orders are others than before."""
        before = self._asked
        self.composer.refresh()
        self._ask()
        return self._asked != before

    def _ask(self) -> None:
        """Ask the gate about the orders on the line: when they change, and again now and then."""
        requests = self.composer.requests
        now_ns = self.desk.now_ns
        if requests and (requests != self._asked or abs(now_ns - self._asked_ns) > _ASK_AGAIN_NS):
            self._asked_ns = now_ns
            for request in requests:
                self.post_message(self.PreviewWanted(request))
        self._asked = requests

    def _changed(self) -> None:
        self._read()
        super().redraw()
        self.post_message(self.Changed())
