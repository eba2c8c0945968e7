"""Interactive Brokers, reached through TWS or IB Gateway: there where the extra is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.adapters.adapter import Adapter, Beginning, BrokerTerms, NameForm, WayTerms
from engine.settings.venues import IbSettings

if TYPE_CHECKING:
    from engine.ports.broker import Broker
    from engine.ports.venue import LiveVenue
    from engine.transport.checking import Check


def _begin(terms: Beginning) -> LiveVenue:
    from engine.adapters.ib.opening import open_ib  # noqa: PLC0415  # only what is used

    return open_ib(terms)


def _broker(terms: BrokerTerms) -> Broker:
    from engine.adapters.ib.market_data import IbSource  # noqa: PLC0415  # only what is used

    assert isinstance(terms.source, IbSource)
    broker = terms.source.make_broker(terms.account, terms.instruments)
    broker.contracts.listed = terms.list_instrument
    return broker


def _way(terms: WayTerms) -> tuple[Check, ...]:
    from engine.adapters.ib.way import way  # noqa: PLC0415  # only what is used

    return way(terms.settings, terms.clock)


IB = Adapter(
    name="ib",
    label="Interactive Brokers",
    names=NameForm(re.compile(r"[A-Z0-9][A-Z0-9.]{0,14}(@[A-Z0-9.]{2,12})?"), "AAPL"),
    settings=IbSettings,
    extra="ib",
    package="ib_async",
    begin=_begin,
    make_broker=_broker,
    way=_way,
)
