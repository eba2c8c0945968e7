"""What an action would do, in the words of the desk: BUY 500 NVDA LMT 180.50 DAY."""

from __future__ import annotations

from functools import singledispatch

from msgspec.structs import replace

from engine.messages.commands import (
    AmendOrder,
    BookDividend,
    BookSplit,
    CancelAll,
    CancelOrder,
    Flatten,
    Jump,
    Pause,
    ReloadLimits,
    Resume,
    SetSpeed,
    SetTradingState,
    Step,
    SubmitOrder,
    TradingState,
    UnwatchSymbol,
    WatchSymbol,
)
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from terminal.cover import cancel_leaves
from terminal.desk import Desk
from terminal.format import Figures, counted, figures, time_of_day
from terminal.orderline.booking import dividend_runs, split_runs
from terminal.orderline.intents import (
    Action,
    FocusSymbol,
    GoToPane,
    Pair,
    Quit,
    ShowAlerts,
    ShowDesks,
    ShowHelp,
    ShowLog,
    SwitchTheme,
    orders_of,
)
from terminal.orderline.sizing import flipped, held
from terminal.orderline.strategies import strategy_word
from terminal.strips import Run

_STATES = {
    TradingState.HALTED: "HALT",
    TradingState.REDUCING: "REDUCE ONLY",
    TradingState.ACTIVE: "RESUME",
}


def headline(action: Action, desk: Desk, pegged: str = "") -> list[Run]:
    """Return what an action would do, as runs; `pegged` is the word its price follows: BUY 500 NVDA LMT bid 180.50."""
    if pegged and isinstance(action, SubmitOrder):
        return _order(action.request, desk, pegged)
    return _headline(action, desk)


def symbol_of(action: Action, desk: Desk) -> Symbol | None:
    """Return the symbol whose price decides whether the market moved."""
    orders = orders_of(action)
    if orders:
        return orders[0].request.symbol
    if isinstance(action, AmendOrder):
        order = desk.orders.get(action.client_id)
        return order.symbol if order else None
    return None


def order_words(request: OrderRequest, desk: Desk, pegged: str = "") -> list[str]:
    """Return an order in words after its side: size, symbol, kind and prices, time in force, marks."""
    write = figures(desk.instruments[request.symbol])
    words = [write.quantity(request.quantity), request.symbol, *_price_words(request, write, pegged)]
    words.append(request.tif.value.upper())
    words += [mark for mark, is_on in (("PO", request.post_only), ("RO", request.reduce_only)) if is_on]
    words += [strategy_word(request.strategy)] if request.strategy else []
    return words


def _price_words(request: OrderRequest, write: Figures, pegged: str = "") -> list[str]:
    words = []
    if request.type is OrderType.TRAILING:
        words += ["TRAIL", write.change(request.trail or 0)]
    if request.stop is not None:
        words += ["STP", write.price(request.stop)]
    if request.limit is not None:
        words += ["LMT", *([pegged] if pegged else []), write.price(request.limit)]
    if request.type is OrderType.MARKET:
        words.append("MKT")
    return words


def side_run(side: Side) -> Run:
    """Return a side's word in its colour."""
    return ("BUY", "bid+b") if side is Side.BUY else ("SELL", "ask+b")


@singledispatch
def _headline(action: Action, _desk: Desk) -> list[Run]:
    raise TypeError(f"expected an action, found {type(action).__name__}")


@_headline.register
def _(action: SubmitOrder, desk: Desk) -> list[Run]:
    return _order(action.request, desk)


def _order(request: OrderRequest, desk: Desk, pegged: str = "") -> list[Run]:
    words = " ".join(order_words(request, desk, pegged))
    return [side_run(request.side), (f" {words}", "text+b")]


def flip_runs(request: OrderRequest, desk: Desk) -> list[Run]:
    """Return what an order is that closes a position and opens its opposite: said loudly; empty for any other."""
    beyond = flips(request, desk)
    if not beyond:
        return []
    side = "LONG" if request.side is Side.BUY else "SHORT"
    size = figures(desk.instruments[request.symbol]).quantity(beyond)
    return [("  ", "text"), (f" FLIPS TO {side} {size} ", "on_badge+b/warn")]


def flips(request: OrderRequest, desk: Desk) -> int:
    """Return how much of an order opens the other side of what is held now, in size units."""
    working = desk.orders.get(request.client_id)
    leaves = request.quantity - (working.filled if working else 0)
    return flipped(replace(request, quantity=leaves), held(desk, desk.instruments[request.symbol]))


@_headline.register
def _(action: Pair, desk: Desk) -> list[Run]:
    second = action.second.request
    other = " ".join(_price_words(second, figures(desk.instruments[second.symbol])))
    return [*_headline(action.first, desk), (" or ", "own+b"), (other, "text+b")]


@_headline.register
def _(action: AmendOrder, desk: Desk) -> list[Run]:
    order = desk.orders.get(action.client_id)
    if order is None or order.symbol not in desk.instruments:
        return [("AMEND", "own+b")]
    write = figures(desk.instruments[order.symbol])
    changes = [
        f" {name} {pen(old or 0)} ▸ {pen(new)}"
        for name, old, new, pen in (
            ("qty", order.quantity, action.quantity, write.quantity),
            ("LMT", order.limit, action.limit, write.price),
            ("STP", order.stop, action.stop, write.price),
        )
        if new is not None and new != old
    ]
    return [
        ("AMEND", "own+b"),
        (f" #{order.number} {order.symbol}", "text+b"),
        ("".join(changes), "text"),
    ]


@_headline.register
def _(action: CancelOrder, desk: Desk) -> list[Run]:
    order = desk.orders.get(action.client_id)
    runs: list[Run] = [("CANCEL", "own+b")]
    if order is not None and order.symbol in desk.instruments:
        write = figures(desk.instruments[order.symbol])
        runs += [(f" #{order.number} ", "text+b"), side_run(order.side)]
        runs.append((f" {write.quantity(order.leaves)} {order.symbol}", "text"))
        left = cancel_leaves(order, desk)
        runs += [(f"  {left}", "warn")] if left else []
    return runs


@_headline.register
def _(action: CancelAll, desk: Desk) -> list[Run]:
    count = sum(
        action.symbol in {None, order.symbol} and action.strategy in {"", order.strategy}
        for order in desk.working
    )
    what = action.symbol or (strategy_word(action.strategy) if action.strategy else "EVERYTHING")
    return [("CANCEL", "own+b"), (f" {what}", "text+b"), (f" {count} open", "muted")]


@_headline.register
def _(action: Flatten, desk: Desk) -> list[Run]:
    if action.symbol is None:
        held = sum(1 for position in desk.positions.values() if position.quantity)
        return [
            ("FLATTEN EVERYTHING", "warn+b"),
            (f" {counted(held, 'position')} at market, cancels first", "muted"),
        ]
    position = desk.positions.get(action.symbol)
    size = figures(desk.instruments[action.symbol]).quantity(position.quantity if position else 0)
    return [
        ("FLATTEN", "warn+b"),
        (f" {action.symbol} {size}", "text+b"),
        (" at market, cancels first", "muted"),
    ]


@_headline.register
def _(action: BookSplit, desk: Desk) -> list[Run]:
    return split_runs(action, desk)


@_headline.register
def _(action: BookDividend, desk: Desk) -> list[Run]:
    return dividend_runs(action, desk)


@_headline.register
def _(action: SetTradingState, _desk: Desk) -> list[Run]:
    if action.firm:
        return [(_STATES[action.state], "warn+b"), (" EVERY DESK", "warn+b"), (", this one too", "muted")]
    what = action.symbol or (strategy_word(action.strategy) if action.strategy else "all trading")
    return [(_STATES[action.state], "warn+b"), (f" {what}", "text+b")]


@_headline.register
def _(action: WatchSymbol, _desk: Desk) -> list[Run]:
    return [("follow ", "muted"), (action.symbol, "accent"), (" from now on", "muted")]


@_headline.register
def _(action: UnwatchSymbol, _desk: Desk) -> list[Run]:
    return [("follow ", "muted"), (action.symbol, "accent"), (" no more", "muted")]


@_headline.register
def _(action: FocusSymbol, _desk: Desk) -> list[Run]:
    return [
        ("show ", "muted"),
        (action.symbol, "accent"),
        (f" in {action.pane}" if action.pane else "", "muted"),
    ]


@_headline.register
def _(action: GoToPane, _desk: Desk) -> list[Run]:
    return [("go to ", "muted"), (action.pane, "accent")]


@_headline.register
def _(action: SwitchTheme, _desk: Desk) -> list[Run]:
    return [("theme ", "muted"), (action.name or "next", "accent")]


@_headline.register
def _(action: SetSpeed, _desk: Desk) -> list[Run]:
    return [("speed ", "muted"), (f"{action.speed:g}x" if action.speed else "as fast as it can", "accent")]


@_headline.register
def _(action: Jump, _desk: Desk) -> list[Run]:
    return [("jump to ", "muted"), (f"{time_of_day(action.to_ns)} UTC", "accent")]


_PLAIN: dict[type, str] = {
    Pause: "pause",
    Resume: "play",
    Step: "one event on",
    ReloadLimits: "read the limits again",
    ShowHelp: "open the help",
    ShowDesks: "show the desks that share the Redis",
    ShowAlerts: "show what is wrong and who has it",
    ShowLog: "show the log",
    Quit: "leave the desk",
}


def _plain(action: Action, _desk: Desk) -> list[Run]:
    return [(_PLAIN[type(action)], "muted")]


for _kind in _PLAIN:
    _headline.register(_kind, _plain)
