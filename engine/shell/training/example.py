"""Puts a training into a folder that a newcomer can run: daily bars of five shares, and a spec."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from engine.clock import NS_PER_S
from engine.errors import ConfigError

SYMBOLS: Final = ("AAPL", "GOOG", "IBM", "MSFT")
"""Those with nine years of bars or more."""
BARS: Final = "shares.parquet"
SPEC: Final = "daily.toml"
TEXT: Final = """\
# A model of the next day's direction: `touchline models train daily.toml`.
name = "daily"
about = "next day up or down, of large US shares from 2000 to 2013; an example, not to be traded"
data = ["shares.parquet"]
bars = "1d"
features = "bars-12"
seed = 1

[label]
horizon_bars = 1
# What buying and selling again costs. Moves within it are not trained on.
cost_bps = 5

[model]
kind = "logistic"
strength = 0.1

[walk_forward]
folds = 6
first_share = 0.4
embargo_bars = 5
"""


def write_example(folder: Path) -> list[Path]:
    """Write the bars and the spec into a new folder, and return both.

    Raises:
        ConfigError: the bars are not installed, or the folder can't be made.
    """
    stocks = _stocks()
    try:
        folder.mkdir(parents=True)
        _write_bars(stocks, folder / BARS)
        (folder / SPEC).write_text(TEXT, encoding="utf-8")
    except FileExistsError:
        raise ConfigError(f"{folder}: it is there already; expected the name of a new folder") from None
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror or error}") from None
    return [folder / BARS, folder / SPEC]


def _stocks() -> Any:
    try:
        return import_module("bokeh_sampledata.stocks")
    except ImportError:
        raise ConfigError(
            "the example's bars are an extra that is not installed: pip install 'touchline[example]'"
        ) from None


def _write_bars(stocks: Any, path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415  # heavy
    from pyarrow import parquet  # noqa: PLC0415

    columns: dict[str, list[Any]] = {
        name: [] for name in ("ts", "symbol", "open", "high", "low", "close", "volume")
    }
    for symbol in SYMBOLS:
        found: Mapping[str, list[Any]] = getattr(stocks, symbol)
        columns["ts"] += map(_start_ns, found["date"])
        columns["symbol"] += [symbol] * len(found["date"])
        for name in ("open", "high", "low", "close", "volume"):
            columns[name] += found[name]
    parquet.write_table(pa.table(columns), path)


def _start_ns(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * NS_PER_S
