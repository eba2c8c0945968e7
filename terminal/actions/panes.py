"""What each pane does with a key, while it has the focus."""

from __future__ import annotations

from terminal.actions.action import Action


def _list_keys(context: str, things: str) -> tuple[Action, ...]:
    return (
        Action(f"{context}.down", "j,down", "move(1)", "Next", f"Go to the next {things}.", context),
        Action(f"{context}.up", "k,up", "move(-1)", "Previous", f"Go to the previous {things}.", context),
        Action(f"{context}.first", "g,home", "first", "First", f"Go to the first {things}.", context),
        Action(f"{context}.last", "G,end", "last", "Last", f"Go to the last {things}.", context),
        Action(f"{context}.page_down", "pagedown", "page(1)", "Page down", "Go a page down.", context),
        Action(f"{context}.page_up", "pageup", "page(-1)", "Page up", "Go a page up.", context),
    )


_QUOTES = (
    *_list_keys("quotes", "symbol"),
    Action("quotes.sort", "o", "sort", "sort", "Sort by the next column.", "quotes", hint=5),
    Action(
        "quotes.filter",
        "f",
        "filter",
        "filter",
        "Show only symbols that contain what the line says.",
        "quotes",
        hint=4,
    ),
    Action("quotes.open", "enter", "open", "open", "Look at this symbol's chart.", "quotes", hint=6),
)

_CHART = (
    Action("chart.pan_back", "h,left", "pan(1)", "earlier", "Look further back.", "chart", hint=4),
    Action("chart.pan_forward", "l,right", "pan(-1)", "later", "Look closer to now.", "chart", hint=4),
    Action("chart.oldest", "g,home", "oldest", "oldest", "Look at the oldest bar.", "chart"),
    Action("chart.newest", "G,end", "newest", "newest", "Look at the newest bar.", "chart"),
    Action(
        "chart.zoom_in", "plus,equals_sign", "zoom(1)", "wider", "Draw fewer, wider bars.", "chart", hint=3
    ),
    Action("chart.zoom_out", "minus", "zoom(-1)", "denser", "Draw more, narrower bars.", "chart", hint=3),
    Action(
        "chart.timeframe", "t", "timeframe", "timeframe", "Show bars of the next length.", "chart", hint=7
    ),
    Action("chart.studies", "i", "vwap", "VWAP", "Show or hide the day's VWAP.", "chart", hint=3),
)

_DEPTH = (
    Action("depth.up", "k,up", "move(1)", "higher", "Go to a higher price.", "depth"),
    Action("depth.down", "j,down", "move(-1)", "lower", "Go to a lower price.", "depth"),
    Action("depth.buy_side", "h,left", "side('BUY')", "buy column", "Go to the buy column.", "depth"),
    Action("depth.sell_side", "l,right", "side('SELL')", "sell column", "Go to the sell column.", "depth"),
    Action("depth.centre", "c,space", "centre", "centre", "Go back to the touch.", "depth", hint=5),
    Action("depth.pick", "enter", "pick", "order here", "Begin an order at this price.", "depth", hint=7),
)

_PORTFOLIO = (
    *_list_keys("portfolio", "position"),
    Action("portfolio.open", "enter", "open", "open", "Look at this symbol.", "portfolio", hint=5),
)

_ORDERS = (
    *_list_keys("orders", "order"),
    Action("orders.open", "enter", "open", "change", "Begin to change this order.", "orders", hint=5),
    Action(
        "orders.filter", "f", "filter", "working only", "Show only working orders, or all.", "orders", hint=4
    ),
)

_TICKET = (
    Action(
        "ticket.up", "plus,equals_sign", "nudge(1)", "tick up", "Raise the price by a tick.", "ticket", hint=6
    ),
    Action("ticket.down", "minus", "nudge(-1)", "tick down", "Lower the price by a tick.", "ticket", hint=6),
    Action(
        "ticket.double", "right_square_bracket", "resize(2)", "double", "Double the size.", "ticket", hint=5
    ),
    Action("ticket.half", "left_square_bracket", "resize(0.5)", "half", "Halve the size.", "ticket", hint=5),
    Action(
        "ticket.more",
        "k,up",
        "step(1)",
        "more",
        "Raise the size by the step that the ticket shows.",
        "ticket",
    ),
    Action(
        "ticket.less",
        "j,down",
        "step(-1)",
        "less",
        "Lower the size by the step that the ticket shows.",
        "ticket",
    ),
    Action("ticket.max", "M", "share(1)", "max", "Take the largest size that would pass.", "ticket", hint=5),
    Action("ticket.half_max", "H", "share(2)", "½ max", "Take half of the largest size.", "ticket"),
    Action("ticket.quarter_max", "Q", "share(4)", "¼ max", "Take a quarter of the largest size.", "ticket"),
    Action(
        "ticket.send",
        "enter",
        "advance",
        "review, send",
        "Review the order; the second time, send it.",
        "ticket",
        hint=7,
    ),
    Action("ticket.drop", "escape", "drop", "drop", "Drop the order.", "ticket", hint=4),
)

_HEALTH = (
    *_list_keys("health", "component"),
    Action(
        "health.open",
        "enter",
        "open",
        "runbook",
        "Show what was wrong with this component, and its runbook.",
        "health",
        hint=5,
    ),
)

_SIGNALS = (
    *_list_keys("signals", "signal"),
    Action(
        "signals.open",
        "enter",
        "open",
        "all of it",
        "Open the page of signals at this row: scores, drift, orders.",
        "signals",
        hint=6,
    ),
)

PANES: tuple[Action, ...] = (
    *_QUOTES,
    *_CHART,
    *_DEPTH,
    *_PORTFOLIO,
    *_ORDERS,
    *_TICKET,
    *_list_keys("risk", "limit"),
    *_HEALTH,
    *_SIGNALS,
)
"""In the order in which the help has the panes."""
