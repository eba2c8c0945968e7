"""One connection to the WebSocket API: requests that are answered, and the account's events once they are subscribed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.venues.binance.keys import verified_parameters
from tests.venues.binance.refused import Refused

if TYPE_CHECKING:
    from tests.venues.binance.floor import Floor

OUTBOX_MAX = 100_000


class UserSession:
    """Answers requests, and passes on what happens to the account."""

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        self.floor = floor
        self.connection = connection
        self._outbox: asyncio.Queue[str] = asyncio.Queue(OUTBOX_MAX)

    def tell(self, event: dict[str, Any]) -> None:
        """Send an event after those that wait."""
        self._push({"subscriptionId": 0, "event": event})

    def say(self, frame: str) -> None:
        """Send a frame of any kind."""
        self._outbox.put_nowait(frame)

    async def write(self) -> None:
        """Send what waits."""
        try:
            while True:
                message = await self._outbox.get()
                if not self.floor.faults.mute_user:
                    await self.connection.send(message)
        except ConnectionClosed:
            return

    async def read(self) -> None:
        """Answer requests until it ends."""
        async for text in self.connection:
            self._push(self._answer(str(text)))

    def _push(self, message: dict[str, Any]) -> None:
        self.say(json.dumps(message))

    def _answer(self, text: str) -> dict[str, Any]:
        number = None
        try:
            request = json.loads(text)
            number = request["id"]
            result = self._done(request["method"], request.get("params", {}))
        except (ValueError, KeyError, AttributeError):
            return _refusal(number, Refused(-1000, "Invalid request."))
        except Refused as refused:
            return _refusal(number, refused)
        return {"id": number, "status": 200, "result": result, "rateLimits": []}

    def _done(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if method == "ping":
            return {}
        if method == "time":
            return {"serverTime": self.floor.now_ms()}
        if method == "userDataStream.subscribe.signature":
            verified_parameters(parameters, self.floor.now_ms())
            self.floor.user_sessions.add(self)
            return {"subscriptionId": 0}
        if method == "userDataStream.unsubscribe":
            self.floor.user_sessions.discard(self)
            return {}
        raise Refused(-1020, "This operation is not supported.")


def _refusal(number: Any, refused: Refused) -> dict[str, Any]:
    error = {"code": refused.code, "msg": refused.text}
    return {"id": number, "status": refused.status, "error": error, "rateLimits": []}
