"""coinbase-advanced-py takes the local venue for Coinbase: its stream, its reads, and tokens of its own making."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any, Self

import pytest
from coinbase.rest import RESTClient
from coinbase.websocket import WebsocketResponse, WSClient
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.venues.coinbase.stock import MIDS, PAIRS, ladder
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.walk import Walk
from tests.waiting import wait_until

PRODUCTS = ["BTC-USD", "ETH-USD"]
CHANNELS = ["level2", "market_trades", "ticker", "status", "heartbeats"]
NAME = "organizations/1/apiKeys/2"


@pytest.fixture
def venue() -> Iterator[CoinbaseVenue]:
    with CoinbaseVenue(PAIRS) as each:
        for pair in PAIRS:
            each.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], 40))
        yield each


def key_of(venue: CoinbaseVenue) -> str:
    """Return the text of a key that the venue knows from now on."""
    key = generate_private_key(SECP256R1())
    venue.floor.keys.known[NAME] = key.public_key()
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


class Follower:
    """The client, and what it understood."""

    def __init__(self, venue: CoinbaseVenue, secret: str | None = None) -> None:
        self.numbers: list[int] = []
        self.books: dict[str, dict[str, dict[str, str]]] = {}
        self.trades: list[str] = []
        self.tickers: list[str] = []
        self.statuses: dict[str, str] = {}
        self.beats: list[int] = []
        self.errors: list[str] = []
        self.client = WSClient(
            api_key=NAME if secret else None,
            api_secret=secret,
            base_url=venue.stream_url,
            on_message=self.hear,
            retry=False,
            timeout=10,
        )

    def __enter__(self) -> Self:
        self.client.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def hear(self, text: str) -> None:
        raw = json.loads(text)
        if raw.get("type") == "error":
            self.errors.append(raw["message"])
            return
        message = WebsocketResponse(raw)
        self.numbers.append(message.sequence_num)
        for event in message.events:
            self.take(message.channel, event)

    def take(self, channel: str, event: Any) -> None:
        if channel == "l2_data":
            if event.type == "snapshot":
                self.books[event.product_id] = {"bid": {}, "offer": {}}
            for update in event.updates:
                side = self.books[event.product_id][update.side]
                side[update.price_level] = update.new_quantity
                if not float(update.new_quantity):
                    del side[update.price_level]
        elif channel == "market_trades":
            self.trades += [each.trade_id for each in event.trades]
        elif channel == "ticker":
            self.tickers += [each.product_id for each in event.tickers]
        elif channel == "status":
            self.statuses |= {each.id: each.status for each in event.products}
        elif channel == "heartbeats":
            self.beats.append(event.heartbeat_counter)

    def has_books_of(self, venue: CoinbaseVenue) -> bool:
        """Tell whether its books are the venue's."""
        there = {
            name: {"bid": dict(book.bids.levels), "offer": dict(book.asks.levels)}
            for name, book in venue.floor.books.items()
            if name in PRODUCTS
        }
        return self.books == there


@pytest.mark.parametrize("signed", [False, True])
def test_its_stream_client_follows_books_prints_touches_and_halts(venue: CoinbaseVenue, signed: bool) -> None:
    with Follower(venue, key_of(venue) if signed else None) as follower:
        follower.client.subscribe(PRODUCTS, CHANNELS)
        walk, random = Walk(venue.floor, seed=5), Random(5)
        for _ in range(150):
            venue.do(walk.step)
        venue.do(lambda: venue.floor.trade("BTC-USD", "buy", "61000.01", f"0.{random.randint(1, 99)}"))
        wait_until(lambda: bool(follower.beats) and venue.do(lambda: follower.has_books_of(venue)))
        wait_until(lambda: len(follower.statuses) == len(PRODUCTS))
        last = venue.do(lambda: str(venue.floor.books["BTC-USD"].prints[-1].number))
        wait_until(lambda: last in follower.trades and "BTC-USD" in follower.tickers)
    assert follower.statuses == dict.fromkeys(PRODUCTS, "online")
    assert follower.numbers[0] == 0
    assert all(after == before + 1 for before, after in pairwise(follower.numbers))
    assert venue.floor.keys.taken == (len(CHANNELS) if signed else 0)


def test_a_message_that_is_missing_is_seen_in_its_numbers(venue: CoinbaseVenue) -> None:
    with Follower(venue) as follower:
        follower.client.subscribe(PRODUCTS, ["level2", "heartbeats"])
        wait_until(lambda: len(follower.books) == len(PRODUCTS))
        venue.floor.faults.skip = 1
        venue.do(lambda: venue.floor.change("BTC-USD", bids=[("61000.00", "1")]))
        venue.do(lambda: venue.floor.change("BTC-USD", bids=[("61000.00", "2")]))
        wait_until(lambda: any(after != before + 1 for before, after in pairwise(follower.numbers)))


def test_a_key_that_the_venue_does_not_know_is_refused(venue: CoinbaseVenue) -> None:
    secret = key_of(venue)
    venue.floor.keys.known.clear()
    with Follower(venue, secret) as follower:
        follower.client.subscribe(PRODUCTS, ["level2"])
        wait_until(lambda: bool(follower.errors))
    assert follower.errors == ["authentication failure"]
    assert follower.books == {}


class Plain(HTTPAdapter):
    """Sends without TLS what the client asks for with it."""

    def send(self, request: PreparedRequest, *more: Any, **terms: Any) -> Response:
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *more, **terms)


def reader(venue: CoinbaseVenue, secret: str | None) -> RESTClient:
    """Return its client for reads, aimed at the venue."""
    host = venue.api_url.removeprefix("http://")
    client = RESTClient(api_key=NAME if secret else None, api_secret=secret, base_url=host)
    client.session.mount("https://", Plain())
    client.session.trust_env = False
    return client


@pytest.mark.parametrize("signed", [False, True])
def test_its_reads_find_products_minutes_prints_and_the_time(venue: CoinbaseVenue, signed: bool) -> None:
    client = reader(venue, key_of(venue) if signed else None)
    venue.do(lambda: venue.floor.trade("BTC-USD", "sell", "60999.99", "0.5"))
    now_s = int(client.get_unix_time().epoch_seconds)
    ask = client.get_products if signed else client.get_public_products
    products = {each.product_id: each for each in ask(product_ids=PRODUCTS).products}
    assert (sorted(products), products["BTC-USD"].quote_increment) == (PRODUCTS, "0.01")
    minutes = client.get_candles if signed else client.get_public_candles
    span = {"start": str(now_s - 600), "end": str(now_s), "granularity": "ONE_MINUTE"}
    starts = sorted(int(each.start) for each in minutes("BTC-USD", **span).candles)
    assert starts == list(range(-(-(now_s - 600) // 60) * 60, now_s + 1, 60))
    prints = client.get_market_trades if signed else client.get_public_market_trades
    (made,) = prints("BTC-USD", limit=10).trades
    assert (made.price, made.size, made.side) == ("60999.99", "0.5", "BUY")
    assert venue.floor.keys.taken == (3 if signed else 0)


def test_it_reads_what_a_key_may_do(venue: CoinbaseVenue) -> None:
    may = reader(venue, key_of(venue)).get_api_key_permissions()
    assert (may.can_view, may.can_trade, may.can_transfer) == (True, False, False)
