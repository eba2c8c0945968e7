"""Every action of the desk, once: keys, palette, help, hints and bindings all come from this table."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType

from terminal import layouts
from terminal.actions.action import GLOBAL, Action
from terminal.actions.desk import DESK
from terminal.actions.market import MARKET
from terminal.actions.panes import PANES
from terminal.actions.trading import TRADING
from terminal.key_names import shown

ACTIONS = (*DESK, *TRADING, *MARKET, *PANES)
"""The table."""

BY_ID = {action.id: action for action in ACTIONS}

TITLES = {GLOBAL: "Everywhere", **layouts.TITLES}
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
        if action.hint and action.context in {GLOBAL, context} and (replaying or action not in MARKET)
    ]
    return sorted(offered, key=lambda action: -action.hint)
