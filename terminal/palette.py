"""The command palette: every action and every symbol, found by a few letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from engine.model.instrument import Symbol
from terminal.actions.action import GLOBAL, Action
from terminal.actions.table import ACTIONS, TITLES
from terminal.desk import Desk
from terminal.key_names import shown

_SYMBOLS_MAX = 50
"""Symbols offered for one search."""
_NAME_CELLS = 24


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
            key, name, sentence = described(action)
            yield DiscoveryHit(_row(key, Content(name), sentence), partial(self._run, action))

    async def search(self, query: str) -> Hits:
        """Offer whose name matches, best first."""
        matcher = self.matcher(query)
        for action in self._actions():
            key, name, sentence = described(action)
            score = matcher.match(name)
            if score > 0:
                yield Hit(
                    score, _row(key, matcher.highlight(name), sentence), partial(self._run, action), name
                )
        for symbol, text in self._symbols(query):
            score = matcher.match(f"{symbol} {text}")
            if score > 0:
                row = _row("", matcher.highlight(symbol), text)
                yield Hit(score, row, partial(self._focus_on, symbol), symbol)

    def _actions(self) -> Iterator[Action]:
        pane = self.focused.id if self.focused is not None else None
        return (action for action in ACTIONS if action.context in {GLOBAL, pane})

    def _symbols(self, query: str) -> Iterator[tuple[Symbol, str]]:
        screen = cast("DeskScreen", self.screen)
        found = (
            (symbol, description)
            for symbol in screen.desk.symbols
            if query.lower()
            in f"{symbol} {(description := screen.desk.instruments[symbol].description)}".lower()
        )
        return (pair for pair, _ in zip(found, range(_SYMBOLS_MAX), strict=False))

    async def _run(self, action: Action) -> None:
        """Do it as its key would: the pane first, then the screen, then the app."""
        pane = self.focused if action.context else None
        await self.app.run_action(action.action, pane or self.screen)

    def _focus_on(self, symbol: Symbol) -> None:
        cast("DeskScreen", self.screen).focus_symbol(symbol)


def described(action: Action) -> tuple[str, str, str]:
    """Return an action's key, what it is called and where, and what it does."""
    where = f"{TITLES.get(action.context, action.context.title())}: " if action.context else ""
    return shown(action.keys.split(",")[0]), f"{where}{action.label}", action.help


def _row(key: str, name: Content, sentence: str) -> Content:
    padding = " " * max(1, _NAME_CELLS - len(name))
    return Content.assemble((f"{key:<6}", "$desk-accent"), name, padding, (sentence, "$desk-muted"))
