"""What is asked of an account at Binance: each operation through its own circuit and connections, all signed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.messages import TIME_MS_MAX
from engine.adapters.binance.order_counts import OrderCounts
from engine.adapters.binance.parse import SOURCE
from engine.adapters.binance.refusals import ABSENT, WRONG_TIME, code_of, is_undecided, reason_of
from engine.adapters.binance.signing import Signer
from engine.adapters.binance.weights import SHARE_MAX, Weights
from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.errors import NotSentError, RejectedError, ThrottledError, TransientError
from engine.messages.circuits import Operation
from engine.ports.secrets import Credential
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.http import HttpReader, RefusedAnswer
from engine.transport.once import Answer, HttpOnce
from engine.transport.skew import ClockSkew, measure

API = "/api/v3/"
ORDER = f"{API}order"
PAIR = f"{API}orderList/oco"
SMALLER = f"{API}order/amend/keepPriority"
ORDERS_SHARE = 0.95
"""Of the weight in a minute, up to which orders are sent; what is above is left to cancels."""
READ_S = 8.0


class AccountRequests:
    """Orders, cancels and questions; an open circuit or a used-up limit of one leaves the cancels alone."""

    def __init__(self, url: str, credential: Credential, clock: Clock, *, open_s: float = OPEN_S) -> None:
        self.weights, self.counts, self.skew = Weights(clock), OrderCounts(clock), ClockSkew()
        self.signer = Signer(credential, clock, self.skew)
        self._clock = clock
        self._left_alone_ns = 0
        """Until when nothing may be asked, by steady time."""
        self.submit_circuit, self.cancel_circuit, self.account_circuit = (
            Breaker(SOURCE, each, clock, open_s=open_s)
            for each in (Operation.SUBMIT, Operation.CANCEL, Operation.ACCOUNT)
        )
        names, sign = self.signer.headers, self.signer.query
        self._submits = HttpOnce(url, self.submit_circuit, headers=names, heard=self._heard, sign=sign)
        self._cancels = HttpOnce(url, self.cancel_circuit, headers=names, heard=self._heard, sign=sign)
        self._reads = HttpReader(url, self.account_circuit, total_s=READ_S, headers=names, sign=sign)
        self._open_reads = HttpReader(url, self.account_circuit, total_s=READ_S)
        self._reads.heard = self._open_reads.heard = self._heard

    @property
    def circuits(self) -> tuple[Breaker, ...]:
        """One for each operation."""
        return (self.submit_circuit, self.cancel_circuit, self.account_circuit)

    async def close(self) -> None:
        """Let go of all connections."""
        for each in (self._submits, self._cancels, self._reads, self._open_reads):
            await each.close()

    async def measure(self) -> None:
        """Learn how far the venue's clock is from ours.

        Raises:
            AdapterError: it did not answer.
            DataError: its answer is none.
        """
        await measure(self.skew, self._time_ns, self._clock)

    async def _time_ns(self) -> int:
        self._take(1, SHARE_MAX)
        told = m.read_time(await self._open_reads.get(f"{API}time", {}))
        return told.server_time * NS_PER_MS if 0 < told.server_time < TIME_MS_MAX else 0

    async def pair(self, symbol: str) -> bytes:
        """Return what is known of a pair, and learn what is allowed there; raises what `read` raises."""
        self._take(20, SHARE_MAX)
        try:
            body = await self._open_reads.get(f"{API}exchangeInfo", {"symbol": symbol})
        except RefusedAnswer as refused:
            raise _told(refused) from refused
        limits = m.read_terms(body).rate_limits
        self.weights.learn(limits)
        self.counts.learn(limits)
        return body

    async def submit(self, terms: Mapping[str, str], client_id: str) -> Answer:
        """Send an order, once; our id of it is for our own log.

        Raises:
            NotSentError: not a byte left.
            TransientError: nobody knows what became of it.
            BreakerOpenError: it was not tried.
        """
        return await self._submit(ORDER, terms, client_id, 1)

    async def submit_pair(self, terms: Mapping[str, str], client_id: str) -> Answer:
        """Send two orders as one list, once; raises what `submit` raises."""
        return await self._submit(PAIR, terms, client_id, 2)

    async def _submit(self, path: str, terms: Mapping[str, str], client_id: str, orders: int) -> Answer:
        self._take(1, ORDERS_SHARE)
        if reason := self.counts.take(orders):
            raise NotSentError(reason)
        return _decided(await self._submits.send("POST", path, parameters=terms, about=client_id))

    async def make_smaller(self, terms: Mapping[str, str], client_id: str) -> Answer:
        """Send a smaller size for an order, once; raises what `submit` raises."""
        self._take(4, ORDERS_SHARE)
        return _decided(await self._submits.send("PUT", SMALLER, parameters=terms, about=client_id))

    async def cancel(self, terms: Mapping[str, str], client_id: str) -> Answer:
        """Send a cancel, whatever is left of the limit; raises what `submit` raises.

        One that is refused for its time was not looked at, and is sent again with the right one.
        """
        self._check_throttle()
        answer = _decided(await self._cancels.send("DELETE", ORDER, parameters=terms, about=client_id))
        if code_of(answer.body) == WRONG_TIME:
            await self.measure()
            answer = _decided(await self._cancels.send("DELETE", ORDER, parameters=terms, about=client_id))
        return answer

    async def look(self, terms: Mapping[str, str], client_id: str) -> Answer:
        """Ask for an order that is to be cancelled or changed, on the cancels' own way; raises what `submit` raises."""
        self._check_throttle()
        return _decided(await self._cancels.send("GET", ORDER, parameters=terms, about=client_id))

    async def read(self, what: str, terms: Mapping[str, str], weight: int) -> bytes:
        """Return an answer about the account; it is asked for again where that may help.

        Raises:
            AdapterError: none came, or Binance refused; a `RefusedAnswer` where it said so itself.
        """
        for is_last in (False, True):
            self._take(weight, SHARE_MAX)
            try:
                return await self._reads.get(f"{API}{what}", terms)
            except RefusedAnswer as refused:
                if is_last or code_of(refused.body) != WRONG_TIME:
                    raise _told(refused) from refused
                await self.measure()
            except ThrottledError as error:
                raise NotSentError(str(error)) from error
        raise AssertionError("unreachable")

    def _heard(self, headers: Mapping[str, str]) -> None:
        self.weights.note(headers)
        self.counts.note(headers)
        after = headers.get("retry-after", "")
        if after.isascii() and after.isdigit() and len(after) < 10:
            self._left_alone_ns = self._clock.monotonic_ns() + int(after) * NS_PER_S

    def _take(self, weight: int, share: float) -> None:
        """Refuse what would use more than a share of the weight; who goes on when told not to is shut out for days."""
        self._check_throttle()
        if not self.weights.has_room(weight, share):
            raise NotSentError(
                f"Binance lets {self.weights.limit:,} of weight be used a minute, and the last of it is kept for cancels"
            )

    def _check_throttle(self) -> None:
        left_ns = self._left_alone_ns - self._clock.monotonic_ns()
        if left_ns > 0:
            raise NotSentError(f"Binance asks to be left alone for {left_ns / NS_PER_S:,.0f} s more")


def _decided(answer: Answer) -> Answer:
    """Return an answer that says what became of a request.

    Raises:
        TransientError: it does not.
    """
    if answer.status != 200 and is_undecided(answer.status, answer.body):
        raise TransientError(reason_of(answer.status, answer.body))
    return answer


def _told(refused: RefusedAnswer) -> RejectedError:
    """Return what Binance said as an error; an answer that something is not there is kept as it is."""
    if code_of(refused.body) in ABSENT:
        return refused
    return RejectedError(reason_of(refused.status, refused.body))
