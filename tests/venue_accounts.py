"""Settings of an account at a local venue, as a person would write them, and the key that goes with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.config import (
    AccountSettings,
    BrokerSettings,
    CredentialSettings,
    FilterSettings,
    MarketSettings,
    MetricsSettings,
    Settings,
)
from engine.credentials import Credentials
from engine.folders import Folders
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings, BinanceSettings, IbSettings, VenuesSettings
from tests import alpaca_bench, binance_broker_bench
from tests.venues.alpaca.venue import AlpacaVenue
from tests.venues.binance.venue import BinanceVenue
from tests.venues.ib.venue import IbVenue

DOLLARS = AccountSettings(cash=Decimal(100_000))
TETHER = AccountSettings(cash=Decimal(100_000), base_currency="USDT")


def folders_in(root: Any) -> Folders:
    """Return a desk's folders below one."""
    return Folders(*(root / name for name in ("config", "data", "cache", "logs")))


def at_alpaca(
    venue: AlpacaVenue,
    folders: Folders,
    kind: Any = "alpaca",
    account: AccountSettings = DOLLARS,
    account_number: str = "",
    **there: str,
) -> Settings:
    """Return the settings of an account there, or of another broker on its market data; `there` are other addresses."""
    urls: dict[str, Any] = {
        name: getattr(venue, name) for name in ("trading_url", "data_url", "stream_url", "trades_url")
    }
    venues = VenuesSettings(alpaca=AlpacaSettings(**(urls | {"account": account_number} | there)))
    return _kept("alpaca", alpaca_bench.CREDENTIAL, folders, _settings(folders, kind, account, venues))


def at_binance(
    venue: BinanceVenue,
    folders: Folders,
    kind: Any = "binance",
    account: AccountSettings = TETHER,
    **there: str,
) -> Settings:
    """Return the settings of an account there, or of another broker on its market data; `there` are other addresses."""
    urls = {name: getattr(venue, name) for name in ("stream_url", "api_url", "orders_url", "user_url")}
    venues = VenuesSettings(binance=BinanceSettings(**(urls | there)))
    return _kept(
        "binance", binance_broker_bench.CREDENTIAL, folders, _settings(folders, kind, account, venues)
    )


def at_ib(venue: IbVenue, folders: Folders, account: AccountSettings = DOLLARS, number: str = "") -> Settings:
    """Return the settings of the account that a gateway is logged in to."""
    venues = VenuesSettings(ib=IbSettings(port=venue.port, account=number))
    folders.data.parent.mkdir(parents=True, exist_ok=True)
    return _settings(folders, "ib", account, venues)


def _settings(folders: Folders, kind: Any, account: AccountSettings, venues: VenuesSettings) -> Settings:
    return Settings(
        account=account,
        broker=BrokerSettings(kind=kind, compare_every_s=0.5, visible_s=0.5),
        credentials=CredentialSettings(key_file=str(folders.data.parent / "keys")),
        market=MarketSettings(FilterSettings(stale_after_s=0)),
        metrics=MetricsSettings(enabled=False),
        venues=venues,
    )


def _kept(name: str, credential: Credential, folders: Folders, settings: Settings) -> Settings:
    folders.data.parent.mkdir(parents=True, exist_ok=True)
    Credentials(settings).keep(name, credential)
    return settings
