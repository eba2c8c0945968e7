"""What stands on the ticket, row by row, and how much each row matters."""

from __future__ import annotations

from engine.messages.risk_views import RuleView
from engine.messages.views import OrderPreview
from engine.model.instrument import MICROS, Instrument
from engine.model.order import OrderRequest
from engine.model.trade import Side
from terminal.broker_words import broker_trouble
from terminal.desk import Desk
from terminal.format import NOTHING, Figures, age, compact, figures, money, percent
from terminal.orderline.headline import flip_runs
from terminal.orderline.offers import abilities_for, in_short
from terminal.orderline.outcomes import Exits, exits_of
from terminal.orderline.preview import enter_run
from terminal.orderline.steps import step_of
from terminal.strips import Run, fit
from terminal.widgets.blotter import TYPE_WORDS
from terminal.widgets.ticket_rows import LABEL, Row, beside, box, figure, label, with_buttons, wrapped
from terminal.widgets.ticket_view import Stage, Ticket

_CHIPS = 11
"""Cells of the two sides."""
_QTY_BOX = 9
_SHARES = 13
"""Cells of a limit's shares before and after."""
_DENIALS = 2
"""Reasons that are told in full; further ones have a row each, while there is one, and the buttons stay."""
_BUTTON = "text/selected"


class TicketPage:
    """One ticket on so many columns."""

    def __init__(self, ticket: Ticket, desk: Desk, width: int, reset_key: str = "^R") -> None:
        self._ticket = ticket
        self._desk = desk
        self._width = width
        self._reset_key = reset_key

    def empty_rows(self) -> list[Row]:
        """Return how to begin."""
        symbol = self._desk.focus
        keys: tuple[list[Run], ...] = (
            [(" b ", "accent+b"), ("buy   ", "muted"), ("s ", "accent+b"), ("sell   ", "muted"),
             (": ", "accent+b"), ("type an order", "muted")],
            [(" e ", "accent+b"), ("half out   ", "muted"), ("E ", "accent+b"), ("all out", "muted")],
        )  # fmt: skip
        rows = [
            Row(
                9, [(" ", "text"), (symbol or "No symbol", "text+b"), (f"  {self._holding(symbol)}", "muted")]
            ),
            Row(1, [("", "text")]),
            *(Row(5, runs) for runs in keys),
            *self._taken(),
        ]
        return [*rows, Row(1, [("", "text")]), *self._notice()] if self._ticket.notice else rows

    def _taken(self) -> list[Row]:
        """Say what the account's broker takes in the symbol in focus, where that is not everything."""
        said = wrapped(in_short(abilities_for((), self._desk)), self._width - 2)
        return [Row(1, [("", "text")]), *(Row(3, [(f" {line}", "muted")]) for line in said)] if said else []

    def rows(self, request: OrderRequest) -> list[Row]:
        """Return the order, what it is worth, what the gate says, how much of each limit it takes."""
        instrument = self._desk.instruments[request.symbol]
        write = figures(instrument)
        exits = exits_of(request, self._desk)
        rows = [
            self._side(request),
            *([Row(9, flip_runs(request, self._desk))] if self._ticket.flips else []),
            self._quantity(request, instrument, write),
            self._price_row("Price", request, write),
            self._type(request, exits),
        ]
        rows += [
            self._price_row(f"or {TYPE_WORDS[other.type]}", other, write)
            for other in self._ticket.requests[1:]
        ]
        return rows + self._exits(exits) + self._verdict(write)

    def foot_rows(self) -> tuple[Row, ...]:
        """Return the buttons."""
        ticket = self._ticket
        send = (" ⏎ Review ", _BUTTON)
        if ticket.stage is Stage.STAGED:
            send = enter_run(flips=ticket.flips, denied=ticket.denied)
        buttons = [
            ("send", *send),
            ("reset", f" {self._reset_key} Reset ", _BUTTON),
            ("drop", " esc ", _BUTTON),
        ]
        return (with_buttons(7, [], self._width, buttons, buttons[:1]),)

    # the order

    def _side(self, request: OrderRequest) -> Row:
        buy = request.side is Side.BUY
        holding = self._holding(request.symbol)
        room = self._width - LABEL - _CHIPS - len(holding) - 2
        order = self._ticket.amends
        name = f"#{order.number} {request.symbol}" if order else request.symbol
        runs: list[Run] = [
            label("Side"),
            (" BUY ", "on_badge+b/bid") if buy else (" buy ", "faint/selected"),
            (" sell ", "faint/selected") if buy else (" SELL ", "on_badge+b/ask"),
            (f"{fit(name, max(1, room), right=True)} ", "text+b"),
            (holding, "text+b"),
        ]
        return Row(9, runs)

    def _quantity(self, request: OrderRequest, instrument: Instrument, write: Figures) -> Row:
        order, preview = self._ticket.amends, self._ticket.preview
        runs: list[Run] = [label("Qty"), box(write.quantity(request.quantity), width=_QTY_BOX)]
        if order is not None and order.quantity != request.quantity:
            runs = beside(runs, self._width, [("was ", "muted"), (write.quantity(order.quantity), "own")])
        step = write.compact_size(step_of(instrument, request.quantity))
        most = "max" if preview is None else f"max {write.quantity(preview.quantity_max)}"
        steps = [("less", f"-{step}", "accent"), ("more", f"+{step}", "accent")]
        shares = [("half", "½", "accent"), ("quarter", "¼", "accent")]
        full, short = ("max", most, "accent"), ("max", "max", "accent")
        return with_buttons(
            9,
            runs,
            self._width,
            [*steps, *shares, full],
            [*steps, *shares, short],
            [*shares, full],
            [*shares, short],
            [full],
            [short],
        )

    def _price_row(self, name: str, request: OrderRequest, write: Figures) -> Row:
        runs: list[Run] = [label(name), box(_price(request, write))]
        order = self._ticket.amends
        before = "" if order is None else _price_before(request, order.limit, order.stop, write)
        if before:
            return Row(9, beside(runs, self._width, [("was ", "muted"), (before, "own")]))
        away = self._distance(request)
        pegged = self._ticket.pegged if name == "Price" else ""
        word: list[Run] = [(pegged, "own+b"), (" ", "text")] if pegged else []
        choices: list[list[Run]] = [
            [*word, (f"{away} vs last", "muted")],
            [*word, (f"{away} last", "muted")],
            [*word, (away, "muted")],
            word,
        ]
        return Row(9, beside(runs, self._width, *(choices if away else [word])))

    def _type(self, request: OrderRequest, exits: Exits | None) -> Row:
        flags = [word for word, on in (("post", request.post_only), ("reduce", request.reduce_only)) if on]
        flags += [f"{exits.ratio:.1f}R"] if exits and exits.ratio else []
        return Row(
            5,
            [
                label("Type"),
                (f"{TYPE_WORDS[request.type]}  ", "text"),
                ("TIF ", "muted"),
                (f"{request.tif.value.upper()}  ", "text"),
                (" ".join(flags), "own"),
            ],
        )

    def _exits(self, exits: Exits | None) -> list[Row]:
        """Return where the order is left, and what the whole of it would lose and gain there."""
        rows = []
        if exits is not None and exits.stop is not None and exits.risk is not None:
            name = "Trail" if exits.is_trailing else "Stop"
            rows.append(self._exit(name, exits, exits.stop, (f"-{exits.money(exits.risk)}", "down")))
        if exits is not None and exits.target is not None and exits.gain is not None:
            rows.append(self._exit("Target", exits, exits.target, (f"+{exits.money(exits.gain)}", "up")))
        return rows

    def _exit(self, name: str, exits: Exits, price: int, worth: Run) -> Row:
        runs = [label(name), box(figures(exits.instrument).price(price))]
        share: Run = (f"{exits.share(price):+.2%} ", "muted")
        return Row(6, beside(runs, self._width, [share, worth], [worth]))

    # the verdict

    def _verdict(self, write: Figures) -> list[Row]:
        preview = self._ticket.preview
        if preview is None:
            waits = not self._ticket.notice
            return [Row(8, [(" asking the gate …", "faint")])] if waits else self._notice()
        worth, checks = self._worth(preview, write), self._checks(preview, write)
        rows = [*checks, *worth] if preview.denials else [*worth, *checks]
        return rows + self._headroom(preview)

    def _worth(self, preview: OrderPreview, write: Figures) -> list[Row]:
        notional = NOTHING if preview.notional_micros is None else money(preview.notional_micros, 0)
        power = preview.buying_power_after_micros
        after = NOTHING if power is None else compact(power / MICROS)
        left: Run = (after, "text" if power is None or power >= 0 else "breach+b")
        old = age(preview.quote_age_ns)
        return [
            Row(
                4,
                beside(
                    [label("Value"), figure(notional)],
                    self._width,
                    [("BP after ", "muted"), left],
                    [("BP ", "muted"), left],
                ),
            ),
            Row(
                3,
                beside(
                    [label("After"), figure(write.quantity(preview.position_after))],
                    self._width,
                    [(f"quote {old} {preview.quote_source}", "muted")],
                    [(f"{old} {preview.quote_source}", "muted")],
                    [(f"quote {old}", "muted")],
                ),
            ),
        ]

    def _checks(self, preview: OrderPreview, write: Figures) -> list[Row]:
        if not preview.denials:
            passed: Run = (f"✓ all {len(preview.rules)} passed", "up")
            return [Row(8, [label("Checks"), passed]), *self._broker(), *self._notice()]
        names = [f"! {rule.label.lower()} " for rule in preview.rules if not rule.passed] or ["! refused "]
        most = f"max {write.quantity(preview.quantity_max)}" if preview.quantity_max else ""
        choices: list[list[Run]] = [
            [
                *((name, "breach+b") for name in names[:count]),
                *([(f"+{len(names) - count} ", "breach+b")] if count < len(names) else []),
                *([(most, "warn")] if most else []),
            ]
            for count in range(len(names), 0, -1)
        ]
        room = self._width - LABEL
        runs = next((c for c in choices if sum(len(text) for text, _ in c) <= room), choices[-1])
        rows = [Row(9, [label("Checks"), *runs])]
        for denial in preview.denials[:_DENIALS]:
            rows += [Row(8, [(f" {line}", "breach")]) for line in wrapped(denial.text, self._width - 2)]
        rows += [
            Row(2, [(f" {fit(denial.text, self._width - 2)}", "breach")])
            for denial in preview.denials[_DENIALS:]
        ]
        return rows + self._notice()

    def _broker(self) -> list[Row]:
        trouble = broker_trouble(self._desk.reconcile)
        return [Row(8, [(f" ! {trouble}", "breach+b")])] if trouble else []

    def _notice(self) -> list[Row]:
        ticket = self._ticket
        if ticket.is_news and ticket.notice:
            return [Row(2, [(f" {fit(ticket.notice, self._width - 2)}", ticket.notice_role)])]
        return [
            Row(8, [(f" {line}", ticket.notice_role)]) for line in wrapped(ticket.notice, self._width - 2)
        ]

    def _headroom(self, preview: OrderPreview) -> list[Row]:
        """Return how much of each limit is used before and with the order, the fullest first."""
        ceilings = sorted((rule for rule in preview.rules if _is_ceiling(rule)), key=_used, reverse=True)
        room = max(0, self._width - _SHARES - 2)
        return [
            Row(
                1,
                [
                    (f" {fit(rule.label, room)} ", "muted" if rule.passed else "breach"),
                    (f"{_share(rule.before, rule):>5} ▸", "faint"),
                    (f"{_share(rule.after, rule):>5}", "text" if rule.passed else "breach+b"),
                ],
            )
            for rule in ceilings
        ]

    def _holding(self, symbol: str | None) -> str:
        position = next((p for p in self._desk.positions.values() if p.symbol == symbol), None)
        if position is None or not position.quantity:
            return "flat"
        text = figures(self._desk.instruments[position.symbol]).quantity(position.quantity)
        return text if text.startswith("-") else f"+{text}"

    def _distance(self, request: OrderRequest) -> str:
        quote = self._desk.quotes.get(request.symbol)
        price = request.limit if request.limit is not None else request.stop
        if quote is None or price is None or not quote.last:
            return ""
        return f"{percent((price - quote.last) / quote.last)}%"


def _price(request: OrderRequest, write: Figures) -> str:
    if request.limit is not None and request.stop is not None:
        return f"{write.price(request.stop)}→{write.price(request.limit)}"
    if request.trail:
        return f"trail {write.change(request.trail)}"
    price = request.limit if request.limit is not None else request.stop
    return "market" if price is None else write.price(price)


def _price_before(request: OrderRequest, limit: int | None, stop: int | None, write: Figures) -> str:
    """Return the prices that a change replaces; empty where it leaves them."""
    changed = [
        write.price(old)
        for old, new in ((stop, request.stop), (limit, request.limit))
        if old is not None and old != new
    ]
    return " ".join(changed)


def _is_ceiling(rule: RuleView) -> bool:
    """Tell whether a rule is a limit from above: only those are used up."""
    return bool(rule.limit) and not rule.rule.endswith("_min")


def _share(value: float | None, rule: RuleView) -> str:
    return NOTHING if value is None or not rule.limit else f"{min(max(0.0, value) / rule.limit, 9.99):.0%}"


def _used(rule: RuleView) -> float:
    return max(0.0, rule.after or 0.0) / rule.limit if rule.limit else 0.0
