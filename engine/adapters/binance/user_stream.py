"""The user data of an account over the WebSocket API: what is signed, what is asked, and what comes."""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.refusals import KEY, WRONG_TIME
from engine.adapters.binance.signing import Signer
from engine.adapters.rest.admission import Hearer
from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.transport.stream import Stream

SILENCE_S = 30.0
"""An account has nothing to say for hours; what we ask of the connection is answered, or it is gone."""
RETRY_S_MAX = 30.0
_SUBSCRIBE = "subscribe"
_PINGED = '{"id":"ping","method":"ping"}'
_ENDS = {
    "eventStreamTerminated": "Binance ended the user data",
    "serverShutdown": "Binance is about to end the connection",
}


class UserHearer(Hearer[m.Execution], Protocol):
    """Who is told of what comes."""

    def mistimed(self) -> None:
        """Hear that the time was not accepted: it is to be measured, and asked again."""


class UserStream:
    """Reads the connection; a ping of our own is what the venue itself answers."""

    def __init__(self, signer: Signer, hearer: UserHearer) -> None:
        self.stream: Stream | None = None
        self.is_listening = False
        self._signer = signer
        self._hearer = hearer

    def opened(self) -> None:
        """Say who we are, and ask for everything that happens."""
        self.is_listening = False
        self.subscribe()

    def subscribe(self) -> None:
        """Ask for everything that happens, at the time that is known now."""
        method = "userDataStream.subscribe.signature"
        request = {"id": _SUBSCRIBE, "method": method, "params": self._signer.parameters()}
        self._send(msgspec.json.encode(request).decode())

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._send(_PINGED)

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

    def _take(self, frame: m.UserFrame) -> None:
        if bytes(frame.event):
            kind = m.read_kind(frame.event).kind
            if kind == m.EXECUTION:
                self._hearer.updated(m.read_execution(frame.event))
            elif kind in _ENDS:
                self._renew(_ENDS[kind])
        elif frame.id == _SUBSCRIBE:
            self._answered(frame)

    def _answered(self, frame: m.UserFrame) -> None:
        fault = frame.error
        if fault is None and frame.status == 200:
            if not self.is_listening:
                self.is_listening = True
                self._hearer.listening()
        elif fault is not None and fault.code == WRONG_TIME:
            self._hearer.mistimed()
        elif fault is not None and fault.code in KEY:
            self._hearer.refused()
        else:
            self._renew(clean(fault.msg) if fault is not None else f"Binance answered {frame.status}")

    def _renew(self, reason: str) -> None:
        assert self.stream is not None
        self.stream.renew(reason)

    def _send(self, request: str) -> None:
        assert self.stream is not None
        self.stream.send(request)
