"""The way to an account at Alpaca: the stream of its updates, and proof that it is the right account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.reading import blocked
from engine.adapters.alpaca.stock import Stocktaker
from engine.adapters.alpaca.updates import RETRY_S_MAX, SILENCE_S, Updates
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.errors import AdapterError, DataError
from engine.messages.events import Severity
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.transport.breaker import Breaker
from engine.transport.stream import Stream

ASK_AGAIN_S = 2.0
"""How long after a failed question for the account it is asked for again."""
REFUSED_S = 60.0
"""How long a key that was not accepted is not tried again."""
LOOK_S = 0.5
REFUSED = "Alpaca does not accept the key"


class Traveller(Protocol):
    """Who uses the way."""

    def opened(self, venue: str) -> None:
        """Hear that it is open."""

    def closed(self, reason: str) -> None:
        """Hear that it is closed, perhaps once more with another reason."""

    def updated(self, update: m.TradeUpdate) -> None:
        """Take an update."""

    def unreadable(self, error: DataError) -> None:
        """Hear of a message that could not be read."""


class Admission:
    """Open once updates come and the account that the key belongs to is the one that is meant."""

    def __init__(
        self,
        url: str,
        circuit: Breaker,
        credential: Credential,
        clock: Clock,
        *,
        account_number: str = "",
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
    ) -> None:
        self.is_open = False
        self.alert: Callable[[Severity, str], None] = lambda _severity, _text: None
        """Told what a person should see."""
        self._account_number = account_number
        self._updates = Updates(credential, self)
        self.stream = Stream(url, circuit, clock, self._updates, silence_s=silence_s, retry_s_max=retry_s_max)
        self._updates.stream = self.stream
        self._traveller: Traveller | None = None
        self._stocktaker: Stocktaker | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._checking: asyncio.Task[None] | None = None
        self._refused = False

    def attend(self, traveller: Traveller, stocktaker: Stocktaker) -> None:
        """Lead somebody to the account that a stocktaker reads."""
        self._traveller, self._stocktaker = traveller, stocktaker

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Keep the way open until cancelled."""
        self._tasks = tasks
        looking = tasks.create_task(self._look())
        try:
            await self.stream.run()
        finally:
            looking.cancel()
            self.is_open = False

    async def _look(self) -> None:
        """Say what keeps the stream from coming about."""
        while True:
            await asyncio.sleep(LOOK_S)
            if not self.stream.is_open and self.stream.trouble:
                self._close(self.stream.trouble)

    # What the stream tells

    def listening(self) -> None:
        """Ask whose account it is."""
        assert self._tasks is not None
        self._checking = self._tasks.create_task(self._check())

    def refused(self) -> None:
        """Leave Alpaca alone for long: the key will not become another."""
        self.stream.breaker.leave_alone(REFUSED_S, REFUSED)
        self.stream.renew(REFUSED)
        if not self._refused:
            self._refused = True
            self.alert(Severity.CRITICAL, f"{REFUSED}: put the right one in with touchline credentials")

    def updated(self, update: m.TradeUpdate) -> None:
        """Pass an update on."""
        assert self._traveller is not None
        self._traveller.updated(update)

    def unreadable(self, error: Unreadable) -> None:
        """Pass on that a message could not be read."""
        assert self._traveller is not None
        self._traveller.unreadable(error)

    def lost(self, reason: str) -> None:
        """Close the way."""
        if self._checking is not None:
            self._checking.cancel()
        self._close(reason)

    async def _check(self) -> None:
        """Open the way once the account is known to be the one that is meant."""
        assert self._stocktaker is not None
        assert self._traveller is not None
        while True:
            try:
                await self._stocktaker.measure()
                account = await self._stocktaker.account()
                break
            except (AdapterError, DataError) as error:
                self._close(str(error))
                await asyncio.sleep(ASK_AGAIN_S)
        if reason := self._wrong(account):
            self._close(reason)
            self.alert(Severity.CRITICAL, f"{reason}: no order leaves")
            return
        if reason := blocked(account):
            self.alert(Severity.CRITICAL, reason)
        self.is_open = True
        self._traveller.opened("Alpaca")

    def _wrong(self, account: m.AccountText) -> str:
        number = account.account_number or ""
        if not self._account_number or number == self._account_number:
            return ""
        return f"the key is of account {clean(number, 32)}, venues.alpaca.account is {self._account_number}"

    def _close(self, reason: str) -> None:
        self.is_open = False
        if self._traveller is not None:
            self._traveller.closed(reason)
