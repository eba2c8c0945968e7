"""Which columns a quote board has room for, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.messages.views import QuoteView
from engine.model.market_state import Trust
from terminal.format import NOTHING, Figures, age, direction, move_percent
from terminal.strips import Run, fit
from terminal.widgets.quote_signals import SAID_NOTHING
from terminal.widgets.sparkline import sparkline

MARK_WIDTH = 2
_SPARK_WIDTH_MAX = 16
_SYMBOL_WIDTH_MAX = 10

_USUAL = ("symbol", "last", "change", "bid", "ask")
_BY_PLACE = (*_USUAL, "spread", "volume", "vwap", "source", "age", "spark", "model")
_BY_WORTH = (*_USUAL, "volume", "spark", "model", "spread", "vwap", "age", "source")
"""What is kept longest comes first."""
_PRICES = ("last", "bid", "ask", "spread", "vwap")
_EXTRA = frozenset({"spread", "vwap", "age", "source", "model"})
"""What comes only where every column keeps a wide gap; what models say has the room of the small chart where that is away."""
_ROOMY = ("bid", "ask", "volume", "last", "spread", "vwap", "source", "age", "change", "spark", "model")
"""What gets a wider gap first."""

_TITLES = {
    "last": "Last",
    "bid": "Bid",
    "ask": "Ask",
    "spread": "Spr",
    "vwap": "VWAP",
    "age": "Age",
    "model": "Model",
}
_ROLES = {"symbol": "text", "bid": "bid", "ask": "ask", "vwap": "muted", "volume": "muted"}
_LEAST = {"symbol": 6, "last": 4, "change": 6, "bid": 3, "ask": 3, "spread": 3, "volume": 5, "vwap": 4}
_LEAST |= {"source": 6, "age": 4, "spark": 6, "model": 5}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its width, and the empty cells before it."""

    name: str
    width: int
    gap: int
    decimals: int = 0
    """How many cells behind the point its prices keep free, so that the points stand below each other."""

    @property
    def room(self) -> int:
        """All the cells it takes."""
        return self.gap + self.width


def texts(quote: QuoteView, figures: Figures) -> dict[str, str]:
    """Return the texts whose lengths decide how wide columns must be."""
    return {
        "symbol": quote.symbol[:_SYMBOL_WIDTH_MAX],
        "last": last_price(quote, figures),
        "change": f"▲ {move_percent(quote.price, quote.base)}",
        "bid": figures.price(quote.bid),
        "ask": figures.price(quote.ask),
        "spread": spread(quote, figures),
        "vwap": figures.average(quote.vwap),
        "source": quote.source[:_SYMBOL_WIDTH_MAX],
    }


class Needs:
    """The least width of every column at which no number is cut; it only grows, so that rows don't jump."""

    __slots__ = ("_parts", "_wholes", "widths")

    def __init__(self) -> None:
        self.widths = dict(_LEAST)
        self._wholes = dict.fromkeys(_PRICES, 0)
        """The most cells before the point, of each column of prices."""
        self._parts = dict.fromkeys(_PRICES, 0)
        """The most digits behind it."""

    def grow(self, rows: Iterable[dict[str, str]]) -> None:
        """Make room for these rows."""
        for row in rows:
            for name, text in row.items():
                self.widths[name] = max(self.widths[name], len(text))
            for name in _PRICES:
                whole, _, part = row[name].partition(".")
                self._wholes[name] = max(self._wholes[name], len(whole))
                self._parts[name] = max(self._parts[name], len(part))

    def decimals(self) -> dict[str, int]:
        """Return how many digits each column of prices has behind its point."""
        return {name: part for name, part in self._parts.items() if part}

    def pointed(self) -> dict[str, int]:
        """Return the widths at which the points of each column stand below each other."""
        aligned = {name: self._wholes[name] + 1 + part for name, part in self.decimals().items()}
        return self.widths | {name: max(self.widths[name], width) for name, width in aligned.items()}


def place(needs: Needs, room: int, *, spark: bool = True, predicts: bool = False) -> tuple[Column, ...]:
    """Choose the columns that fit whole, the worthiest first, and spread what room is left.

    Points are aligned where that costs no column. Without `spark` the small chart makes room for numbers;
    what models say has a column only where any predict.
    """
    wanted = [name for name in _BY_WORTH if (spark or name != "spark") and (predicts or name != "model")]
    plain = _fitting(wanted, needs.widths, {}, room)
    aligned = _fitting(wanted, needs.pointed(), needs.decimals(), room)
    return aligned if len(aligned) == len(plain) else plain


def _fitting(
    wanted: Sequence[str], needed: Mapping[str, int], decimals: Mapping[str, int], room: int
) -> tuple[Column, ...]:
    chosen: set[str] = set()
    left = room - MARK_WIDTH
    for name in wanted:
        cost = needed[name] + (1 if chosen else 0)
        is_extra = name in _EXTRA and (name != "model" or "spark" in wanted)
        spare = len(chosen) + 1 if is_extra else 0
        if cost + spare > left and chosen:
            break
        chosen.add(name)
        left -= cost
    columns = [
        Column(name, needed[name], int(name != "symbol"), decimals.get(name, 0))
        for name in _BY_PLACE
        if name in chosen
    ]
    return _spread_room(columns, max(0, left))


def _spread_room(columns: list[Column], left: int) -> tuple[Column, ...]:
    at = {column.name: index for index, column in enumerate(columns)}
    names = [name for name in _ROOMY if name in at]
    for gap in (2, 3):
        for name in names[:left]:
            columns[at[name]] = replace(columns[at[name]], gap=gap)
        left = max(0, left - len(names))
        if gap == 2 and "spark" in at:
            spark = columns[at["spark"]]
            wider = min(left, _SPARK_WIDTH_MAX - spark.width)
            columns[at["spark"]] = replace(spark, width=spark.width + wider)
            left -= wider
    return tuple(columns)


def header(columns: Sequence[Column], sorted_by: str) -> tuple[Run, ...]:
    """Return the head of the board; the column it is sorted by is marked."""
    titles = {
        **_TITLES,
        "symbol": "Symbol",
        "change": "Chg%",
        "volume": "Vol",
        "source": "Src",
        "spark": "30m",
    }
    runs: list[Run] = [(" ▾", "text") if sorted_by == "symbol" else (" " * MARK_WIDTH, "muted")]
    for column in columns:
        left = column.name in {"symbol", "spark", "source"}
        title = titles[column.name]
        role = "muted"
        if column.name == sorted_by:
            title, role = title if left else f"{title}▾"[-column.room :], "text"
        text = fit(title, column.width) if left else title.rjust(column.width)
        runs.append((" " * column.gap + text, role))
    return tuple(runs)


def last_price(quote: QuoteView, figures: Figures) -> str:
    """Write the last trade's price; where nothing was ever traded the middle of the touch, marked as derived."""
    text = figures.price(quote.price)
    return text if quote.last or not quote.price else f"≈{text}"


def spread(quote: QuoteView, figures: Figures) -> str:
    """Write ask less bid; a dash unless both are there."""
    return figures.change(quote.ask - quote.bid) if quote.bid and quote.ask else NOTHING


def cells(
    columns: Sequence[Column],
    quote: QuoteView,
    figures: Figures,
    age_ns: int,
    flash: int,
    said: Run = SAID_NOTHING,
) -> list[Run]:
    """Return the runs of one row, its mark column apart; `said` is what models say of the symbol."""
    last = columns[-1]
    if last.name == "model":
        runs = cells(columns[:-1], quote, figures, age_ns, flash)
        return [*runs, (said[0].rjust(last.room), "faint+i" if quote.trust is Trust.STALE else said[1])]
    if quote.trust is Trust.STALE:
        return _stale_cells(columns, quote, figures, age_ns)
    moved = quote.price - quote.base if quote.price and quote.base else 0
    tone = "up" if moved > 0 else "down" if moved < 0 else "muted"
    runs = []
    for column in columns:
        text = _text(column, quote, figures, age_ns)
        runs.append((text, _role(column.name, quote, tone, flash)))
    return runs


def outgrown(columns: Sequence[Column], runs: Sequence[Run]) -> bool:
    """Return whether a text fills even the gap before its column."""
    return any(column.gap and run[0][0] != " " for column, run in zip(columns, runs, strict=True))


def _stale_cells(columns: Sequence[Column], quote: QuoteView, figures: Figures, age_ns: int) -> list[Run]:
    """A quote that can't be traded on is faint, and its sparkline gives way to its age."""
    runs: list[Run] = []
    for column in columns:
        if column.name in {"spark", "age"}:
            runs.append((age(age_ns).rjust(column.room), "warn+i"))
        else:
            runs.append((_text(column, quote, figures, age_ns), "faint+i"))
    return runs


def _text(column: Column, quote: QuoteView, figures: Figures, age_ns: int) -> str:
    name = column.name
    if name == "symbol":
        return fit(quote.symbol, column.width)
    if name == "source":
        return " " * column.gap + fit(quote.source, column.width)
    if name == "spark":
        return " " * column.gap + sparkline(quote.spark, column.width)
    if name == "change":
        glyph = direction(quote.price - quote.base if quote.price and quote.base else 0)
        return " " * column.gap + glyph + move_percent(quote.price, quote.base).rjust(column.width - 1)
    return _pointed(_number(name, quote, figures, age_ns), column.decimals).rjust(column.room)


def _pointed(text: str, decimals: int) -> str:
    """Leave free the cells behind the point that this price does not use."""
    _, point, part = text.partition(".")
    return text + " " * max(0, decimals + (not point) - len(part)) if decimals else text


def _number(name: str, quote: QuoteView, figures: Figures, age_ns: int) -> str:
    if name == "volume":
        return figures.compact_size(quote.volume)
    if name == "last":
        return last_price(quote, figures)
    if name == "spread":
        return spread(quote, figures)
    if name == "vwap":
        return figures.average(quote.vwap)
    if name == "age":
        return age(age_ns) if quote.receive_ns else NOTHING
    return figures.price(getattr(quote, name))


def _role(name: str, quote: QuoteView, tone: str, flash: int) -> str:
    if name in {"last", "change"} and flash:
        moved = "up" if flash > 0 else "down"
        return f"{moved if name == 'last' else tone}+b/flash_{moved}"
    if name in {"last", "bid", "ask"} and quote.trust is Trust.DISTRUSTED:
        return "muted+i"
    if name == "last":
        return "text+b" if quote.last else "text"
    if name == "change":
        return tone
    if name == "spark":
        return "faint" if tone == "muted" else f"{tone}+d"
    return _ROLES.get(name, "faint")
