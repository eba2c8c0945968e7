"""The command palette: every action and every symbol, found by a few letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from engine.model.instrument import Symbol
from terminal.actions import ACTIONS, GLOBAL, TITLES, Action, shown
from terminal.desk import Desk

_SYMBOLS_MAX = 50
"""Symbols offered for one search."""


class DeskScreen(Protocol):
    """What the palette needs of the screen it was opened on."""

    desk: Desk

    def focus_symbol(self, symbol: Symbol) -> None:
        """Show a symbol."""


class DeskProvider(Provider):
    """Offers the actions of the desk and of the focused pane, then the symbols."""

    async def discover(self) -> Hits:
        """Offer every action before anything is typed."""
        for action in self._actions():
            yield DiscoveryHit(title(action), partial(self._run, action), help=action.help)

    async def search(self, query: str) -> Hits:
        """Offer what matches, best first."""
        matcher = self.matcher(query)
        for action in self._actions():
            text = title(action)
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._run, action), help=action.help)
        for symbol, text in self._symbols(query):
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._focus_on, symbol), help="Look at it.")

    def _actions(self) -> Iterator[Action]:
        pane = self.focused.id if self.focused is not None else None
        return (action for action in ACTIONS if action.context in {GLOBAL, pane})

    def _symbols(self, query: str) -> Iterator[tuple[Symbol, str]]:
        screen = cast("DeskScreen", self.screen)
        found = (
            (symbol, f"{symbol} {instrument.description}".strip())
            for symbol, instrument in screen.desk.instruments.items()
            if query.lower() in f"{symbol} {instrument.description}".lower()
        )
        return (pair for pair, _ in zip(found, range(_SYMBOLS_MAX), strict=False))

    async def _run(self, action: Action) -> None:
        """Do it as its key would: the pane first, then the screen, then the app."""
        pane = self.focused if action.context else None
        await self.app.run_action(action.action, pane or self.screen)

    def _focus_on(self, symbol: Symbol) -> None:
        cast("DeskScreen", self.screen).focus_symbol(symbol)


def title(action: Action) -> str:
    """Return what the palette calls an action: where, what, and its key."""
    where = f"{TITLES.get(action.context, action.context.title())}: " if action.context else ""
    return f"{where}{action.label}  {shown(action.keys.split(',')[0])}"
