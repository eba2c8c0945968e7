"""What waits to be posted to one webhook: bounded, in order, kept over an outage for a while."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.clock import NS_PER_S, Clock
from engine.errors import AdapterError, RejectedError
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.alerts.webhook import Webhook

WAITING_MAX: Final = 100
KEPT_S: Final = 900.0
"""How long a notice is tried: later it is no news."""
REST_S: Final = 1.0
"""How long is waited after a try that failed, where the circuit does not say."""


class Letter(NamedTuple):
    """One body, and what names it."""

    delivery: str
    body: bytes
    written_ns: int
    """Steady."""


class Outbox:
    """Everything but `run` may be read from any thread; `put` belongs to the loop that runs it."""

    def __init__(self, webhook: Webhook, clock: Clock) -> None:
        self.webhook = webhook
        self.sent = 0
        self.lost = 0
        """Notices that found no room, were refused, or nobody took in time."""
        self.trouble = ""
        """Why the last try failed; empty where it did not."""
        self._clock = clock
        self._waiting: deque[Letter] = deque()
        self._filled = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many are not sent yet."""
        return len(self._waiting)

    def put(self, delivery: str, body: bytes) -> None:
        """Have a body posted soon; where too many wait the oldest gives way."""
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(Letter(delivery, body, self._clock.monotonic_ns()))
        self._filled.set()

    async def run(self) -> None:
        """Post what waits, the oldest first, until cancelled."""
        try:
            while True:
                await self._filled.wait()
                while self._waiting:
                    await self._post(self._waiting[0])
                self._filled.clear()
        finally:
            await self.webhook.close()

    async def _post(self, letter: Letter) -> None:
        try:
            await self.webhook.post(letter.body, letter.delivery)
        except RejectedError as error:
            self._give_up(letter, str(error))
        except AdapterError as error:
            self.trouble = clean(str(error))
            if self._clock.monotonic_ns() - letter.written_ns > KEPT_S * NS_PER_S:
                self._give_up(letter, f"nobody took it in {KEPT_S / 60:.0f} min")
            else:
                await asyncio.sleep(max(self.webhook.breaker.retry_after_s, REST_S))
        else:
            self.sent += 1
            self.trouble = ""
            self._remove(letter)

    def _give_up(self, letter: Letter, why: str) -> None:
        self.lost += 1
        self.trouble = clean(why)
        self._remove(letter)

    def _remove(self, letter: Letter) -> None:
        if self._waiting and self._waiting[0] is letter:
            self._waiting.popleft()
