"""The way to an account: the stream of its updates, and proof that it is the right account."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from engine.adapters.texts import Unreadable
from engine.errors import AdapterError, DataError
from engine.messages.events import Severity
from engine.transport.breaker import Breaker

ASK_AGAIN_S = 2.0
"""How long after a failed question for the account it is asked for again."""
REFUSED_S = 60.0
"""How long a key that was not accepted is not tried again."""
LOOK_S = 0.5
Update = TypeVar("Update")
Told_contra = TypeVar("Told_contra", contravariant=True)


class Traveller(Protocol[Told_contra]):
    """Who uses the way."""

    def opened(self, venue: str) -> None:
        """Hear that it is open."""

    def closed(self, reason: str) -> None:
        """Hear that it is closed, perhaps once more with another reason."""

    def updated(self, update: Told_contra) -> None:
        """Take an update."""

    def unreadable(self, error: DataError) -> None:
        """Hear of a message that could not be read."""


class Hearer(Protocol[Told_contra]):
    """Who is told of what comes on the stream; everything is called on the loop's thread."""

    def listening(self) -> None:
        """Hear that updates come from now on."""

    def refused(self) -> None:
        """Hear that the key is not accepted."""

    def updated(self, update: Told_contra) -> None:
        """Take an update."""

    def unreadable(self, error: Unreadable) -> None:
        """Hear of a message that could not be read."""

    def lost(self, reason: str) -> None:
        """Hear that no updates come any more."""


class Way(Protocol):
    """What keeps a connection to the account."""

    breaker: Breaker
    is_open: bool
    connects: int
    """Connections that came about."""
    trouble: str
    """Why the last connection ended or did not come about."""

    async def run(self) -> None:
        """Connect, and connect again, until it is cancelled."""

    def renew(self, reason: str) -> None:
        """Give the connection up for a new one."""


class Proof(NamedTuple):
    """What the account itself told."""

    wrong: str = ""
    """Why no order may leave."""
    trouble: str = ""
    """What a person should know, though orders may leave."""


class Admission(ABC, Generic[Update]):
    """Open once updates come and the account that the key belongs to is the one that is meant."""

    label: str
    """The venue's name in a sentence."""
    stream: Way

    def __init__(self) -> None:
        self.is_open = False
        self.alert: Callable[[Severity, str], None] = lambda _severity, _text: None
        """Told what a person should see."""
        self._traveller: Traveller[Update] | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._checking: asyncio.Task[None] | None = None
        self._refused = False

    @abstractmethod
    async def _prove(self) -> Proof:
        """Ask for the account.

        Raises:
            AdapterError: the venue did not answer, or refused.
            DataError: its answer is none.
        """

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
        """Leave the venue alone for long: the key will not become another."""
        reason = f"{self.label} does not accept the key"
        self.stream.breaker.leave_alone(REFUSED_S, reason)
        self.stream.renew(reason)
        if not self._refused:
            self._refused = True
            self.alert(Severity.CRITICAL, f"{reason}: put the right one in with touchline credentials")

    def updated(self, update: Update) -> None:
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
        assert self._traveller is not None
        while True:
            try:
                proof = await self._prove()
                break
            except (AdapterError, DataError) as error:
                self._close(str(error))
                await asyncio.sleep(ASK_AGAIN_S)
        if proof.wrong:
            self._close(proof.wrong)
            self.alert(Severity.CRITICAL, f"{proof.wrong}: no order leaves")
            return
        if proof.trouble:
            self.alert(Severity.CRITICAL, proof.trouble)
        self.is_open = True
        self._traveller.opened(self.label)

    def _close(self, reason: str) -> None:
        self.is_open = False
        if self._traveller is not None:
            self._traveller.closed(reason)
