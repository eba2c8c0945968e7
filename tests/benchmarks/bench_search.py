"""What a key costs in the search of instruments, with fifteen thousand listings of all venues."""

from __future__ import annotations

import random
import statistics
import string
import time

from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from terminal.search.index import ListingIndex
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited

SHARES, COINS = 11_500, 700
ROUNDS = 9
KEYS = (
    "s",
    "b",
    "bt",
    "btc",
    "btc usd",
    "xbt/usd",
    "btcusdt",
    "usd",
    "stock",
    "common st",
    "kraken eur",
    "zzzz",
)
"""What is on the line after a key; among it what nearly everything has, and what nothing has."""
_COMMON = ("Common", "Stock", "Inc", "Class", "Shares", "Trust", "ETF", "Corporation", "Holdings", "Fund")


def rows(options: Options) -> list[Row]:
    """Return the typical and the slowest key."""
    index = ListingIndex((), listings())
    costs = [min(_cost_ms(index, text) for _ in range(options.rounds(ROUNDS))) for text in KEYS]
    return [
        limited("symbol search, the median key", statistics.median(costs), "ms", 5),
        limited("symbol search, the slowest key", max(costs), "ms", 15),
    ]


def listings() -> list[Listing]:
    """Return made-up lists of the size that the venues have: shares with names, and pairs at three venues."""
    rng = random.Random(1)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 9))).title() for _ in range(9_000)]
    codes = sorted({"".join(rng.choices(string.ascii_uppercase, k=rng.randint(1, 5))) for _ in range(SHARES)})
    made = [
        Listing(
            "alpaca",
            Symbol(code),
            AssetClass.EQUITY,
            "",
            "USD",
            " ".join((*rng.choices(words, k=2), *rng.choices(_COMMON, k=3))),
        )
        for code in codes
    ]
    coins = ["BTC", *sorted({"".join(rng.choices(string.ascii_uppercase, k=4)) for _ in range(COINS)})]
    pairs = [("kraken", "/", "USD"), ("kraken", "/", "EUR"), ("coinbase", "-", "USD")]
    pairs += [("binance", "", "USDT"), ("binance", "", "USDC")]
    made += [
        Listing(venue, Symbol(f"{coin}{mark}{money}"), AssetClass.CRYPTO, coin, money)
        for coin in coins
        for venue, mark, money in pairs
    ]
    return made


def _cost_ms(index: ListingIndex, text: str) -> float:
    start_ns = time.thread_time_ns()
    index.search(text)
    return (time.thread_time_ns() - start_ns) / 1e6
