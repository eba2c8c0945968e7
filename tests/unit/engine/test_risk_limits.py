from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.risk.bounds import UNLIMITED, Bounds
from engine.risk.limits import BUILT_IN, Limits, SymbolLimits
from engine.risk.limits_source import LimitsSource, read_limits

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "limits.example.toml"


def instrument(symbol: str = "NVDA", asset_class: AssetClass = AssetClass.EQUITY) -> Instrument:
    return Instrument(
        symbol=Symbol(symbol),
        venue="XNAS",
        asset_class=asset_class,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal("0.1"),
        lot=Decimal(1),
        size_min=Decimal("0.25"),
        notional_min=Decimal(5),
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "limits.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_file_is_the_built_in_limits() -> None:
    assert read_limits(EXAMPLE) == BUILT_IN


def test_the_example_file_states_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    keys = {*BUILT_IN.account.__struct_fields__, *SymbolLimits.__struct_fields__}
    assert [key for key in sorted(keys) if f"\n{key} = " not in text] == []


def test_the_narrowest_section_wins(tmp_path: Path) -> None:
    text = "[default]\ncollar_bps=7\n[asset_class.fx]\ncollar_bps=8\n[symbol.NVDA]\ncollar_bps=9"
    limits = read_limits(write(tmp_path, text))
    assert limits.of(instrument("NVDA")).collar_bps == 9
    assert limits.of(instrument("EURUSD", AssetClass.FX)).collar_bps == 8
    assert limits.of(instrument("AAPL")).collar_bps == 7


def test_what_a_file_does_not_say_stays_built_in(tmp_path: Path) -> None:
    limits = read_limits(write(tmp_path, "[asset_class.equity]\norder_size_max = 5"))
    assert limits.of(instrument()).order_size_max == 5
    assert limits.of(instrument()).position_size_max == 20_000
    assert limits.account == BUILT_IN.account


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[account]\ngross_max = 2", "unknown field `gross_max`"),
        ("[default]\nsector_max = 2", "unknown field `sector_max`"),
        ("[asset_class.stamps]\ncollar_bps = 2", "stamps"),
        ("limits = 3", "unknown field `limits`"),
        ("[default]\ncollar_bps = -1", "default.collar_bps: expected a positive number, found -1"),
        ("[default]\ncollar_bps = 0", "default.collar_bps: expected a positive number, found 0"),
        ("[symbol.NVDA]\norder_size_max = nan", "symbol.NVDA.order_size_max: expected a positive number"),
        ("[account]\ngross_max_ratio = inf", "account.gross_max_ratio: expected a positive number"),
        ("[account]\norder_burst = 1.5", "order_burst"),
        ("[default]\norder_notional_max = 1e300", "default.order_notional_max: expected at most"),
        ('[default]\ncollar_bps = "wide"', "collar_bps"),
        (
            "[account]\nday_loss_soft_percent = 4",
            "account.day_loss_soft_percent: expected at most the hard limit 3",
        ),
        ("[account\n", "limits.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_the_setting_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=r"limits\.toml") as caught:
        read_limits(write(tmp_path, text))
    assert complaint in str(caught.value)


def test_a_wrong_file_keeps_the_limits_in_force(tmp_path: Path) -> None:
    path = write(tmp_path, "[default]\ncollar_bps = 7")
    source = LimitsSource(path)
    assert source.reload() == "limits from limits.toml are in force"
    version = source.version
    write(tmp_path, "[default]\ncollar_bps = -7")
    with pytest.raises(ConfigError):
        source.reload()
    assert source.limits.default.collar_bps == 7
    assert source.version == version


def test_a_change_on_disk_is_seen_once(tmp_path: Path) -> None:
    path = write(tmp_path, "[default]\ncollar_bps = 7")
    source = LimitsSource(path)
    assert source.changed_on_disk()
    source.reload()
    assert not source.changed_on_disk()
    os.utime(path, ns=(0, 1_750_000_000_000_000_000))
    assert source.changed_on_disk()
    source.reload()
    assert source.source == "limits.toml, saved 2025-06-15 15:06 UTC"
    path.write_text("nonsense", encoding="utf-8")
    with pytest.raises(ConfigError):
        source.reload()
    assert not source.changed_on_disk(), "a bad file is complained of once, not every second"


def test_without_a_file_the_built_in_limits_hold(tmp_path: Path) -> None:
    nowhere = LimitsSource(tmp_path / "none.toml")
    assert nowhere.reload() == "built-in limits are in force"
    assert not nowhere.changed_on_disk()
    assert not LimitsSource().changed_on_disk()
    assert nowhere.limits == BUILT_IN


def test_a_file_that_was_removed_leaves_the_built_in_limits(tmp_path: Path) -> None:
    path = write(tmp_path, "[default]\ncollar_bps = 7")
    source = LimitsSource(path)
    source.reload()
    path.unlink()
    assert source.changed_on_disk()
    source.reload()
    assert source.limits == BUILT_IN


def test_limits_become_whole_numbers_never_looser_than_written() -> None:
    stated = SymbolLimits(order_size_max=Decimal("2.55"), collar_bps=Decimal("0.019"))
    bounds = Bounds(instrument(), Limits(default=stated))
    assert bounds.order_size_max == 25
    assert bounds.collar_ppm == 1
    assert bounds.size_min == 3
    assert bounds.notional_min_micros == 5_000_000
    assert bounds.position_size_max == UNLIMITED
