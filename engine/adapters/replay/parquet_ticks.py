"""Quotes and trades from parquet: one row an event."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from engine.adapters.replay.parquet_rows import Terms
from engine.adapters.replay.row_faults import RowFaults
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from engine.model.text import clean
from engine.model.trade import Side, Trade

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_ORDINARY = frozenset(("", "MARKET"))
"""Binance marks trades that did not come from its book (insurance fund, deleveraging) otherwise."""


def quotes(faults: RowFaults, terms: Terms, received: NDArray[np.int64]) -> list[object]:
    """Turn rows of bid, bid_size, ask, ask_size into quotes."""
    batch = faults.batch
    sizes = terms.size_scale
    bid = faults.prices("bid", terms.price_scale, optional=True)
    ask = faults.prices("ask", terms.price_scale, optional=True)
    bid_size = faults.sizes("bid_size", sizes, UNPUBLISHED_SIZE)
    ask_size = faults.sizes("ask_size", sizes, UNPUBLISHED_SIZE)
    _check_empty_side(faults, "bid", bid, bid_size)
    _check_empty_side(faults, "ask", ask, ask_size)
    return list(
        map(
            Quote,
            terms.symbols,
            repeat(terms.venue),
            bid.tolist(),
            ask.tolist(),
            bid_size.tolist(),
            ask_size.tolist(),
            batch.wholes("ts").tolist(),
            received.tolist(),
            batch.wholes("update_id").tolist(),
        )
    )


def _check_empty_side(
    faults: RowFaults, name: str, price: NDArray[np.int64], size: NDArray[np.int64]
) -> None:
    """Refuse a zero price, unless it stands for an empty side: no value, or no size either."""
    if len(price) and price.min() == 0:
        bad = (price == 0) & (size != 0)
        missing = faults.batch.missing(name)
        faults.mark(bad if missing is None else bad & ~missing, "zero_price", name)


def trades(faults: RowFaults, terms: Terms, received: NDArray[np.int64]) -> list[object]:
    """Turn rows of price, size, aggressor, conditions into trades."""
    batch = faults.batch
    rows = len(batch)
    price = faults.prices("price", terms.price_scale)
    size = faults.sizes("size", terms.size_scale, 0)
    sides = batch.texts("aggressor") if batch.has("aggressor") else [""] * rows
    conditions = batch.texts("conditions") if batch.has("conditions") else [""] * rows
    return list(
        map(
            Trade,
            terms.symbols,
            repeat(terms.venue),
            price.tolist(),
            size.tolist(),
            [_SIDES.get(side) for side in sides],
            batch.wholes("ts").tolist(),
            received.tolist(),
            batch.wholes("trade_id").tolist(),
            _cleaned(conditions),
            _sets_last(conditions, terms.venue),
        )
    )


def _cleaned(conditions: list[str]) -> list[str]:
    seen = {text: clean(text, 32) for text in set(conditions)}
    return [seen[text] for text in conditions]


def _sets_last(conditions: list[str], venue: str) -> list[bool]:
    if not venue.startswith("binance"):
        return [True] * len(conditions)
    return [text in _ORDINARY for text in conditions]
