"""One connection to a market data stream: `/v2/iex`, `/v2/sip`, `/v2/test` or `/v1beta3/crypto/us`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.server import ServerConnection

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.outbox import Outbox
from tests.venues.alpaca.texts import packed_stamp, stamp

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

STOCKS = (
    "trades",
    "quotes",
    "bars",
    "updatedBars",
    "dailyBars",
    "statuses",
    "lulds",
    "corrections",
    "cancelErrors",
)
CRYPTO = ("trades", "quotes", "orderbooks", "bars", "updatedBars", "dailyBars")
PATHS = {"/v2/iex": STOCKS, "/v2/sip": STOCKS, "/v2/test": STOCKS, "/v1beta3/crypto/us": CRYPTO}
COUNTED = ("trades", "quotes")
"""What the plan's number of channels is about."""
WITH_TRADES = ("corrections", "cancelErrors")
"""What comes by itself with trades."""
ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    409: "insufficient subscription",
    410: "invalid subscribe action for this feed",
    500: "internal error",
}


class DataSession(Outbox):
    """Sends frames that hold arrays: JSON as text, or MessagePack where the handshake asked for that."""

    kind = "data"

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        super().__init__(floor, connection)
        self.key = ""
        """Whose it is, once it logged in."""
        self._is_crypto = "crypto" in self.path
        self.channels: dict[str, list[str]] = {name: [] for name in PATHS[self.path]}

    def wants(self, channel: str, asset: Asset) -> bool:
        """Whether it subscribed this."""
        if asset.is_crypto != self._is_crypto or channel not in self.channels:
            return False
        named = self.channels["trades" if channel in WITH_TRADES else channel]
        return asset.symbol in named or "*" in named

    def tell(self, *messages: dict[str, Any]) -> None:
        """Send messages in one frame; their times are in nanoseconds."""
        if self.is_packed:
            packed = [{**each, "t": packed_stamp(each["t"])} if "t" in each else each for each in messages]
            self.push(msgspec.msgpack.encode(packed))
        else:
            told = [{**each, "t": stamp(each["t"])} if "t" in each else each for each in messages]
            self.push(json.dumps(told))

    def error(self, code: int) -> None:
        """Say what is wrong."""
        self.tell({"T": "error", "code": code, "msg": ERRORS[code]})

    async def read(self) -> None:
        """Answer requests until it ends."""
        self.tell({"T": "success", "msg": "connected"})
        if "APCA-API-KEY-ID" in self.headers:
            key, secret = self.headers["APCA-API-KEY-ID"], self.headers.get("APCA-API-SECRET-KEY")
            self._log_in(key, secret)
        hangs_up = asyncio.get_running_loop().call_later(self.floor.login_s, self._give_up)
        try:
            async for frame in self.connection:
                self._hear(frame)
        finally:
            hangs_up.cancel()

    def _give_up(self) -> None:
        if not self.key:
            self.error(404)
            self.floor.later(0.05, self.connection.transport.abort)

    def _hear(self, frame: str | bytes) -> None:
        try:
            request = self.decode(frame)
        except (ValueError, msgspec.DecodeError):
            request = None
        if not isinstance(request, dict) or not isinstance(request.get("action"), str):
            self.error(400)
        elif request["action"] == "auth":
            self._log_in(request.get("key"), request.get("secret"))
        elif request["action"] in {"subscribe", "unsubscribe"}:
            self._subscribe(request)
        else:
            self.error(400)

    def _log_in(self, key: Any, secret: Any) -> None:
        most, others = self.floor.connections_max, self.floor.data_sessions - {self}
        if self.key:
            self.error(403)
        elif not self.floor.is_key(key, secret):
            self.error(402)
        elif most and sum(each.key == key and each.path == self.path for each in others) >= most:
            self.error(406)
        elif self.path == "/v2/sip" and not self.floor.has_sip:
            self.error(409)
        else:
            self.key = key
            self.tell({"T": "success", "msg": "authenticated"})

    def _subscribe(self, request: dict[str, Any]) -> None:
        if not self.key:
            self.error(401)
            return
        asked = {name: request[name] for name in request if name != "action"}
        if not all(isinstance(symbols, list) for symbols in asked.values()):
            self.error(400)
            return
        if not all(name in self.channels for name in asked):
            self.error(410)
            return
        adds = request["action"] == "subscribe"
        wanted = {name: list(symbols) for name, symbols in self.channels.items()}
        for name, symbols in asked.items():
            rest = [each for each in wanted[name] if each not in symbols]
            wanted[name] = rest + list(dict.fromkeys(symbols)) if adds else rest
        most = self.floor.channels_max
        if most and not self._is_crypto and sum(len(wanted[name]) for name in COUNTED) > most:
            self.error(405)
            return
        before, self.channels = self.channels, wanted
        listed = {name: symbols for name, symbols in wanted.items() if name not in WITH_TRADES}
        with_trades = {name: wanted["trades"] for name in WITH_TRADES if name in wanted}
        self.tell({"T": "subscription", **listed, **with_trades})
        self.floor.tape.greet(self, set(wanted.get("orderbooks", ())) - set(before.get("orderbooks", ())))
