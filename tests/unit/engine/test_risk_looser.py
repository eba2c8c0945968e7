"""What a change of the limits lets happen that was not allowed before."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.instrument import AssetClass
from engine.risk.limits import BUILT_IN, AccountLimits, Limits, SymbolLimits, overlay
from engine.risk.looser import in_words, loosened

CLASSES = {"NVDA": AssetClass.EQUITY, "EUR/USD": AssetClass.FX}
_D = Decimal


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Limits(), Limits(account=AccountLimits(gross_max_ratio=_D(3))), ["account.gross_max_ratio 2 → 3"]),
        (Limits(), Limits(account=AccountLimits(gross_max_ratio=_D(1))), []),
        (Limits(), Limits(account=AccountLimits(var_max_percent=_D(0))), ["account.var_max_percent 2.5 → 0"]),
        (Limits(restricted=("NVDA",)), Limits(), ["restricted NVDA → not"]),
        (Limits(), Limits(restricted=("NVDA",)), []),
        (
            Limits(default=SymbolLimits(duplicate_window_ms=500)),
            Limits(default=SymbolLimits(duplicate_window_ms=0)),
            ["default.duplicate_window_ms 500 → 0"],
        ),
        (
            Limits(default=SymbolLimits(extended_hours=False)),
            Limits(default=SymbolLimits(extended_hours=True)),
            ["default.extended_hours False → True"],
        ),
        (
            Limits(symbol={"NVDA": SymbolLimits(order_size_max=_D(5))}),
            Limits(),
            ["symbol.NVDA.order_size_max 5 → none"],
        ),
        (
            Limits(
                default=SymbolLimits(order_size_max=_D(3)),
                symbol={"NVDA": SymbolLimits(order_size_max=_D(5))},
            ),
            Limits(default=SymbolLimits(order_size_max=_D(3))),
            [],
        ),
        (
            Limits(default=SymbolLimits(order_size_max=_D(3))),
            Limits(
                default=SymbolLimits(order_size_max=_D(3)),
                symbol={"NVDA": SymbolLimits(order_size_max=_D(5))},
            ),
            ["symbol.NVDA.order_size_max 3 → 5"],
        ),
        (
            Limits(asset_class={AssetClass.FX: SymbolLimits(collar_bps=_D(9))}),
            Limits(asset_class={AssetClass.FX: SymbolLimits(collar_bps=_D(10))}),
            ["asset_class.fx.collar_bps 9 → 10"],
        ),
    ],
)
def test_what_is_looser_or_gone_is_named_wherever_it_is_said(
    before: Limits, after: Limits, told: list[str]
) -> None:
    assert list(loosened(before, after, CLASSES)) == told


def test_a_symbol_that_may_be_of_any_class_is_held_against_each() -> None:
    before = Limits(asset_class={AssetClass.FX: SymbolLimits(collar_bps=_D(9))})
    after = replace(before, symbol={"EUR/USD": SymbolLimits(collar_bps=_D(9))})
    assert loosened(before, after, CLASSES) == ()
    wide = replace(before, symbol={"NVDA": SymbolLimits(collar_bps=_D(20))})
    tight = Limits(
        default=SymbolLimits(collar_bps=_D(30)),
        asset_class={AssetClass.FX: SymbolLimits(collar_bps=_D(9))},
    )
    stated = replace(tight, symbol={"NVDA": SymbolLimits(collar_bps=_D(20))})
    assert loosened(tight, stated, CLASSES) == ()
    assert loosened(tight, stated, {}) == ("symbol.NVDA.collar_bps 9 → 20",)
    assert loosened(wide, wide, {}) == ()


def test_a_sentence_names_the_first_three() -> None:
    assert in_words(("a", "b")) == "a, b"
    assert in_words(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"


_SIZES = st.one_of(st.none(), st.sampled_from([_D(1), _D(2), _D(3)]))
_SECTIONS = st.builds(SymbolLimits, order_size_max=_SIZES, collar_bps=_SIZES)
_FILES = st.builds(
    Limits,
    default=_SECTIONS,
    asset_class=st.dictionaries(st.sampled_from(list(CLASSES.values())), _SECTIONS),
    symbol=st.dictionaries(st.sampled_from(list(CLASSES)), _SECTIONS),
)


def _holds(limits: Limits, symbol: str, each: AssetClass, key: str) -> Decimal:
    """Return what holds for an instrument, by looking through its sections from the narrowest on."""
    for section in (limits.symbol.get(symbol), limits.asset_class.get(each), limits.default):
        found = getattr(section, key) if section is not None else None
        if found is not None:
            return _D(found)
    return _D("Infinity")


@given(before=_FILES, after=_FILES)
@settings(deadline=None)
def test_nothing_is_told_just_where_no_instrument_may_more_than_before(before: Limits, after: Limits) -> None:
    instruments = [*CLASSES.items(), *((f"another {each}", each) for each in AssetClass)]
    looser = any(
        _holds(after, symbol, each, key) > _holds(before, symbol, each, key)
        for symbol, each in instruments
        for key in ("order_size_max", "collar_bps")
    )
    assert bool(loosened(before, after, CLASSES)) == looser


def test_every_limit_of_the_built_in_ones_is_looser_when_it_is_gone() -> None:
    stated = {key: value for key, value in msgspec.structs.asdict(BUILT_IN.default).items() if value}
    for key in stated.keys() - {"extended_hours"}:
        without = replace(BUILT_IN, default=replace(BUILT_IN.default, **{key: None}))
        assert loosened(BUILT_IN, without, {}), key
    assert overlay(BUILT_IN.default, SymbolLimits()) == BUILT_IN.default
