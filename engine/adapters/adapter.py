"""What Touchline knows of a venue before any of its code is loaded: the same for its own and for those from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from msgspec import Struct

from engine.model.instrument import Symbol

if TYPE_CHECKING:
    from engine.clock import Clock
    from engine.config import Settings
    from engine.model.instrument import Instrument
    from engine.model.listing import Listing
    from engine.ports.broker import Broker
    from engine.ports.secrets import Credential
    from engine.ports.shared_quotes import OpenDesk
    from engine.ports.venue import LiveVenue
    from engine.transport.checking import Check

NAME = re.compile(r"[a-z][a-z0-9-]{0,23}")
"""What an adapter may be called."""

ReadCredential: TypeAlias = "Callable[[str], Credential | None]"
"""Returns the credential of a venue, None where there is none; raises SecretsError."""


class NameForm(NamedTuple):
    """What a venue's names of what it trades look like."""

    pattern: re.Pattern[str]
    example: str

    def read(self, text: str) -> Symbol | None:
        """Return a name as it was typed where it fits, else in capitals; None where neither does."""
        return next((Symbol(each) for each in (text, text.upper()) if self.pattern.fullmatch(each)), None)


class KeyUse(StrEnum):
    """What a key is needed for."""

    NOTHING = "nothing"
    MORE = "where one is kept"
    ORDERS = "orders"
    EVERYTHING = "everything"


class KeyForm(NamedTuple):
    """What a key is needed for, and what the venue calls its halves."""

    use: KeyUse = KeyUse.NOTHING
    key: str = "key"
    secret: str = "secret"  # noqa: S105  # what it is called


NO_KEY = KeyForm()


class NoSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a venue that has none."""


class Beginning(NamedTuple):
    """What a source is begun with."""

    settings: Any
    """Those of the venue, of the adapter's own type."""
    symbols: Sequence[Symbol]
    clock: Clock
    read_credential: Callable[[], Credential | None]
    """Returns the venue's credential, None where there is none; raises SecretsError."""
    takes_orders: bool
    """Whether orders go to this venue."""
    live: bool = False
    """Whether those are a live account's."""
    open_desk: OpenDesk | None = None
    """Opens what another desk shares; None where nothing is shared."""


class BrokerTerms(NamedTuple):
    """What a broker is made with."""

    settings: Any
    """Those of the venue, of the adapter's own type."""
    account: str
    """The desk's name of the account."""
    source: LiveVenue
    """The source that was begun before; what both need of the venue is its."""
    instruments: Mapping[Symbol, Instrument]
    """Those that are listed, looked up in place."""
    list_instrument: Callable[[Instrument], None]
    """Lists one that the source does not speak of, as of a position from before."""
    clock: Clock


class WayTerms(NamedTuple):
    """What the way to a venue is tried with, and its list is read with."""

    settings: Any
    clock: Clock
    read_credential: Callable[[], Credential | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One venue. Its functions import what they need when they are called: the descriptor itself costs nothing."""

    name: str
    """What it is called on the command line, in the settings and in the metrics."""
    label: str
    """Its name in a sentence."""
    names: NameForm
    begin: Callable[[Beginning], LiveVenue]
    """Returns the source, which dials nothing before it runs; raises ConfigError for what the venue can't give."""
    settings: type[Any] = NoSettings
    """What `[venues.NAME]` holds: a msgspec Struct or a dataclass with defaults."""
    key: KeyForm = NO_KEY
    make_broker: Callable[[BrokerTerms], Broker] | None = None
    """Makes who takes orders there; None where none are taken."""
    way: Callable[[WayTerms], tuple[Check, ...]] | None = None
    """Returns the steps of `touchline connect`; None where there are none."""
    listings: Callable[[WayTerms], Awaitable[Sequence[Listing]]] | None = None
    """Reads all that the venue lists; None where it can't be asked. Raises EngineError or OSError."""
    extra: str = ""
    """The extra of Touchline that it needs."""
    package: str = ""
    """The package that this brings, where it is called otherwise."""
    member: Callable[[str], Adapter] | None = None
    """Of a family of venues, `FAMILY:VENUE` on the command line: returns one of them; raises ConfigError."""
    members: str = "EXCHANGE"
    """How a sentence stands for one of them."""

    @property
    def section(self) -> str:
        """Where its settings are: those of a family are in one place."""
        return self.name.partition(":")[0]


def settings_for(adapter: Adapter, settings: Settings) -> Any:
    """Return the venue's own settings, checked by the adapter's type.

    Raises:
        ConfigError: a value is not what the adapter expects.
    """
    return settings.venues.of(adapter.section, adapter.settings)
