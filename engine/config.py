"""Settings: read once at start, checked by type, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from engine.entry_points import adapters_elsewhere
from engine.errors import ConfigError
from engine.production import refuse_debugging
from engine.settings.alerts import AlertSettings
from engine.settings.gateway import GatewaySettings
from engine.settings.redis import RedisSettings
from engine.settings.retention import RetentionSettings
from engine.settings.signals import ModelsSettings, SignalSettings
from engine.settings.traces import TracesSettings
from engine.settings.venues import OUR_VENUES, VenuesSettings
from engine.stray_secrets import refuse_in_environment, refuse_in_file
from engine.toml_files import convert_toml, read_toml


def _dollar_pegs() -> dict[str, Decimal]:
    return dict.fromkeys(("USD", "USDT", "USDC"), Decimal(1))


class AccountSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The account that orders are for."""

    name: str = "PAPER-1"
    base_currency: str = "USD"
    cash: Decimal = Decimal(1_000_000)
    leverage_max: Decimal = Decimal(2)
    """Buying power is equity times this, less what is used."""
    pegs: dict[str, Decimal] = field(default_factory=_dollar_pegs)
    """What a unit of a currency is taken to be worth, in dollars, where no quoted pair says so; used when the
    base currency is one of them."""
    calendar: str = ""
    """Whose trading day is the account's: 24/7, FX, or an exchange such as XNYS. Empty is XNYS on the simulated
    market and 24/7 in a replay."""
    live: bool = False
    """Whether orders cost real money: then they go to the venue's live account, once it is armed by its name."""


class PaperSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the paper broker assumes; it states these on the desk and in `docs/configuration.md`."""

    latency_ms: float = 2.0
    """One way, from us to the simulated venue and back again."""
    maker_fee_bps: Decimal = Decimal(0)
    taker_fee_bps: Decimal = Decimal("0.5")
    slippage_ticks: int = 0
    """Added against every market order, on top of walking the book."""
    queue_share: float = 1.0
    """How much of the size at a price is ahead of a new order there: 1 is last in the queue."""


class FilterSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which quality filters are on for a source; each refusal is counted under the filter's name."""

    crossed: bool = True
    locked: bool = False
    """Locked quotes are legal in many markets: counted as seen, refused only by choice."""
    outlier: bool = True
    stale: bool = True
    out_of_order: bool = True
    duplicate: bool = True
    size: bool = True
    sequence: bool = True
    outlier_band: float = 12.0
    """Robust deviations from the recent median beyond which a price is refused."""
    outlier_floor_bps: float = 100.0
    """Distance from the recent median that is always believed, however calm the market was."""
    size_max: float = 1e12
    """Shares, coins or contracts beyond which a size is absurd."""
    stale_after_s: float = 5.0
    """Age at which a quote is stale on the desk and for the gate; 0 for never."""
    late_after_s: float = 30.0
    """How far behind the newest receive time a quote's own time may lag, clock skew removed."""


class FailoverSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """When another source speaks for a symbol that has several."""

    back_after_s: float = 30.0
    """How long a source must be well again before it takes its symbols back."""
    divergence_bps: float = 50.0
    """By how much the middles of two sources may differ before the price is doubted; 0 for any."""


class MarketSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Filters for every source, and per source where it differs."""

    filters: FilterSettings = FilterSettings()
    sources: dict[str, FilterSettings] = {}
    failover: FailoverSettings = FailoverSettings()

    def filters_of(self, source: str) -> FilterSettings:
        """Return the filters of one source."""
        return self.sources.get(source, self.filters)


class BrokerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes the orders, and how long an answer may take."""

    kind: str = "paper"
    """`bridge` is a gateway in another process; `docs/bridge.md` is what it speaks. The name of a venue that takes
    orders is the account there, which goes with the market data of the same venue."""
    address: str = ""
    """Of a bridge: `unix:/path` or `tcp:127.0.0.1:9800`."""
    ack_timeout_s: float = 10.0
    """Silence about an order after which its fate is unknown."""
    compare_every_s: float = 30.0
    """How often our book and the broker's are compared."""
    visible_s: float = 2.0
    """How long the broker may take to show an order that it was sent."""


class JournalSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The record of everything; on a replay it is always `process`."""

    durability: Literal["strict", "process"] = "strict"
    """`strict`: an order leaves when its record would survive a loss of power. `process`: when it would survive
    a killed program."""
    segment_mb: int = 4
    """Size of one file of the journal; the room is taken before it is needed."""
    snapshot_every: int = 100_000
    """Records after which the state is written whole, so that a start stays short."""
    encrypt: bool = False
    """Whether its records and snapshots are sealed with the key of backups."""


class SafetySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is done when nobody can see or reach the orders."""

    dead_man_s: float = 0.0
    """Cancel working orders when the screen or the broker has been gone for so long; 0 for never."""
    dead_man_keeps_stops: bool = True
    """Whether it leaves those stops that can only make a position smaller."""
    end_within_s: float = 30.0
    """How long an end that nobody is there to see waits for what is asked of the broker."""


class BackupSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where backups go, and how many are kept."""

    folder: str = ""
    """Empty: `backups` in the data folder, which a lost disk takes along."""
    key_file: str = ""
    """A file that keeps the keys, not encrypted; empty: the vault."""
    keep: int = 4
    """How many bases are kept, each with its increments."""
    base_days: int = 7
    """How old a base is when the next one is due."""


class VaultSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where secrets are kept, but for those that have a key file of their own."""

    file: str = ""
    """An encrypted file that keeps them; empty: the keyring of the session."""
    passphrase_descriptor: int = 0
    """The open file from which its passphrase is read; 0: it is asked for at the terminal."""


class CredentialSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the credentials of venues are kept."""

    key_file: str = ""
    """A file that keeps them, not encrypted; empty: the vault."""


class MetricsSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The Prometheus exporter."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = 9464
    """0 picks a free port; the health pane says which."""


class DeskSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the desk looks and guards the hands."""

    theme: str = "dark"
    zone: str = ""
    """In which zone times are shown, as "America/New_York"; empty: New York for the simulation, else UTC."""
    frames_per_s: int = 30
    disarm_after_min: int = 15
    """Minutes without a key after which the order line no longer sends; 0 for never."""
    lock_after_min: int = 15
    """Minutes without a key after which a desk that somebody signed in at is locked; 0 for never."""
    send_guard_ms: int = 250
    """A second Enter within this time of the first does not send."""
    price_tolerance_bps: float = 25.0
    """How far the market may move between staging and sending."""
    notify: Literal["off", "osc9", "osc777"] = "off"
    """Whether alerts are handed to the terminal for a notification of the desktop, and by which of its sequences."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `config.toml`."""

    account: AccountSettings = AccountSettings()
    paper: PaperSettings = PaperSettings()
    market: MarketSettings = MarketSettings()
    broker: BrokerSettings = BrokerSettings()
    journal: JournalSettings = JournalSettings()
    safety: SafetySettings = SafetySettings()
    backup: BackupSettings = BackupSettings()
    retention: RetentionSettings = RetentionSettings()
    vault: VaultSettings = VaultSettings()
    credentials: CredentialSettings = CredentialSettings()
    redis: RedisSettings = RedisSettings()
    gateway: GatewaySettings = GatewaySettings()
    metrics: MetricsSettings = MetricsSettings()
    traces: TracesSettings = TracesSettings()
    alerts: AlertSettings = AlertSettings()
    desk: DeskSettings = DeskSettings()
    models: ModelsSettings = ModelsSettings()
    signals: tuple[SignalSettings, ...] = ()
    venues: VenuesSettings = VenuesSettings()


def load_settings(path: Path | None) -> Settings:
    """Read settings from a TOML file; without one, return the defaults.

    Raises:
        ConfigError: the file can't be read, a value is not what its setting expects, a secret is where none may be, or
            production is to be debugged.
    """
    refuse_in_environment()
    refuse_debugging()
    if path is None or not path.exists():
        return Settings()
    values = read_toml(path)
    refuse_in_file(values, path)
    return settings_of(values, path)


def settings_of(values: dict[str, Any], path: Path) -> Settings:
    """Return the settings that the values of a file are.

    Raises:
        ConfigError: a value is not what its setting expects.
    """
    settings = convert_toml(_with_others_apart(values), Settings, path)
    for setting, name in _names_from_elsewhere(settings):
        if name.partition(":")[0] not in adapters_elsewhere():
            raise ConfigError(f"{path}: {setting}: there is no venue of the name {name[:32]!r} here")
    return settings


def _with_others_apart(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a file says, with the tables of venues that are none of ours under one name."""
    venues = values.get("venues")
    if not isinstance(venues, dict):
        return values
    others = {name: table for name, table in venues.items() if name not in OUR_VENUES}
    ours = {name: table for name, table in venues.items() if name in OUR_VENUES}
    return {**values, "venues": {**ours, "others": others}}


def _names_from_elsewhere(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each setting that names a venue which is none of ours, and the name."""
    yield from (("venues", name) for name in settings.venues.others)
    if settings.broker.kind not in {"bridge", "paper", *OUR_VENUES}:
        yield "broker.kind", settings.broker.kind
