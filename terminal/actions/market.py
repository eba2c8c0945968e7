"""A market that can be held: a simulation, a recording."""

from __future__ import annotations

from terminal.actions.action import Action

MARKET: tuple[Action, ...] = (
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
