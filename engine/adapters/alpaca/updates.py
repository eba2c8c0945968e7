"""The stream of trade updates: who we are, what we listen to, and what comes."""

from __future__ import annotations

import msgspec

from engine.adapters.alpaca import messages as m
from engine.adapters.rest.admission import Hearer
from engine.adapters.texts import Unreadable
from engine.ports.secrets import Credential
from engine.transport.stream import Stream

SILENCE_S = 30.0
"""The stream itself has nothing to say for hours; what we ask of it is answered, or it is gone."""
RETRY_S_MAX = 30.0
"""Alpaca refuses who comes back too often until it has noticed that the connection before is gone."""
_LISTEN = '{"action":"listen","data":{"streams":["trade_updates"]}}'


class Updates:
    """Reads the stream; asking to listen once more is the ping that the venue itself answers."""

    def __init__(self, credential: Credential, hearer: Hearer[m.TradeUpdate]) -> None:
        self.stream: Stream | None = None
        self.is_listening = False
        self._credential = credential
        self._hearer = hearer

    def opened(self) -> None:
        """Say who we are."""
        self.is_listening = False
        data = {"key_id": self._credential.key, "secret_key": self._credential.secret}
        self._send(msgspec.json.encode({"action": "authenticate", "data": data}).decode())

    def ping(self) -> None:
        """Ask for a sign of life."""
        if self.is_listening:
            self._send(_LISTEN)

    def lost(self, reason: str) -> None:
        """Expect nothing more."""
        self.is_listening = False
        self._hearer.lost(reason)

    def take(self, frame: bytes) -> bool:
        """Take a message; whatever can be read is a sign of life."""
        try:
            self._take(m.read_frame(frame))
        except Unreadable as error:
            self._hearer.unreadable(error)
            return False
        return True

    def _take(self, frame: m.Frame) -> None:
        if frame.stream == "trade_updates":
            self._hearer.updated(m.read_update(frame.data))
        elif frame.stream == "authorization":
            self._authorized(m.read_authorization(frame.data).status == "authorized")
        elif frame.stream == "listening" and not self.is_listening:
            self.is_listening = True
            self._hearer.listening()

    def _authorized(self, accepted: bool) -> None:
        if accepted:
            self._send(_LISTEN)
        else:
            self._hearer.refused()

    def _send(self, request: str) -> None:
        assert self.stream is not None
        self.stream.send(request)
