"""How much is allowed: the limits as a person writes them, and what is built in.

`docs/limits.example.toml` is this page as a file. A file's sections are laid over the built-in ones key by
key; an instrument's limits are then `[default]`, over it its asset class, over that its symbol.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from engine.errors import ConfigError
from engine.model.instrument import AssetClass, Instrument

_D = Decimal


class AccountLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the account as a whole; ratios and percentages are of its equity."""

    gross_max_ratio: Decimal = _D(2)
    """Sum of all positions' sizes, worst case with working orders, over equity."""
    net_max_ratio: Decimal = _D("1.5")
    """All long less all short, worst case with working orders, over equity."""
    concentration_max_percent: Decimal = _D(40)
    """One symbol's share of equity, worst case."""
    day_loss_soft_percent: Decimal = _D("1.5")
    """Loss since the day's start beyond which orders may only reduce."""
    day_loss_hard_percent: Decimal = _D(3)
    """Loss since the day's start beyond which trading new risk is over for the day."""
    drawdown_hard_percent: Decimal = _D(10)
    """Loss from the highest equity beyond which orders may only reduce."""
    var_max_percent: Decimal = _D("2.5")
    """What one day may cost at 99 % by what is held; a warning that denies nothing; 0 for none."""
    order_rate_per_s: Decimal = _D(20)
    order_burst: int = 40
    """How many orders may be sent at once before the rate holds them."""
    amend_rate_per_s: Decimal = _D(20)
    amend_burst: int = 40
    open_orders_max: int = 200


class SymbolLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of one instrument; what is left out comes from the wider section, and else is no limit."""

    order_size_max: Decimal | None = None
    """Shares, coins or contracts in one order."""
    order_notional_max: Decimal | None = None
    """Worth of one order, base currency."""
    position_size_max: Decimal | None = None
    """Worst-case position in shares, coins or contracts."""
    position_notional_max: Decimal | None = None
    """Worth of the worst-case position, base currency."""
    collar_bps: Decimal | None = None
    """How far past the market an order may pay up."""
    passive_band_bps: Decimal | None = None
    """How far from the market an order may rest or wait."""
    spread_max_bps: Decimal | None = None
    """The widest spread that a market order may meet."""
    open_orders_max: int | None = None
    duplicate_window_ms: int | None = None
    """How long after an order the same one again is a mistake; 0 for never."""
    extended_hours: bool | None = None
    """Whether limit orders may be sent before and after the main hours."""


class FirmLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits over the positions of all desks that share the Redis, base currency; what is left out is no limit."""

    gross_notional_max: Decimal | None = None
    """Sum of all positions' sizes, worst case with working orders."""
    net_notional_max: Decimal | None = None
    """All long less all short, worst case with working orders."""
    symbol_notional_max: Decimal | None = None
    """Worth of the worst-case position in one symbol, net over the desks."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `limits.toml`."""

    restricted: tuple[str, ...] = ()
    """Symbols that may not be bought or sold, except to close what is held."""
    account: AccountLimits = AccountLimits()
    default: SymbolLimits = SymbolLimits()
    asset_class: dict[AssetClass, SymbolLimits] = {}
    symbol: dict[str, SymbolLimits] = {}
    firm: FirmLimits = FirmLimits()

    def of(self, instrument: Instrument) -> SymbolLimits:
        """Return what applies to one instrument, narrowest section first."""
        classes = self.asset_class.get(instrument.asset_class, _NOTHING)
        return overlay(overlay(self.default, classes), self.symbol.get(instrument.symbol, _NOTHING))


_NOTHING = SymbolLimits()

BUILT_IN = Limits(
    default=SymbolLimits(
        order_notional_max=_D(250_000),
        position_notional_max=_D(400_000),
        collar_bps=_D(500),
        passive_band_bps=_D(3_000),
        spread_max_bps=_D(200),
        open_orders_max=50,
        duplicate_window_ms=1_000,
        extended_hours=True,
    ),
    asset_class={
        AssetClass.EQUITY: SymbolLimits(order_size_max=_D(10_000), position_size_max=_D(20_000)),
        AssetClass.FX: SymbolLimits(collar_bps=_D(100), passive_band_bps=_D(1_000), spread_max_bps=_D(50)),
        AssetClass.CRYPTO: SymbolLimits(
            collar_bps=_D(500), passive_band_bps=_D(5_000), spread_max_bps=_D(100)
        ),
        AssetClass.FUTURE: SymbolLimits(
            order_size_max=_D(10), position_size_max=_D(50), collar_bps=_D(200), passive_band_bps=_D(2_000)
        ),
    },
)
"""For a paper account of a million dollars and some thirty instruments."""


def overlay(base: SymbolLimits, over: SymbolLimits) -> SymbolLimits:
    """Return `base` with whatever `over` states."""
    stated = {key: value for key, value in msgspec.structs.asdict(over).items() if value is not None}
    return msgspec.structs.replace(base, **stated) if stated else base


def lay_over_built_in(limits: Limits) -> Limits:
    """Return the built-in limits with a file's sections laid over them key by key."""
    classes = dict(BUILT_IN.asset_class)
    for asset_class, stated in limits.asset_class.items():
        classes[asset_class] = overlay(classes.get(asset_class, _NOTHING), stated)
    return Limits(
        restricted=limits.restricted,
        account=limits.account,
        default=overlay(BUILT_IN.default, limits.default),
        asset_class=classes,
        symbol=limits.symbol,
        firm=limits.firm,
    )


def validate(limits: Limits) -> None:
    """Check what the types can't say.

    Raises:
        ConfigError: a limit is not finite or not positive, or a soft limit lies beyond its hard one.
    """
    _check_numbers("account", limits.account)
    _check_numbers("firm", limits.firm)
    _check_numbers("default", limits.default)
    for asset_class, stated in limits.asset_class.items():
        _check_numbers(f"asset_class.{asset_class}", stated)
    for symbol, stated in limits.symbol.items():
        _check_numbers(f"symbol.{symbol}", stated)
    account = limits.account
    if account.day_loss_soft_percent > account.day_loss_hard_percent:
        raise ConfigError(
            f"account.day_loss_soft_percent: expected at most the hard limit {account.day_loss_hard_percent}, "
            f"found {account.day_loss_soft_percent}"
        )


def _check_numbers(section: str, stated: Struct) -> None:
    for key, value in msgspec.structs.asdict(stated).items():
        if value is None or isinstance(value, bool):
            continue
        number = Decimal(value)
        if not number.is_finite() or number < 0 or (number == 0 and key not in _MAY_BE_OFF):
            raise ConfigError(f"{section}.{key}: expected a positive number, found {value}")
        if number > _NUMBER_MAX:
            raise ConfigError(f"{section}.{key}: expected at most {_NUMBER_MAX:,}, found {value}")


_MAY_BE_OFF = frozenset({"duplicate_window_ms", "var_max_percent"})
_NUMBER_MAX = 10**15
