"""What panes tell the desk: which symbol, price or timeframe a person chose."""

from __future__ import annotations

from textual.message import Message

from engine.model.instrument import Symbol
from engine.model.trade import Side


class SymbolPicked(Message):
    """The cursor moved to a symbol."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self.symbol = symbol


class SymbolOpened(Message):
    """A symbol was chosen with Enter or a double click."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self.symbol = symbol


class PricePicked(Message):
    """A price was chosen in the ladder, in price units; the column says which side to trade."""

    def __init__(self, symbol: Symbol, price: int, side: Side) -> None:
        super().__init__()
        self.symbol = symbol
        self.price = price
        self.side = side


class TimeframeChanged(Message):
    """The chart is to show bars of another length."""

    def __init__(self, interval_ns: int) -> None:
        super().__init__()
        self.interval_ns = interval_ns


class PanePicked(Message):
    """A pane is to be seen and to have the focus."""

    def __init__(self, pane: str) -> None:
        super().__init__()
        self.pane = pane


class ComponentOpened(Message):
    """The page of a component is to be seen: its history and its runbook."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self.component = component


class SignalPicked(Message):
    """Another row of the signals page is looked at."""


class SignalOpened(Message):
    """The details of a row of the signals page were asked for: a model, a version, a symbol."""

    def __init__(self, key: tuple[str, str, str]) -> None:
        super().__init__()
        self.key = key
