"""Plain hands at the local Alpaca venue: requests, frames, and what the venue says it did."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
from websockets.sync.client import ClientConnection, connect

from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue

KEY, SECRET = next(iter(KEYS.items()))
Json = dict[str, Any]


class Hands:
    """Asks the venue by hand."""

    def __init__(self, venue: AlpacaVenue, client: httpx.Client) -> None:
        self.venue = venue
        self.client = client

    def do(self, what: Callable[[], object]) -> None:
        """Do something at the venue, and let what follows from it happen."""
        self.venue.do(what)
        self.venue.do(lambda: None)

    def quote(self, symbol: str, bid: str, ask: str, size: str = "100") -> None:
        """Let the others quote so."""
        self.do(lambda: self.venue.floor.quote(symbol, bid, ask, size, size))

    def get(self, path: str, **query: str) -> Any:
        """Return what a page says."""
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submit(self, **terms: object) -> Json:
        """Place an order that is taken; to buy ten shares of AAPL at the market, where nothing else is said."""
        answer = self.client.post("/v2/orders", json=order(**terms))
        assert answer.status_code == 200, answer.text
        self.do(lambda: None)
        taken: Json = answer.json()
        return taken

    def refusal(self, **terms: object) -> tuple[int, int | None, str]:
        """Place an order that is refused; return the status, the code and the message."""
        return refused(self.client.post("/v2/orders", json=order(**terms)))

    def order(self, order_id: str) -> Json:
        """Return an order as it is now, with its legs."""
        found: Json = self.get(f"/v2/orders/{order_id}", nested="true")
        return found

    def status(self, order_id: str) -> str:
        """Return the state of an order."""
        return str(self.order(order_id)["status"])

    def events(self, order_id: str) -> list[str]:
        """Return what the trade stream was told of an order, once what was asked has had its effect."""
        self.do(lambda: None)
        return [each["event"] for each in self.venue.floor.updates if each["order"]["id"] == order_id]

    def held(self, symbol: str = "AAPL") -> str | None:
        """Return how much is held."""
        found = [each["qty"] for each in self.get("/v2/positions") if each["symbol"] == symbol]
        return found[0] if found else None


def order(**terms: object) -> Json:
    """Return the request of an order."""
    usual = {"symbol": "AAPL", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}
    return {name: each for name, each in {**usual, **terms}.items() if each is not None}


def refused(answer: httpx.Response) -> tuple[int, int | None, str]:
    """Return the status, the code and the message of a refusal."""
    body = answer.json()
    return answer.status_code, body.get("code"), body["message"]


@contextmanager
def alpaca() -> Iterator[Hands]:
    """Run a venue whose markets have one quote each."""
    headers = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
    with (
        AlpacaVenue() as venue,
        httpx.Client(base_url=venue.trading_url, headers=headers, trust_env=False, timeout=30) as client,
    ):
        hands = Hands(venue, client)
        hands.quote("AAPL", "189.99", "190.01")
        hands.quote("SPY", "599.99", "600.01")
        hands.quote("BTC/USD", "60999.50", "61000.50", "2")
        yield hands


class Line:
    """One stream, by hand."""

    def __init__(self, connection: ClientConnection, *, packed: bool) -> None:
        self.connection = connection
        self._packed = packed

    def say(self, **request: object) -> None:
        """Send a request."""
        if self._packed:
            self.connection.send(msgspec.msgpack.encode(request))
        else:
            self.connection.send(json.dumps(request))

    def hear(self) -> Any:
        """Return the next frame, decoded."""
        frame = self.connection.recv(timeout=30)
        if isinstance(frame, bytes) and self._packed:
            return msgspec.msgpack.decode(frame)
        return json.loads(frame)


@contextmanager
def line(url: str, *, packed: bool = False) -> Iterator[Line]:
    """Connect to a stream."""
    headers = {"Content-Type": "application/msgpack"} if packed else {}
    with connect(url, additional_headers=headers, proxy=None, compression=None) as connection:
        yield Line(connection, packed=packed)


@contextmanager
def trade_line(venue: AlpacaVenue, *, packed: bool = False) -> Iterator[Line]:
    """Listen to trade updates."""
    with line(venue.trades_url, packed=packed) as each:
        each.say(action="authenticate", data={"key_id": KEY, "secret_key": SECRET})
        assert each.hear()["data"]["status"] == "authorized"
        each.say(action="listen", data={"streams": ["trade_updates"]})
        assert each.hear() == {"stream": "listening", "data": {"streams": ["trade_updates"]}}
        yield each


@contextmanager
def data_line(venue: AlpacaVenue, path: str = "/v2/iex", *, packed: bool = False) -> Iterator[Line]:
    """Log in to a market data stream."""
    with line(venue.stream_url + path, packed=packed) as each:
        assert each.hear() == [{"T": "success", "msg": "connected"}]
        each.say(action="auth", key=KEY, secret=SECRET)
        assert each.hear() == [{"T": "success", "msg": "authenticated"}]
        yield each
