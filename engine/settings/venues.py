"""Where the venues are, and what each is told: the tables under `[venues]`."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from engine.errors import ConfigError

T = TypeVar("T")


class KrakenSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Kraken's public market data; any server that speaks its protocol can stand in."""

    stream_url: str = "wss://ws.kraken.com/v2"
    rest_url: str = "https://api.kraken.com"
    depth: Literal[10, 25, 100, 500, 1000] = 100
    """Levels of each side of the book."""


class BinanceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Binance's spot market and an account there; any server that speaks its protocols can stand in."""

    stream_url: str = "wss://stream.binance.com:9443"
    api_url: str = "https://api.binance.com"
    orders_url: str = "https://testnet.binance.vision"
    user_url: str = "wss://ws-api.testnet.binance.vision/ws-api/v3"
    account: str = ""
    """The number (`uid`) of the account that the key must belong to; empty takes any."""


class AlpacaSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Alpaca's account and market data; any server that speaks its protocols can stand in."""

    trading_url: str = "https://paper-api.alpaca.markets"
    data_url: str = "https://data.alpaca.markets"
    stream_url: str = "wss://stream.data.alpaca.markets"
    trades_url: str = "wss://paper-api.alpaca.markets/stream"
    account: str = ""
    """The number of the account that the key must belong to; empty takes any."""
    feed: Literal["iex", "sip"] = "iex"
    """Whose prices of shares: IEX alone, or all exchanges, for which Alpaca wants a subscription."""


class CoinbaseSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Coinbase's market data, Advanced Trade; any server that speaks its protocol can stand in."""

    stream_url: str = "wss://advanced-trade-ws.coinbase.com"
    api_url: str = "https://api.coinbase.com"


class CcxtSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Exchanges that are followed by ccxt, where that extra is installed."""

    depth: int = 50
    """Levels of each side of the book that are taken."""
    silence_s: float = 60.0
    """How long nothing at all may come before the connection is given up; ccxt passes on no heartbeats."""
    exchanges: dict[str, dict[str, Any]] = {}
    """What ccxt is told of an exchange besides: addresses, options; never a key."""


class IbSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Interactive Brokers, through a TWS or an IB Gateway of this machine, where that extra is installed."""

    host: str = "127.0.0.1"
    port: int = 4002
    """Where it listens: 4002 is IB Gateway's on paper, 4001 live; 7497 and 7496 are those of TWS."""
    client_id: int = 71
    """The number of the connection for orders, which are ours by it; market data has the next one."""
    account: str = ""
    """The number of the account; empty takes the only one that there is."""


class DeskFeedSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The market of another desk, as it shares that over Redis."""

    silence_s: float = 3.0
    """How long it may say nothing, which it does once a second at least, until its quotes are not believed any more."""


class VenuesSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the venues are."""

    kraken: KrakenSettings = KrakenSettings()
    binance: BinanceSettings = BinanceSettings()
    alpaca: AlpacaSettings = AlpacaSettings()
    coinbase: CoinbaseSettings = CoinbaseSettings()
    ccxt: CcxtSettings = CcxtSettings()
    ib: IbSettings = IbSettings()
    desk: DeskFeedSettings = DeskFeedSettings()
    others: dict[str, dict[str, Any]] = {}
    """The tables of adapters from elsewhere, as they are written: each is checked by its adapter once that is loaded."""

    def of(self, name: str, to: type[T]) -> T:
        """Return the settings of a venue.

        Raises:
            ConfigError: those of an adapter from elsewhere are not what it expects.
        """
        ours = getattr(self, name, None)
        if isinstance(ours, to):
            return ours
        try:
            return msgspec.convert(self.others.get(name, {}), to, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"venues.{name}: {error}") from error


OUR_VENUES = frozenset(VenuesSettings.__struct_fields__) - {"others"}
"""Those whose tables are checked with the rest of the settings."""
