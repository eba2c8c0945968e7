"""One line from the first character to the send: text, meaning, staging, notice. Pure; the widget shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo

from engine.config import DeskSettings
from engine.messages.commands import AmendOrder, BookDividend, BookSplit
from engine.messages.views import OrderPreview, OrderView
from engine.model.order import OrderRequest
from terminal.broker_words import broker_is_down, broker_trouble
from terminal.desk import Desk
from terminal.orderline.amending import judged
from terminal.orderline.completion import complete
from terminal.orderline.drafting import Draft, Drafter
from terminal.orderline.editor import LineEditor
from terminal.orderline.headline import flip_runs, flips, headline, symbol_of
from terminal.orderline.intents import Action
from terminal.orderline.outcomes import exit_runs
from terminal.orderline.preview import enter_run, is_about, preview_runs
from terminal.orderline.pricing import mid
from terminal.orderline.requests import Numbering
from terminal.orderline.resolve import stamp
from terminal.orderline.staging import Outcome, Staging
from terminal.strips import Run

_GOOD_NEWS = frozenset({"up", "ok", "muted", "text", "faint"})
"""Roles of notices that need no exclamation mark."""
TOO_FAST = "came as fast as a paste: ⏎ again to review"
"""What is said of an Enter that no hand pressed."""


class Composer:
    """Holds the line that is being typed; all times are the machine's steady time in ns."""

    def __init__(
        self, desk: Desk, ids: Numbering, account: str, settings: DeskSettings, zone: tzinfo = UTC
    ) -> None:
        self.desk = desk
        self.editor = LineEditor()
        self.drafter = Drafter(desk, account, zone)
        self.draft = Draft()
        self.notice: Run | None = None
        self._again: Run | None = None
        """Why the line was not obeyed, and in which colour."""
        self.wrong: tuple[int, int] | None = None
        """The part of the text that offends."""
        self.suggestion = ""
        """What an Enter takes with it, as long as nothing else is typed."""
        self._staging = Staging(settings.send_guard_ms, settings.price_tolerance_bps)
        self._ids = ids
        self._answers: tuple[OrderPreview, ...] = ()
        """What the gate said last, of at most two orders."""

    @property
    def staged(self) -> bool:
        """Whether the next Enter sends."""
        return self._staging.staged is not None

    @property
    def action(self) -> Action | None:
        """What the line means: the staged action, else that of the text."""
        staged = self._staging.staged
        return staged.action if staged else self.draft.action

    @property
    def requests(self) -> tuple[OrderRequest, ...]:
        """The orders that the line would send: none, one, or two of which one cancels the other.

        A line that changes an order has that one, as it would be then.
        """
        action, order = self.action, self.amends
        if action is None and order is not None:
            action = AmendOrder(order.client_id)
        return judged(action, self.desk, self.drafter.account)

    @property
    def amends(self) -> OrderView | None:
        """The open order that the line changes."""
        return self.desk.orders.get(self.draft.amends)

    @property
    def request(self) -> OrderRequest | None:
        """The order that the line would send or change, the first of two; None if it is none."""
        return next(iter(self.requests), None)

    @property
    def flips(self) -> bool:
        """Whether the line would turn a position into its opposite."""
        return self.action is not None and any(flips(request, self.desk) for request in self.requests)

    @property
    def previews(self) -> tuple[OrderPreview, ...]:
        """What the gate says of the orders, as far as it answered about these."""
        found = (
            next((answer for answer in self._answers if is_about(answer, request)), None)
            for request in self.requests
        )
        return tuple(answer for answer in found if answer is not None)

    @property
    def preview(self) -> OrderPreview | None:
        """What the gate says of the order, of two the one it refuses; None until it answered about all."""
        previews = self.previews
        if not previews or len(previews) < len(self.requests):
            return None
        return next((preview for preview in previews if preview.denials), previews[0])

    @property
    def denied(self) -> bool:
        """Whether the gate would let nothing of it out as things are now; of a pair one may go."""
        previews = self.previews
        return bool(previews) and len(previews) == len(self.requests) and all(p.denials for p in previews)

    @property
    def at_end(self) -> bool:
        """Whether the cursor is behind the text."""
        return self.editor.cursor == len(self.editor.text)

    @property
    def ghost(self) -> str:
        """The faint text after the cursor: what Tab would add, or what is meant unsaid."""
        if self.staged or not self.at_end:
            return ""
        return self.suggestion or complete(self.editor.text, self.desk).ghost

    def put(self, text: str, suggestion: str = "") -> None:
        """Begin anew with a text; nothing is staged."""
        self.editor.clear()
        self.editor.set(text)
        self._staging.escaped()
        self._reread(suggestion)

    def edit(self, change: Callable[[LineEditor], object], now_ns: int) -> bool:
        """Edit the line; tell whether its text changed, which unstages it."""
        before = self.editor.text
        change(self.editor)
        if self.editor.text == before:
            return False
        self._staging.edited(now_ns)
        self._reread("")
        return True

    def accept(self, now_ns: int) -> bool:
        """Add what is suggested; tell whether there was something."""
        addition = self.suggestion or complete(self.editor.text, self.desk).insert
        return bool(addition) and self.edit(lambda editor: editor.insert(addition), now_ns)

    def refresh(self) -> None:
        """Read the line against the market of now; what is staged keeps all but its prices."""
        if self.editor.text:
            refused = self.notice is not None and self.notice[0] == self.draft.sentence
            self.draft = self.drafter.draft(self.editor.text + self.suggestion)
            if refused and self.draft.action is not None:
                self.notice = self.wrong = None
        if self.draft.action is not None:
            self._staging.follow(self.draft.action)

    def escape(self) -> bool:
        """Unstage, else empty the line; tell whether there was anything to take back."""
        if self.staged:
            self._staging.escaped()
            self.notice = None
            return True
        had_text = bool(self.editor.text)
        self.put("")
        return had_text

    def stage(self, text: str, now_ns: int) -> None:
        """Put a line and stage it, whatever it is; the next Enter sends it."""
        self.put(text)
        action = self.draft.action
        if action is None:
            self._refuse()
        else:
            self._staging.stage(action, now_ns, self._market(action), flips=self.flips)

    def unstage(self) -> None:
        """Take back what was staged, keep the text."""
        self._staging.escaped()

    def enter(self, now_ns: int) -> Action | None:
        """Take an Enter; return what goes out, if something does."""
        if self.suggestion:
            self.put(self.editor.text + self.suggestion)
        self.refresh()
        action = self.action if self.draft.action else None
        if action is None:
            self._staging.escaped()
            self._refuse()
            return None
        outcome = self._staging.enter(action, now_ns, self._market(action), flips=self.flips)
        if outcome is Outcome.SENT:
            return self._send(action)
        if outcome is Outcome.STAGED:
            self.notice = self.wrong = None
        if outcome is Outcome.IGNORED and not self.staged:
            self.notice = (TOO_FAST, "warn")
        if outcome is Outcome.RESTAGED:
            self.notice = self._again = (self._why_again(), "warn")
        return None

    def take_preview(self, preview: OrderPreview) -> bool:
        """Take the gate's answer; tell whether it is about the order on the line."""
        if not any(is_about(preview, request) for request in self.requests):
            return False
        others = [answer for answer in self._answers if not is_about(answer, preview.request)]
        self._answers = (*others[-1:], preview)
        return True

    def meaning(self) -> list[Run]:
        """Return what stands at the right: a notice, or what would be done and what the gate says of it.

        What the next Enter sends is never covered: there the notice comes behind it.
        """
        return [*self.what(), *self.outlook()]

    def what(self) -> list[Run]:
        """Return what the next Enter does, or why it does nothing."""
        if self.notice and not self.staged:
            return [self._news()]
        action = self.action
        if action is None:
            return [(f"{self.draft.sentence} ", "faint")] if self.draft.sentence else []
        runs = [self._chip(), (" ", "text")] if self.staged else []
        return [*runs, *headline(action, self.desk, self.draft.pegged)]

    def outlook(self) -> list[Run]:
        """Return what comes of it: a flip, news, the gate's verdict, and where the order is left.

        News may be about anything: what the gate says of an order comes before it, since a row may be cut.
        """
        if self.action is None or (self.notice and not self.staged):
            return []
        flipping = [
            run for request in self.requests[:1] if self.flips for run in flip_runs(request, self.desk)
        ]
        news: list[Run] = [("  ", "text"), self._news()] if self.notice else []
        first = bool(self.requests) and (self._is_refused or not self.is_about_review)
        told = [*self._verdict(), *news] if first else [*news, *self._verdict()]
        return [*flipping, *self._broker(), *told, (" ", "text")]

    @property
    def is_about_review(self) -> bool:
        """Whether the notice says why what was reviewed is to be reviewed again."""
        return self.notice is not None and self.notice == self._again

    @property
    def has_news(self) -> bool:
        """Whether all that is said is news, and none of it about the text."""
        return self.notice is not None and not self.staged and self.notice[0] != self.draft.sentence

    def _news(self) -> Run:
        text, role = self.notice or ("", "text")
        return (f"{'' if role in _GOOD_NEWS else '! '}{text} ", role)

    def _chip(self) -> Run:
        books = isinstance(self.action, BookSplit | BookDividend)
        return enter_run(flips=self.flips, denied=self.denied, books=books)

    def _broker(self) -> list[Run]:
        """Say of an order that the broker can't be reached: the gate judges it all the same."""
        compared = self.desk.reconcile
        trouble = broker_trouble(compared) if self.requests else ""
        return [(f"  ! {trouble}", "breach+b" if broker_is_down(compared) else "warn+b")] if trouble else []

    def _verdict(self) -> list[Run]:
        """Return where the order is left and what the gate says of it; a refusal first, since a row may be cut."""
        exits = exit_runs(self.request, self.desk) if self.request else []
        verdict = preview_runs(self.previews, self.desk)
        return [*verdict, *exits] if self._is_refused else [*exits, *verdict]

    @property
    def _is_refused(self) -> bool:
        return any(preview.denials for preview in self.previews)

    def _why_again(self) -> str:
        if self._staging.now_flips:
            return "the position changed: this flips it now, look again"
        return f"market moved {self._staging.moved_bps:+.0f} bp since: look again"

    def _reread(self, suggestion: str) -> None:
        """Read the new text; what was known of the one before is dropped."""
        self.suggestion = suggestion
        self.notice = self.wrong = None
        self._answers = ()
        self.draft = self.drafter.draft(self.editor.text + self.suggestion)

    def _send(self, action: Action) -> Action:
        self.editor.remember(self.editor.text)
        stamped = stamp(action, self._ids, self.desk.now_ns)
        self.put("")
        return stamped

    def _refuse(self) -> None:
        if self.editor.text.strip():
            self.wrong = self.draft.wrong
            self.notice = (self.draft.sentence, "down")

    def _market(self, action: Action) -> int | None:
        symbol = symbol_of(action, self.desk)
        return mid(self.desk.quotes.get(symbol)) if symbol else None
