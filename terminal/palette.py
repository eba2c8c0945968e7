"""The command palette: every action and every symbol, found by a few letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from engine.model.instrument import Symbol
from terminal.actions.action import GLOBAL, Action
from terminal.actions.table import ACTIONS, TITLES
from terminal.key_names import shown
from terminal.screens.trade import TradeScreen

if TYPE_CHECKING:
    from terminal.app import DeskApp

_SYMBOLS_MAX = 50
"""Symbols offered for one search."""
_NAME_CELLS = 24
_TOLD = 0.001
"""The score of what only its sentence matches: after every name."""


class DeskProvider(Provider):
    """Offers the actions of the desk and of the focused pane, then the symbols; whatever page lies on the desk."""

    async def discover(self) -> Hits:
        """Offer every action before anything is typed."""
        for action in self._actions():
            key, name, sentence = described(action)
            yield DiscoveryHit(_row(key, Content(name), sentence), partial(self._run, action))

    async def search(self, query: str) -> Hits:
        """Offer whose name matches, best first, then what is told of with these words."""
        matcher = self.matcher(query)
        for action in self._actions():
            key, name, sentence = described(action)
            score = matcher.match(name) or (_TOLD if _tells(f"{sentence} {action.id}", query) else 0)
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
        pane = self._trade.pane_in_use
        return (action for action in ACTIONS if action.context in {GLOBAL, pane})

    def _symbols(self, query: str) -> Iterator[tuple[Symbol, str]]:
        desk = self._trade.desk
        found = (
            (symbol, description)
            for symbol in desk.symbols
            if query.lower() in f"{symbol} {(description := desk.instruments[symbol].description)}".lower()
        )
        return (pair for pair, _ in zip(found, range(_SYMBOLS_MAX), strict=False))

    @property
    def _trade(self) -> TradeScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, TradeScreen))

    async def _run(self, action: Action) -> None:
        """Do it as its key would, on the desk: the pane first, then the screen, then the app."""
        screen = await cast("DeskApp", self.app).uncover()
        if screen is not None:
            place = screen.panes[screen.pane_in_use] if action.context else screen
            await self.app.run_action(action.action, place)

    async def _focus_on(self, symbol: Symbol) -> None:
        screen = await cast("DeskApp", self.app).uncover()
        if screen is not None:
            screen.focus_symbol(symbol)


def described(action: Action) -> tuple[str, str, str]:
    """Return an action's key, what it is called and where, and what it does."""
    where = f"{TITLES.get(action.context, action.context.title())}: " if action.context else ""
    return shown(action.keys.split(",")[0]), f"{where}{action.label}", action.help


def _row(key: str, name: Content, sentence: str) -> Content:
    padding = " " * max(1, _NAME_CELLS - len(name))
    return Content.assemble((f"{key:<6}", "$desk-accent"), name, padding, (sentence, "$desk-muted"))


def _tells(text: str, query: str) -> bool:
    return all(word in text.lower() for word in query.lower().split())
