"""The venues that Touchline brings along."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.adapters.adapter import (
    Adapter,
    Beginning,
    BrokerTerms,
    KeyForm,
    KeyUse,
    NameForm,
    WayTerms,
)
from engine.adapters.ccxt.descriptor import CCXT
from engine.adapters.desks.descriptor import DESK
from engine.adapters.ib.descriptor import IB
from engine.errors import ConfigError
from engine.settings.venues import AlpacaSettings, BinanceSettings, CoinbaseSettings, KrakenSettings

if TYPE_CHECKING:
    from engine.model.listing import Listing
    from engine.ports.broker import Broker
    from engine.ports.secrets import Credential
    from engine.ports.venue import LiveVenue
    from engine.transport.checking import Check


def _alpaca(terms: Beginning) -> LiveVenue:
    from engine.adapters.alpaca.enquiry import check_hosts, refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.alpaca.market_data import AlpacaSource  # noqa: PLC0415

    if terms.takes_orders:
        check_hosts(terms.settings, live=terms.live)
    credential = _needed("alpaca", "Alpaca", terms)
    refuse_unknown(terms.settings, credential, terms.symbols)
    return AlpacaSource(terms.settings, credential, terms.symbols, terms.clock)


def _alpaca_broker(terms: BrokerTerms) -> Broker:
    from engine.adapters.alpaca.market_data import AlpacaSource  # noqa: PLC0415  # only what is used

    assert isinstance(terms.source, AlpacaSource)
    broker = terms.source.make_broker(terms.account, terms.instruments)
    broker.listings.listed = terms.list_instrument
    return broker


def _alpaca_way(terms: WayTerms) -> tuple[Check, ...]:
    from engine.adapters.alpaca.way import way  # noqa: PLC0415  # only what is used

    return way(*terms)


async def _alpaca_listings(terms: WayTerms) -> Sequence[Listing]:
    from engine.adapters.alpaca.catalogue import listings  # noqa: PLC0415  # only what is used

    credential = await asyncio.to_thread(terms.read_credential)
    if credential is None:
        raise ConfigError("it wants a key: touchline credentials add alpaca")
    return await listings(terms.settings, credential, terms.clock)


def _binance(terms: Beginning) -> LiveVenue:
    from engine.adapters.binance.enquiry import check_hosts, refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.binance.market_data import BinanceSource  # noqa: PLC0415

    credential = None
    if terms.takes_orders:
        check_hosts(terms.settings, live=terms.live)
        credential = _needed("binance", "Binance", terms)
    refuse_unknown(terms.settings, terms.symbols, terms.clock)
    return BinanceSource(terms.settings, terms.symbols, terms.clock, credential=credential)


def _binance_broker(terms: BrokerTerms) -> Broker:
    from engine.adapters.binance.market_data import BinanceSource  # noqa: PLC0415  # only what is used

    assert isinstance(terms.source, BinanceSource)
    broker = terms.source.make_broker(terms.account, terms.instruments)
    broker.pairs.listed = terms.list_instrument
    return broker


def _binance_way(terms: WayTerms) -> tuple[Check, ...]:
    from engine.adapters.binance.way import way  # noqa: PLC0415  # only what is used

    return way(*terms)


async def _binance_listings(terms: WayTerms) -> Sequence[Listing]:
    from engine.adapters.binance.catalogue import listings  # noqa: PLC0415  # only what is used

    return await listings(terms.settings, terms.clock)


def _coinbase(terms: Beginning) -> LiveVenue:
    from engine.adapters.coinbase.opening import open_coinbase  # noqa: PLC0415  # only what is used

    return open_coinbase(terms.settings, terms.symbols, terms.clock, terms.read_credential)


async def _coinbase_listings(terms: WayTerms) -> Sequence[Listing]:
    from engine.adapters.coinbase.catalogue import listings  # noqa: PLC0415  # only what is used

    return await listings(terms.settings, terms.clock)


def _coinbase_way(terms: WayTerms) -> tuple[Check, ...]:
    from engine.adapters.coinbase.way import way  # noqa: PLC0415  # only what is used

    return way(*terms)


def _kraken(terms: Beginning) -> LiveVenue:
    from engine.adapters.kraken.enquiry import refuse_unknown  # noqa: PLC0415  # only what is used
    from engine.adapters.kraken.market_data import KrakenSource  # noqa: PLC0415

    refuse_unknown(terms.settings, terms.symbols)
    return KrakenSource(terms.settings, terms.symbols, terms.clock)


def _kraken_way(terms: WayTerms) -> tuple[Check, ...]:
    from engine.adapters.kraken.way import way  # noqa: PLC0415  # only what is used

    return way(terms.settings, terms.clock)


async def _kraken_listings(terms: WayTerms) -> Sequence[Listing]:
    from engine.adapters.kraken.catalogue import listings  # noqa: PLC0415  # only what is used

    return await listings(terms.settings)


def _needed(venue: str, label: str, terms: Beginning) -> Credential:
    credential = terms.read_credential()
    if credential is None:
        raise ConfigError(f"there is no key for {label}: keep one with touchline credentials add {venue}")
    return credential


ADAPTERS = (
    Adapter(
        name="alpaca",
        label="Alpaca",
        names=NameForm(re.compile(r"[A-Z0-9][A-Z0-9.]{0,15}(/[A-Z0-9]{1,15})?"), "AAPL"),
        settings=AlpacaSettings,
        key=KeyForm(KeyUse.EVERYTHING),
        begin=_alpaca,
        make_broker=_alpaca_broker,
        way=_alpaca_way,
        listings=_alpaca_listings,
    ),
    Adapter(
        name="binance",
        label="Binance",
        names=NameForm(re.compile(r"[A-Z0-9_.-]{2,20}"), "BTCUSDT"),
        settings=BinanceSettings,
        key=KeyForm(KeyUse.ORDERS),
        begin=_binance,
        make_broker=_binance_broker,
        way=_binance_way,
        listings=_binance_listings,
    ),
    Adapter(
        name="coinbase",
        label="Coinbase",
        names=NameForm(re.compile(r"[A-Z0-9.]{1,16}-[A-Z0-9]{1,16}"), "BTC-USD"),
        settings=CoinbaseSettings,
        key=KeyForm(KeyUse.MORE),
        begin=_coinbase,
        listings=_coinbase_listings,
        way=_coinbase_way,
    ),
    Adapter(
        name="kraken",
        label="Kraken",
        names=NameForm(re.compile(r"[A-Z0-9][A-Z0-9._:-]{0,15}/[A-Z0-9][A-Z0-9._:-]{0,15}"), "BTC/USD"),
        settings=KrakenSettings,
        begin=_kraken,
        way=_kraken_way,
        listings=_kraken_listings,
    ),
    CCXT,
    IB,
    DESK,
)
OURS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in ADAPTERS}
"""By name; nobody else's may have one of these."""
