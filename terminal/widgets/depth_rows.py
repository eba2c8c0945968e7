"""How one row of the depth ladder is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.depth import Level
from engine.model.trade import Side
from terminal.format import Figures
from terminal.strips import Run, fit
from terminal.widgets.ladder import OwnOrders

_OWN_WIDTH = 5
"""Holds a mark and four cells: ▸1.2K."""


class LadderShape:
    """The widths of a ladder's columns: own, bid, price, ask, own."""

    __slots__ = ("own", "price", "price_decimals", "rest", "side", "size_decimals", "size_max")

    def __init__(self, width: int, levels: Sequence[Level], figures: Figures) -> None:
        prices, sizes = [price for price, _ in levels], [size for _, size in levels]
        self.price_decimals = figures.decimals_of_prices(prices)
        texts = (figures.price(price, self.price_decimals) for price in prices)
        self.price = 2 + max((len(text) for text in texts), default=6)
        self.own = _OWN_WIDTH if width >= self.price + 2 * _OWN_WIDTH + 14 else 0
        self.side = max(0, (width - self.price - 2 * self.own) // 2)
        self.rest = max(0, width - self.price - 2 * self.own - 2 * self.side)
        self.size_max = max(sizes, default=0)
        self.size_decimals = figures.decimals_of_sizes(sizes, self.side - 1)

    def bar(self, size: int) -> int:
        """Return the cells of a size's bar; any size has one."""
        if size <= 0 or not self.size_max:
            return 0
        return max(1, min(self.side, round(size / self.size_max * self.side)))


def head(shape: LadderShape) -> tuple[Run, ...]:
    """Return the ladder's head."""
    own = "own" if shape.own else ""
    return (
        (own.ljust(shape.own) + fit("bid ", shape.side, right=True), "muted"),
        ("price".center(shape.price), "muted"),
        (fit(" ask", shape.side) + " " * shape.rest + own.rjust(shape.own), "muted"),
    )


def level_row(
    shape: LadderShape,
    figures: Figures,
    level: Level,
    side: Side,
    own: OwnOrders | None,
    *,
    best: bool,
    dim: bool,
    cursor: Side | None,
) -> tuple[Run, ...]:
    """Return the row of one price."""
    price, size = level
    bids = side is Side.BUY
    text = _size_text(figures, size, shape)
    queue = _queue_text(figures, own, shape.side)
    left = _bid_cell(shape, text, size, dim=dim) if bids else ((queue.rjust(shape.side), "own+d"),)
    right = ((queue.ljust(shape.side), "own+d"),) if bids else _ask_cell(shape, text, size, dim=dim)
    return (
        (_own_text(figures, own, shape.own, Side.BUY), "own+b"),
        *left,
        _price_cell(
            shape, figures.price(price, shape.price_decimals), side, own, best=best, dim=dim, cursor=cursor
        ),
        *right,
        (" " * shape.rest + _own_text(figures, own, shape.own, Side.SELL), "own+b"),
    )


def spread_row(shape: LadderShape, spread: str, last: Run, imbalance: float | None) -> tuple[Run, ...]:
    """Return the row between the sides: spread, last price, imbalance."""
    left = shape.own + shape.side
    right = left + shape.rest
    share = "" if imbalance is None else f"{imbalance * 100:+.0f}%"
    lean = "up" if (imbalance or 0) > 0 else "down" if (imbalance or 0) < 0 else "muted"
    label = " imb " if len(share) + 6 <= right else " "
    words = " spr " if len(spread) + 6 <= left else " "
    return (
        ("─" * max(0, left - len(words) - len(spread) - 1), "line"),
        (words, "muted"),
        (f"{spread} ", "text"),
        (last[0].center(shape.price), last[1]),
        (label if share else "", "muted"),
        (f"{share} " if share else "", lean),
        ("─" * max(0, right - (len(label) + len(share) + 1 if share else 0)), "line"),
    )


def _size_text(figures: Figures, size: int, shape: LadderShape) -> str:
    if not size:
        return ""
    text = figures.sized(size, shape.size_decimals)
    return text if len(text) < shape.side else figures.compact_size(size)


def _queue_text(figures: Figures, own: OwnOrders | None, width: int) -> str:
    if own is None or own.ahead is None:
        return ""
    size = figures.compact_size(own.ahead)
    return next((text for text in (f" {size} ahead ", f" q {size} ") if len(text) <= width), "")


def _own_text(figures: Figures, own: OwnOrders | None, width: int, side: Side) -> str:
    size = 0 if own is None else own.buy if side is Side.BUY else own.sell
    if not own or not size:
        return " " * width
    text = figures.compact_size(size)
    if side is Side.BUY:
        return f"{'▸' if own.resting else '▹'}{text}".ljust(width)[:width]
    return f"{text}{'◂' if own.resting else '◃'}".rjust(width)[-width or width :]


def _bid_cell(shape: LadderShape, text: str, size: int, *, dim: bool) -> tuple[Run, ...]:
    cell = f"{text} ".rjust(shape.side)
    cut = shape.side - shape.bar(size)
    if dim:
        return ((cell, "faint"),)
    return ((cell[:cut], "muted"), (cell[cut:], "text/bid_bar"))


def _ask_cell(shape: LadderShape, text: str, size: int, *, dim: bool) -> tuple[Run, ...]:
    cell = f" {text}".ljust(shape.side)
    cut = shape.bar(size)
    if dim:
        return ((cell, "faint"),)
    return ((cell[:cut], "text/ask_bar"), (cell[cut:], "muted"))


def _price_cell(
    shape: LadderShape,
    text: str,
    side: Side,
    own: OwnOrders | None,
    *,
    best: bool,
    dim: bool,
    cursor: Side | None,
) -> Run:
    if cursor is not None:
        pointed = f"‹{text} " if cursor is Side.BUY else f" {text}›"  # noqa: RUF001  # points at a column
        return (pointed.center(shape.price), "panel+b/accent")
    if own is not None:
        return (text.center(shape.price), "own+b/own_bar")
    role = "faint" if dim else "bid" if side is Side.BUY else "ask"
    return (text.center(shape.price), f"{role}+b" if best and not dim else role)
