"""Every action of the desk, once: keys, palette, help, hints and bindings all come from this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from textual.binding import Binding, BindingType

from terminal.key_names import shown

GLOBAL = ""
"""The context of actions that work in every pane."""


class Action(Struct, frozen=True):
    """One thing a person can do with a key."""

    id: str
    """`pane.verb`; stable, users bind keys to it."""
    keys: str
    """Textual's names, comma between alternatives."""
    action: str
    """What Textual calls."""
    label: str
    """What the hint line and the palette say."""
    help: str
    """One sentence for the help screen."""
    context: str = GLOBAL
    """The pane it belongs to; global ones work wherever no text is typed."""
    hint: int = 0
    """How much it deserves a place on the hint line; 0 for none."""
    always: bool = False
    """Works even while typing."""
    gets_out: bool = False
    """Works on every screen, whatever lies on top, as soon as the key is read; see `terminal/way_out.py`."""


def _panes() -> Iterator[Action]:
    names = ("Quotes", "Chart", "Depth", "Portfolio", "Orders", "Ticket", "Risk", "Health", "Time & sales")
    panes = ("quotes", "chart", "depth", "portfolio", "orders", "ticket", "risk", "health", "tape")
    for number, (pane, name) in enumerate(zip(panes, names, strict=True), 1):
        yield Action(f"pane.{pane}", str(number), f"go_to('{pane}')", name, f"Go to {name.lower()}.")


def _list_keys(context: str, things: str) -> tuple[Action, ...]:
    return (
        Action(f"{context}.down", "j,down", "move(1)", "Next", f"Go to the next {things}.", context),
        Action(f"{context}.up", "k,up", "move(-1)", "Previous", f"Go to the previous {things}.", context),
        Action(f"{context}.first", "g,home", "first", "First", f"Go to the first {things}.", context),
        Action(f"{context}.last", "G,end", "last", "Last", f"Go to the last {things}.", context),
        Action(f"{context}.page_down", "pagedown", "page(1)", "Page down", "Go a page down.", context),
        Action(f"{context}.page_up", "pageup", "page(-1)", "Page up", "Go a page up.", context),
    )


_DESK = (
    Action("line.find", "slash", "find", "symbol", "Find an instrument, here and at every venue.", hint=9),
    Action("line.command", "colon", "command", "command", "Type an order or a command.", hint=9),
    Action("line.watch", "a", "watch", "watch", "Begin to follow one more symbol: type its name."),
    Action("line.unwatch", "D", "unwatch", "unwatch", "Begin to follow the symbol in focus no more."),
    Action("line.take_back", "u", "take_back", "undo", "Begin to take back the last watch or unwatch."),
    Action("line.repeat", "full_stop", "repeat", "repeat", "Put the last line back, ready for review."),
    Action(
        "line.reset",
        "ctrl+r",
        "reset",
        "reset",
        "Begin the order on the line anew: its side, the usual size, at the touch.",
        always=True,
    ),
    Action("pane.next", "tab", "next_pane", "next pane", "Go to the next pane."),
    Action("pane.previous", "shift+tab", "previous_pane", "previous pane", "Go to the previous pane."),
    Action(
        "pane.zoom", "z", "zoom_pane", "zoom", "Give the whole screen to this pane, or give it back.", hint=5
    ),
    Action(
        "pane.jump", "ctrl+o", "jump", "jump", "Press it, then a letter shown on a pane, to go there.", hint=2
    ),
    Action("desk.density", "d", "density", "density", "Show more or less: normal, then dense.", hint=2),
    Action("desk.theme", "T", "next_theme", "theme", "Change the colours."),
    Action("desk.why", "w", "why", "why", "Say where the number under the cursor comes from.", hint=3),
    Action(
        "desk.whose_risk",
        "v",
        "whose_risk",
        "whose risk",
        "Show the VaR by position, and whether it was right.",
    ),
    Action(
        "desk.why_account", "W", "why_account", "account", "Say where equity, day and buying power come from."
    ),
    Action("desk.help", "question_mark", "help", "help", "Show the keys and the order line.", hint=8),
    Action("desk.palette", "ctrl+p", "command_palette", "palette", "Find any action by its name."),
    Action(
        "desk.lock",
        "ctrl+l",
        "lock",
        "lock",
        "Lock the desk until who signed in says the password.",
        always=True,
    ),
    Action("desk.breaks", "R", "breaks", "breaks", "Compare with the broker: show and decide what differs."),
    Action("desk.desks", "F", "desks", "desks", "Show the desks that share the Redis, and what they hold."),
    Action(
        "desk.alerts",
        "A",
        "alerts",
        "alerts",
        "Show what is wrong and who has it; acknowledge or silence it.",
    ),
    Action(
        "desk.health", "C", "health", "on call", "Show every component: why it is not well, and what to do."
    ),
    Action(
        "desk.signals", "P", "signals", "signals", "Show what models predict, and whether orders come of it."
    ),
    Action("desk.log", "O", "log", "log", "Show the log; on an order, what was written about it."),
    Action("desk.messages", "L", "messages", "messages", "Show what the desk said, newest first."),
)


def _gets_out(verb: str, key: str, label: str, help: str) -> Action:  # noqa: A002  # the column's own name
    name = f"trade.{verb}"
    return Action(name, key, f"get_out('{name}')", label, help, always=True, gets_out=True)


_WAY_OUT = (
    _gets_out("flatten", "f6", "flatten", "Cancel and close the symbol in focus; press it twice."),
    _gets_out("cancel_now", "f7", "cancel all", "Cancel every working order, even while typing."),
    _gets_out("halt", "f8", "halt", "Halt all trading; cancels still go out, and typing resume lifts it."),
    _gets_out(
        "reduce",
        "f9",
        "reduce only",
        "Let only orders through that make positions smaller; typing resume lifts it.",
    ),
    _gets_out(
        "flatten_all", "f10", "flatten all", "Cancel every order and close every position; press it twice."
    ),
    _gets_out("kill", "ctrl+k", "KILL", "Halt all trading and cancel every order; press it twice."),
)

_ORDERS = (
    Action("trade.buy", "b", "stage('buy', 'join')", "buy", "Begin a buy at the bid.", hint=8),
    Action("trade.sell", "s", "stage('sell', 'join')", "sell", "Begin a sale at the ask.", hint=8),
    Action("trade.buy_take", "B", "stage('buy', 'take')", "buy at ask", "Begin a buy at the ask."),
    Action("trade.sell_take", "S", "stage('sell', 'take')", "sell at bid", "Begin a sale at the bid."),
    Action("trade.half_out", "e", "exit('pos/2')", "half out", "Begin to close half of the position."),
    Action("trade.all_out", "E", "exit('pos')", "all out", "Begin to close the position."),
    Action(
        "trade.cancel",
        "x,delete",
        "cancel",
        "cancel",
        "Cancel the order under the cursor, else the symbol's orders.",
        hint=7,
    ),
    Action(
        "trade.cancel_all", "X", "cancel_all", "cancel all", "Cancel every working order, at once.", hint=6
    ),
    Action(
        "trade.modify",
        "m",
        "modify",
        "modify",
        "Change the order under the cursor, else the symbol's newest.",
    ),
    Action(
        "trade.arm",
        "f12",
        "arm",
        "arm",
        "Disarm the account: only what reduces goes out; or arm it, a live one by its name.",
        always=True,
    ),
    *_WAY_OUT,
    Action("app.quit", "ctrl+q", "leave", "quit", "Leave; with working orders it asks first.", always=True),
)

_MARKET = (
    Action("market.pause", "p", "pause", "pause", "Hold a simulation or a replay, or let it go on.", hint=9),
    Action("market.step", "n", "step", "step", "Let one more event through.", hint=9),
    Action("market.faster", "greater_than_sign", "speed(2)", "faster", "Double the speed.", hint=4),
    Action("market.slower", "less_than_sign", "speed(0.5)", "slower", "Halve the speed.", hint=4),
    Action(
        "market.back", "left_curly_bracket", "skip(-60)", "-1m", "Go a minute back in a recording.", hint=9
    ),
    Action(
        "market.ahead", "right_curly_bracket", "skip(60)", "+1m", "Go a minute on in a recording.", hint=9
    ),
)
"""Their hints are offered while a recording plays."""

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

ACTIONS: tuple[Action, ...] = (
    *_panes(),
    *_DESK,
    *_ORDERS,
    *_MARKET,
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
    *_CHART,
    *_DEPTH,
    *_list_keys("portfolio", "position"),
    Action("portfolio.open", "enter", "open", "open", "Look at this symbol.", "portfolio", hint=5),
    *_list_keys("orders", "order"),
    Action("orders.open", "enter", "open", "change", "Begin to change this order.", "orders", hint=5),
    Action(
        "orders.filter", "f", "filter", "working only", "Show only working orders, or all.", "orders", hint=4
    ),
    *_TICKET,
    *_list_keys("risk", "limit"),
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
"""The table."""

BY_ID = {action.id: action for action in ACTIONS}

TITLES = {
    GLOBAL: "Everywhere",
    "quotes": "Quotes",
    "chart": "Chart",
    "depth": "Depth",
    "portfolio": "Portfolio",
    "orders": "Orders",
    "ticket": "Ticket",
    "risk": "Risk",
    "health": "Health",
}
"""What the help calls each context."""


def key_of(action_id: str, keymap: Mapping[str, str]) -> str:
    """Write the first key of an action, the user's own where there is one."""
    return shown(keymap.get(action_id, BY_ID[action_id].keys).split(",")[0])


def bindings_of(context: str) -> list[BindingType]:
    """Return Textual's bindings of one context; what must work while typing has priority.

    What gets out needs none: its keys never come as far as a screen.
    """
    return [
        Binding(
            action.keys,
            action.action,
            action.label,
            id=action.id,
            show=False,
            tooltip=action.help,
            priority=action.always,
        )
        for action in ACTIONS
        if action.context == context and not action.gets_out
    ]


def hints_of(context: str, *, replaying: bool = False) -> list[Action]:
    """Return what the hint line offers in a pane, the most deserving first."""
    offered = [
        action
        for action in ACTIONS
        if action.hint and action.context in {GLOBAL, context} and (replaying or action not in _MARKET)
    ]
    return sorted(offered, key=lambda action: -action.hint)
