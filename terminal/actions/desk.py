"""The desk itself: where to look, the order line, the pages on top."""

from __future__ import annotations

from collections.abc import Iterator

from terminal.actions.action import Action
from terminal.layouts import TITLES, number_of


def _panes() -> Iterator[Action]:
    for pane, title in TITLES.items():
        key, help_text = f"{number_of(pane)}", f"Go to {title.lower()}."
        yield Action(f"pane.{pane}", key, f"go_to('{pane}')", title, help_text)


DESK: tuple[Action, ...] = (
    *_panes(),
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
