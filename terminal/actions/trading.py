"""Orders from wherever one is, and the way out."""

from __future__ import annotations

from terminal.actions.action import Action


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

TRADING: tuple[Action, ...] = (
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
