"""What each broker takes, once: its own refusals, the gate, the order line and the page about venues come from here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.model.abilities import Abilities, BrokerAbilities
from engine.model.instrument import AssetClass
from engine.model.order_request import OrderType, TimeInForce

_DAY, _GTC, _IOC, _FOK = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
_RESTING: Final = frozenset({_DAY, _GTC})
_STOPS: Final = {
    OrderType.STOP: _RESTING,
    OrderType.STOP_LIMIT: _RESTING,
    OrderType.TRAILING: _RESTING,
}
_ALL_TYPES: Final = {
    OrderType.MARKET: frozenset({_DAY, _IOC, _FOK}),
    OrderType.LIMIT: frozenset(TimeInForce),
    **_STOPS,
}

EVERYTHING: Final = BrokerAbilities(usual=Abilities(types=_ALL_TYPES))
"""Of the paper broker, and of a gateway, which answers for itself."""

_ALPACA: Final = BrokerAbilities(
    usual=Abilities(broker="Alpaca", types=_ALL_TYPES, post_only=False, parts=False),
    special={
        AssetClass.CRYPTO: Abilities(
            broker="Alpaca",
            things="coins",
            types={
                OrderType.MARKET: frozenset({_DAY, _IOC}),
                OrderType.LIMIT: frozenset({_GTC, _IOC}),
                OrderType.STOP_LIMIT: frozenset({_GTC}),
            },
            instead={OrderType.STOP: "use a stop-limit", OrderType.TRAILING: "use a stop-limit"},
            post_only=False,
            short=False,
        )
    },
)
_BINANCE: Final = BrokerAbilities(
    usual=Abilities(
        broker="Binance",
        types={
            OrderType.MARKET: frozenset({_DAY, _IOC}),
            OrderType.LIMIT: frozenset({_GTC, _IOC, _FOK}),
            OrderType.STOP: frozenset({_GTC}),
            OrderType.STOP_LIMIT: frozenset({_GTC}),
        },
        instead={OrderType.TRAILING: "use a stop"},
        new_price=False,
        larger=False,
        short=False,
    )
)

_IB: Final = BrokerAbilities(
    usual=Abilities(
        broker="Interactive Brokers",
        types={
            OrderType.MARKET: frozenset({_DAY, _IOC}),
            OrderType.LIMIT: frozenset(TimeInForce),
            **_STOPS,
        },
        post_only=False,
        parts=False,
    )
)

ABILITIES: Final[Mapping[str, BrokerAbilities]] = MappingProxyType(
    {"alpaca": _ALPACA, "binance": _BINANCE, "bridge": EVERYTHING, "ib": _IB, "paper": EVERYTHING}
)
"""By the name that the settings give the broker."""


def abilities_of(kind: str) -> BrokerAbilities:
    """Return what a broker takes; one from elsewhere answers for itself, as a gateway does."""
    return ABILITIES.get(kind, EVERYTHING)
