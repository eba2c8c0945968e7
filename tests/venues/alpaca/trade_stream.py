"""One connection to `trade_updates`: what it may hear, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.server import ServerConnection

from tests.venues.alpaca.outbox import Outbox

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor


class TradeSession(Outbox):
    """Sends binary frames that hold JSON, or MessagePack where the handshake asked for that."""

    kind = "trades"

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        super().__init__(floor, connection)
        self._authorized = False
        self._streams: list[str] = []
        self._held: dict[str, Any] | None = None

    @property
    def listens(self) -> bool:
        """Whether it wants to hear of trades."""
        return "trade_updates" in self._streams

    def tell(self, update: dict[str, Any]) -> None:
        """Pass an update on, as often and in the order that the faults say."""
        if not self.listens:
            return
        faults = self.floor.faults
        if faults.reorder_updates and self._held is None:
            self._held = update
            return
        held, self._held = self._held, None
        for each in (update, held) if held is not None else (update,):
            for _ in range(2 if faults.duplicate_updates else 1):
                self._say("trade_updates", each)

    def _say(self, stream: str, data: dict[str, Any]) -> None:
        message = {"stream": stream, "data": data}
        self.push(msgspec.msgpack.encode(message) if self.is_packed else json.dumps(message).encode())

    async def read(self) -> None:
        """Answer requests until it ends."""
        hangs_up = asyncio.get_running_loop().call_later(self.floor.login_s, self._hang_up)
        try:
            async for frame in self.connection:
                self._answer(self.decode(frame))
        finally:
            hangs_up.cancel()

    def _hang_up(self) -> None:
        if not self._authorized:
            self.connection.transport.abort()

    def _answer(self, request: dict[str, Any]) -> None:
        action, data = request.get("action"), request.get("data") or {}
        if action in {"authenticate", "auth"}:
            key = (data or request).get("key_id", request.get("key"))
            secret = (data or request).get("secret_key", request.get("secret"))
            self._authorized = self.floor.is_key(key, secret)
            status = "authorized" if self._authorized else "unauthorized"
            self._say("authorization", {"status": status, "action": "authenticate"})
        elif action == "listen" and self._authorized:
            self._streams = [each for each in data.get("streams", []) if each == "trade_updates"]
            self._say("listening", {"streams": self._streams})
        elif action == "listen":
            self._say("authorization", {"status": "unauthorized", "action": "listen"})
        else:
            self._say("listening", {"error": "unknown action"})
