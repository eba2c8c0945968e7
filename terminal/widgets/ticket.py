"""The ticket: the order on the order line, drawn large, with what the gate thinks of it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct
from textual.binding import BindingType
from textual.message import Message

from engine.messages.views import OrderPreview, RuleView
from engine.model.instrument import MICROS, Instrument
from engine.model.order import OrderRequest
from engine.model.trade import Side
from terminal.actions import bindings_of
from terminal.desk import Desk
from terminal.format import NOTHING, Figures, age, compact, figures, money
from terminal.orderline.outcomes import Exits, exits_of
from terminal.strips import Ink, Run, fit
from terminal.widgets.blotter import TYPE_WORDS
from terminal.widgets.pane import LivePane

_LABEL = 8
_SHARES = 13
"""Cells of a limit's shares before and after."""


class Stage(StrEnum):
    """How far an order on the line has come."""

    EMPTY = "empty"
    TYPED = "typed"
    STAGED = "staged"
    SENT = "sent"


class Ticket(Struct, frozen=True):
    """What the ticket shows."""

    stage: Stage = Stage.EMPTY
    requests: tuple[OrderRequest, ...] = ()
    """The order; two of which one cancels the other."""
    preview: OrderPreview | None = None
    notice: str = ""
    notice_role: str = "warn"
    """Why the line is no order, or why it was not sent."""

    @property
    def request(self) -> OrderRequest | None:
        """The order, the first of two."""
        return self.requests[0] if self.requests else None


class TicketPane(LivePane):
    """Mirrors the order line; it holds no order of its own."""

    reads: ClassVar[frozenset[str]] = frozenset({"quotes", "positions", "instruments"})

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("ticket")

    class Nudged(Message):
        """The order on the line is to be so many ticks dearer, or so many times larger."""

        def __init__(self, ticks: int, factor: float) -> None:
            super().__init__()
            self.ticks = ticks
            self.factor = factor

    class Advanced(Message):
        """Enter: review, or send."""

    class Dropped(Message):
        """Escape: drop the order."""

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self.ticket = Ticket()

    def show(self, ticket: Ticket) -> None:
        """Show the order line's latest."""
        self.ticket = ticket
        self.redraw()

    def action_nudge(self, ticks: int) -> None:
        """Move the order's price by ticks."""
        self.post_message(self.Nudged(ticks, 1.0))

    def action_resize(self, factor: float) -> None:
        """Change the order's size by a factor."""
        self.post_message(self.Nudged(0, factor))

    def action_advance(self) -> None:
        """Review the order, or send it."""
        self.post_message(self.Advanced())

    def action_drop(self) -> None:
        """Drop the order."""
        self.post_message(self.Dropped())

    def draw(self) -> None:
        """Put the order, its worth, the verdict; or how to begin."""
        request = self.ticket.request
        instrument = self.desk.instruments.get(request.symbol) if request else None
        self.caption(_CAPTIONS[self.ticket.stage])
        if request is None or instrument is None:
            self._draw_empty()
            return
        exits = exits_of(request, self.desk)
        rows = self._order_rows(request, figures(instrument), exits)
        rows += [self._other_row(other, figures(instrument)) for other in self.ticket.requests[1:]]
        rows += self._exit_rows(exits)
        rows += self._verdict_rows(instrument, crowded=exits is not None)
        for y, row in enumerate(rows[: self.size.height]):
            self.put(y, *row)
        self.clear_from(len(rows))

    def _draw_empty(self) -> None:
        symbol = self.desk.focus
        rows: list[list[Run]] = [
            [(" ", "text"), (symbol or "No symbol", "text+b"), (f"  {self._holding()}", "muted")],
            [("", "text")],
            [
                (" b ", "accent+b"),
                ("buy   ", "muted"),
                ("s ", "accent+b"),
                ("sell   ", "muted"),
                (": ", "accent+b"),
                ("type an order", "muted"),
            ],
            [(" e ", "accent+b"), ("half out   ", "muted"), ("E ", "accent+b"), ("all out", "muted")],
        ]
        if self.ticket.notice:
            rows.append([("", "text")])
            rows += self._notice_rows()
        for y, row in enumerate(rows[: self.size.height]):
            self.put(y, *row)
        self.clear_from(len(rows))

    def _order_rows(self, request: OrderRequest, figure: Figures, exits: Exits | None) -> list[list[Run]]:
        buy = request.side is Side.BUY
        chips: list[Run] = [
            (" BUY ", "on_badge+b/bid" if buy else "faint/selected"),
            (" SELL ", "faint/selected" if buy else "on_badge+b/ask"),
        ]
        quantity = f"{figure.quantity(request.quantity)} "
        flags = " ".join(
            word for word, on in (("post", request.post_only), ("reduce", request.reduce_only)) if on
        )
        ratio = f"{flags and ' '}{exits.ratio:.1f}R" if exits and exits.ratio else ""
        return [
            [self._label("Side"), *chips, self._right(f"{request.symbol} {self._holding()}", 11)],
            [
                self._label("Qty"),
                (fit(quantity, 12, right=True), "text+b/selected"),
                (f"  {self._limit_size(figure)}", "muted"),
            ],
            [
                self._label("Price"),
                (fit(f"{self._price(request, figure)} ", 12, right=True), "text+b/selected"),
                (f"  {self._distance(request)}", "muted"),
            ],
            [
                self._label("Type"),
                (f"{TYPE_WORDS[request.type]}  ", "text"),
                ("TIF ", "muted"),
                (f"{request.tif.value.upper()}  ", "text"),
                (flags, "own"),
                (ratio, "text+b"),
            ],
        ]

    def _other_row(self, other: OrderRequest, figure: Figures) -> list[Run]:
        """Return the second of a pair."""
        price = f"{self._price(other, figure)} "
        return [
            self._label(f"or {TYPE_WORDS[other.type]}"),
            (fit(price, 12, right=True), "text+b/selected"),
            (f"  {self._distance(other)}", "muted"),
        ]

    def _exit_rows(self, exits: Exits | None) -> list[list[Run]]:
        """Return where the order is left, and what the whole of it would lose and gain there."""
        rows: list[list[Run]] = []
        if exits is not None and exits.stop is not None and exits.risk is not None:
            label = "Trail" if exits.is_trailing else "Stop"
            rows.append(self._exit_row(label, exits, exits.stop, (f"-{exits.money(exits.risk)}", "down")))
        if exits is not None and exits.target is not None and exits.gain is not None:
            rows.append(self._exit_row("Target", exits, exits.target, (f"+{exits.money(exits.gain)}", "up")))
        return rows

    def _exit_row(self, label: str, exits: Exits, price: int, worth: Run) -> list[Run]:
        return [
            self._label(label),
            (fit(f"{figures(exits.instrument).price(price)} ", 12, right=True), "text+b/selected"),
            (f"  {exits.share(price):+.2%} ", "muted"),
            worth,
        ]

    def _verdict_rows(self, instrument: Instrument, *, crowded: bool) -> list[list[Run]]:
        """Return the worth and what the gate says; a refusal goes first where there may not be room for both."""
        preview = self.ticket.preview
        if preview is None:
            return [[(" asking the gate …", "faint")]]
        worth, checks = self._worth_rows(preview, instrument), self._check_rows(preview)
        rows = [*checks, *worth] if crowded and preview.denials else [*worth, *checks]
        return rows + self._headroom_rows(preview)

    def _worth_rows(self, preview: OrderPreview, instrument: Instrument) -> list[list[Run]]:
        notional = NOTHING if preview.notional_micros is None else money(preview.notional_micros, 0)
        power = preview.buying_power_after_micros
        after = NOTHING if power is None else compact(power / MICROS)
        return [
            [
                self._label("Value"),
                (fit(notional, 12, right=True), "text"),
                ("  BP after ", "muted"),
                (after, "text" if power is None or power >= 0 else "breach+b"),
            ],
            [
                self._label("After"),
                (fit(figures(instrument).quantity(preview.position_after), 12, right=True), "text"),
                ("  quote ", "muted"),
                (f"{age(preview.quote_age_ns)} {preview.quote_source}", "muted"),
            ],
        ]

    def _check_rows(self, preview: OrderPreview) -> list[list[Run]]:
        rows: list[list[Run]] = [[self._label("Checks"), *self._checks(preview)]]
        for denial in preview.denials:
            rows += [[(f" {line}", "breach")] for line in _wrap(denial.text, self.size.width - 2)]
        return rows + (self._notice_rows() if self.ticket.notice else [])

    def _notice_rows(self) -> list[list[Run]]:
        ticket = self.ticket
        return [[(f" {line}", ticket.notice_role)] for line in _wrap(ticket.notice, self.size.width - 2)]

    def _headroom_rows(self, preview: OrderPreview) -> list[list[Run]]:
        """Return how much of each limit is used before and with the order, the fullest first."""
        ceilings = sorted((rule for rule in preview.rules if _is_ceiling(rule)), key=_used, reverse=True)
        room = max(0, self.size.width - _SHARES - 2)
        return [
            [
                (f" {fit(rule.label, room)} ", "muted" if rule.passed else "breach"),
                (f"{_share(rule.before, rule):>5} ▸", "faint"),
                (f"{_share(rule.after, rule):>5}", "text" if rule.passed else "breach+b"),
            ]
            for rule in ceilings
        ]

    def _checks(self, preview: OrderPreview) -> list[Run]:
        failed = [rule for rule in preview.rules if not rule.passed]
        if not preview.denials:
            return [(f"✓ all {len(preview.rules)} passed", "up")]
        return [(f"! {rule.label.lower()} ", "breach+b") for rule in failed[:3]] or [
            ("! refused", "breach+b")
        ]

    def _label(self, text: str) -> Run:
        return (f" {text:<{_LABEL - 1}}", "muted")

    def _right(self, text: str, used: int) -> Run:
        return (fit(text, max(0, self.size.width - _LABEL - used - 1), right=True), "text+b")

    def _holding(self) -> str:
        symbol = self.ticket.request.symbol if self.ticket.request else self.desk.focus
        position = self.desk.positions.get(symbol) if symbol else None
        if symbol is None or position is None or not position.quantity:
            return "flat"
        text = figures(self.desk.instruments[symbol]).quantity(position.quantity)
        return text if text.startswith("-") else f"+{text}"

    def _limit_size(self, figure: Figures) -> str:
        preview = self.ticket.preview
        return f"max {figure.quantity(preview.quantity_max)}" if preview else ""

    def _price(self, request: OrderRequest, figure: Figures) -> str:
        if request.limit is not None and request.stop is not None:
            return f"{figure.price(request.stop)}→{figure.price(request.limit)}"
        price = request.limit if request.limit is not None else request.stop
        if price is not None:
            return figure.price(price)
        return f"trail {figure.change(request.trail)}" if request.trail else "market"

    def _distance(self, request: OrderRequest) -> str:
        quote = self.desk.quotes.get(request.symbol)
        price = request.limit if request.limit is not None else request.stop
        if quote is None or price is None or not quote.last:
            return ""
        return f"{(price - quote.last) / quote.last * 100:+.2f}% vs last"


_CAPTIONS = {
    Stage.EMPTY: "b buy · s sell",
    Stage.TYPED: "⏎ review · esc",
    Stage.STAGED: "⏎ SEND · esc",
    Stage.SENT: "sent",
}


def _is_ceiling(rule: RuleView) -> bool:
    """Tell whether a rule is a limit from above: only those are used up."""
    return bool(rule.limit) and not rule.rule.endswith("_min")


def _share(value: float | None, rule: RuleView) -> str:
    return NOTHING if value is None or not rule.limit else f"{min(abs(value) / rule.limit, 9.99):.0%}"


def _used(rule: RuleView) -> float:
    return abs(rule.after or 0.0) / rule.limit if rule.limit else 0.0


def _wrap(text: str, width: int) -> list[str]:
    """Break a sentence at spaces."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
