"""A connection to a gateway: dialled through a circuit, given up when it is mute, and dialled again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from engine.adapters.ib.ear import Answer, Ear, Question
from engine.adapters.ib.hearer import Hearer
from engine.clock import NS_PER_S, Clock
from engine.errors import AdapterError, EngineError, NotSentError, TransientError
from engine.model.text import clean
from engine.transport.breaker import Breaker
from engine.transport.dialling import RETRY_S_MAX, SILENT_PINGS_MAX, keep_trying, until_silent
from engine.transport.stream import PROVEN_S
from engine.transport.words import in_words

DIAL_S = 10.0
ANSWER_S = 8.0
"""How long an answer may take."""
SILENCE_S = 10.0


class _Overheard(logging.Handler):
    """Hears of messages that the library could not read: it tells of them nowhere but in its log."""

    def __init__(self, unreadable: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._unreadable = unreadable

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line of the log."""
        error = record.exc_info[1] if record.exc_info else None
        self._unreadable(clean(f"{type(error).__name__}: {error}", 120))


class IbLink:
    """Keeps one connection after the other until it is cancelled. What is lost with one is not repeated on the next."""

    requests_dropped = 0

    def __init__(
        self,
        host: str,
        port: int,
        client_id: int,
        breaker: Breaker,
        clock: Clock,
        hearer: Hearer,
        *,
        silence_s: float = SILENCE_S,
        ping_s: float | None = None,
        retry_s_max: float = RETRY_S_MAX,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.breaker = breaker
        self.client_id = client_id
        self.is_open = False
        self.connects = 0
        """Connections that came about."""
        self.trouble = ""
        """Why the last connection ended or did not come about."""
        self.accounts: tuple[str, ...] = ()
        """Those that the gateway is logged in to."""
        self._where = host, port
        self._clock = clock
        self._hearer = hearer
        self._silence_s = silence_s
        self._ping_s = silence_s / SILENT_PINGS_MAX if ping_s is None else min(ping_s, silence_s)
        self._retry_s_max = retry_s_max
        self._answer_s = answer_s
        self._client: Any = None
        self._ear: Ear | None = None
        self._turns: dict[str, asyncio.Lock] = {}
        """Of questions without a number: one of each kind at a time."""

    async def run(self) -> None:
        """Connect, follow, and connect again."""
        await keep_trying(self._serve, retry_s_max=self._retry_s_max)

    def renew(self, reason: str) -> None:
        """Give the connection up for a new one."""
        if self._ear is not None:
            self._ear.end(reason)

    def try_now(self, reason: str) -> None:
        """Give the connection up for a new one.

        Raises:
            EngineError: there is none; it is dialled for already.
        """
        if self._ear is None:
            raise EngineError(f"there is no connection to the gateway: {self.trouble or 'it is dialled'}")
        self.renew(reason)

    @property
    def heard_ns(self) -> int | None:
        """When the gateway last gave a sign on this connection, on the monotonic clock; None while it reaches nobody."""
        return self._ear.heard_ns if self._ear is not None and self.is_open else None

    @property
    def client(self) -> Any:
        """The library's client, to send with.

        Raises:
            NotSentError: there is no connection.
        """
        if not self.is_open or self._client is None or not self._client.isConnected():
            raise NotSentError("there is no connection to the gateway")
        return self._client

    async def ask(self, send: Callable[[Any, int], None]) -> list[Any]:
        """Ask something that has a number, and return all parts of its answer.

        Raises:
            AdapterError: it was refused, or not answered.
        """
        client = self.client
        number: int = client.getReqId()
        return await self._answer(number, lambda: send(client, number))

    async def ask_all(self, about: str, send: Callable[[Any], None]) -> list[Any]:
        """Ask something that has no number, and return all parts of its answer.

        Raises:
            AdapterError: it was not answered.
        """
        async with self._turns.setdefault(about, asyncio.Lock()):
            client = self.client
            return await self._answer(about, lambda: send(client))

    async def patience(self, waiting: asyncio.Future[Any]) -> Any:
        """Wait for something that the gateway has to say.

        Raises:
            AdapterError: it did not come.
        """
        try:
            async with asyncio.timeout(self._answer_s):
                return await waiting
        except TimeoutError:
            raise TransientError(f"no answer within {self._answer_s:g} s") from None

    async def _answer(self, question: Question, send: Callable[[], None]) -> list[Any]:
        assert self._ear is not None
        answers = self._ear.answers
        answer = answers[question] = Answer()
        try:
            send()
            found: list[Any] = await self.patience(answer.whole)
            return found
        finally:
            answers.pop(question, None)

    async def _serve(self) -> None:
        """Open a connection and follow it to its end.

        Raises:
            AdapterError: it did not come about, or did not last.
            OSError: likewise.
        """
        ear = Ear(self._hearer, self._clock)
        client = self._made(ear)
        try:
            await self.breaker.call(lambda: self._dial(client, ear))
            self.connects += 1
            began_ns = self._clock.monotonic_ns()
            self._client, self._ear, self.accounts = client, ear, ear.accounts
            self.is_open, ear.cut = True, self._cut
            if ear.cut_off:
                self._cut(ear.cut_off)
            else:
                self._hearer.opened()
            self.trouble = reason = await self._until_gone(ear, client)
        except (OSError, AdapterError) as error:
            self.trouble = in_words(error)
            raise
        finally:
            self.is_open, self._client, self._ear = False, None, None
            _hang_up(client)
            for answer in ear.answers.values():
                answer.fail(TransientError(self.trouble or "the connection is gone"))
        self._hearer.lost(reason)
        if self._clock.monotonic_ns() - began_ns < PROVEN_S * NS_PER_S:
            raise TransientError(reason)

    def _made(self, ear: Ear) -> Any:
        """Return a client whose words go nowhere but here: what it logs would be written over the screen."""
        from ib_async.client import Client  # noqa: PLC0415  # an extra

        client = Client(ear)
        client._logger = logging.Logger("ib", logging.CRITICAL + 1)  # noqa: LOG001, SLF001  # of this client alone
        client.decoder.logger = logging.Logger("ib")  # noqa: LOG001  # likewise
        client.decoder.logger.addHandler(_Overheard(self._hearer.unreadable_message))
        client.conn.hasData.error_event += lambda _event, error: ear.end(
            f"it can't be read: {in_words(error)}"
        )
        return client

    async def _dial(self, client: Any, ear: Ear) -> None:
        """Connect and log in; who is hung up on meanwhile does not wait for it."""
        dialling = asyncio.ensure_future(client.connectAsync(*self._where, self.client_id, DIAL_S))
        try:
            await asyncio.wait({dialling, ear.gone}, return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done():
                raise TransientError(ear.gone.result())
            await dialling
        except TimeoutError:
            raise TransientError(f"no answer within {DIAL_S:g} s: is that TWS or IB Gateway?") from None
        finally:
            if not dialling.done():
                dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)

    async def _until_gone(self, ear: Ear, client: Any) -> str:
        silence = asyncio.create_task(self._watch(ear, client))
        try:
            return await ear.gone
        finally:
            silence.cancel()

    async def _watch(self, ear: Ear, client: Any) -> None:
        def ping() -> None:
            if client.isConnected():
                client.reqCurrentTime()

        await until_silent(ping, lambda: ear.heard_ns, self._silence_s, self._ping_s)
        ear.end(f"connected, but nothing came for {self._silence_s:g} s")

    def _cut(self, reason: str) -> None:
        """Be closed though the socket is open: the gateway itself reaches nobody."""
        self.is_open, self.trouble = False, reason
        self._hearer.lost(reason)


def _hang_up(client: Any) -> None:
    transport = client.conn.transport
    if transport is not None:
        transport.abort()
