"""A circuit breaker for work that is awaited; pybreaker is wrapped here and nowhere else.

pybreaker 1.4 keeps the count and the states. What it can't do with asyncio is done here: it never counts the
failures of a coroutine, it lets every caller through when it is half open, it takes a cancellation for a failure,
and it measures on a clock that can be set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.errors import BreakerOpenError, EngineError, RejectedError, ThrottledError
from engine.messages.circuits import CircuitChanged, CircuitState, Operation, VenueCalled
from engine.model.text import clean
from engine.ports.tracing import OFF, Kind, Tracer
from engine.transport.words import in_words

if TYPE_CHECKING:
    from pybreaker import CircuitBreaker

T = TypeVar("T")

FAILURES_MAX = 3
OPEN_S = 10.0
PROBE_S = 1.0
"""When to ask again while somebody else's question is the one that is let through."""

_STATES = {"closed": CircuitState.CLOSED, "open": CircuitState.OPEN, "half-open": CircuitState.HALF_OPEN}


class Breaker:
    """Leaves a venue alone after several failures in a row; then lets one question through, whose answer decides."""

    def __init__(
        self,
        venue: str,
        operation: Operation,
        clock: Clock,
        *,
        failures_max: int = FAILURES_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        self.venue = venue
        self.operation = operation
        self.openings = 0
        """How often it opened."""
        self.reason = ""
        """The last failure."""
        self.changed: Callable[[CircuitChanged], None] | None = None
        """Told of every change of state, on the thread of the call that brought it about."""
        self.called: Callable[[VenueCalled], None] | None = None
        """Told of every call once it is over, on the thread of the call."""
        self.tracer: Tracer = OFF
        """Takes a span of every call."""
        self._clock = clock
        self._open_ns = int(open_s * NS_PER_S)
        self._closed_again_ns = 0
        self._era = 0
        """Counts the changes: what began before the last one says nothing about now."""
        self._probing = False
        self._told_ns = 0
        """Until when the venue itself asked to be left alone, by steady time."""
        self._circuit = self._make(failures_max)

    @property
    def name(self) -> str:
        """The venue and the operation."""
        return f"{self.venue} {self.operation}"

    @property
    def state(self) -> CircuitState:
        """Whether the venue is asked."""
        return _STATES[self._circuit.current_state]

    @property
    def failures(self) -> int:
        """How many calls in a row have failed."""
        return int(self._circuit.fail_counter)

    @property
    def retry_after_s(self) -> float:
        """How long it stays open; 0 when it is not."""
        if self.state is not CircuitState.OPEN:
            return 0.0
        return max(0, self._closed_again_ns - self._clock.monotonic_ns()) / NS_PER_S

    async def call(self, work: Callable[[], Awaitable[T]], about: str = "") -> T:
        """Do the work, unless the circuit is open; `about` is the client id of the order that it is about.

        A refusal by the venue is a healthy answer; one who asked too often leaves it alone for as long as it wants.
        A cancellation says nothing either way.

        Raises:
            BreakerOpenError: it was not done.
        """
        if not self.tracer.is_on:
            return await self._told(work, about)
        attributes = {"touchline.venue": self.venue, "touchline.operation": self.operation.value}
        if about:
            attributes["touchline.client_id"] = about
        name, parent = f"{self.venue} {self.operation}", self.tracer.of_order(about)
        with self.tracer.span(name, Kind.CLIENT, attributes, parent):
            return await self._told(work, about)

    async def _told(self, work: Callable[[], Awaitable[T]], about: str) -> T:
        if self.called is None:
            return await self._guarded(work)
        began_ns, failure = self._clock.monotonic_ns(), "called off"
        try:
            result = await self._guarded(work)
            failure = ""
        except Exception as error:
            failure = in_words(error)
            raise
        else:
            return result
        finally:
            ms = (self._clock.monotonic_ns() - began_ns) / NS_PER_MS
            self.called(VenueCalled(self.venue, self.operation, about, ms, failure, self._clock.now_ns()))

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        is_probe = self._admit()
        era = self._era
        try:
            result = await work()
        except RejectedError:
            self._succeeded(era)
            raise
        except ThrottledError as error:
            self.leave_alone(error.retry_after_s, str(error))
            raise
        except Exception as error:
            self._failed(era, error)
            raise
        else:
            self._succeeded(era)
            return result
        finally:
            if is_probe:
                self._probing = False

    def leave_alone(self, for_s: float, reason: str) -> None:
        """Ask nothing for so long, at least."""
        self.reason = clean(reason)
        if self.state is not CircuitState.OPEN:
            self._circuit.open()
        until_ns = self._clock.monotonic_ns() + int(for_s * NS_PER_S)
        self._closed_again_ns = max(self._closed_again_ns, until_ns)
        self._told_ns = max(self._told_ns, until_ns)

    def probe(self) -> None:
        """Let the next question through now, whose answer decides.

        Raises:
            EngineError: it is closed, or the venue itself asked to be left alone.
        """
        if self.state is CircuitState.CLOSED:
            raise EngineError(f"{self.name}: the circuit is closed, so the venue is asked anyway")
        wait_ns = self._told_ns - self._clock.monotonic_ns()
        if wait_ns > 0:
            raise EngineError(
                f"{self.name}: the venue wants to be left alone for {-(-wait_ns // NS_PER_S)} s more; asking sooner makes it longer"
            )
        self._closed_again_ns = 0
        if self.state is CircuitState.OPEN:
            self._circuit.half_open()

    def _admit(self) -> bool:
        """Let a call through or not; tell whether it is the one that decides."""
        if self.state is CircuitState.CLOSED:
            return False
        if left_s := self.retry_after_s:
            raise BreakerOpenError(self.name, left_s)
        if self._probing:
            raise BreakerOpenError(self.name, PROBE_S)
        if self.state is CircuitState.OPEN:
            self._circuit.half_open()
        self._probing = True
        return True

    def _succeeded(self, era: int) -> None:
        if era == self._era:
            self._circuit.call(lambda: None)

    def _failed(self, era: int, error: Exception) -> None:
        if era != self._era:
            return
        self.reason = in_words(error)

        def fail() -> None:
            raise error

        try:
            self._circuit.call(fail)
        except Exception as raised:
            if raised is not error:
                raise

    def _make(self, failures_max: int) -> CircuitBreaker:
        from pybreaker import (  # noqa: PLC0415  # it loads redis where there is one
            CircuitBreaker,
            CircuitBreakerListener,
            CircuitBreakerState,
        )

        note = self._note

        class Listener(CircuitBreakerListener):
            def state_change(
                self,
                cb: CircuitBreaker,
                old_state: CircuitBreakerState | None,
                new_state: CircuitBreakerState,
            ) -> None:
                del cb
                note(old_state.name if old_state is not None else "closed", new_state.name)

        return CircuitBreaker(
            fail_max=failures_max, reset_timeout=0, listeners=(Listener(),), throw_new_error_on_trip=False
        )

    def _note(self, before: str, after: str) -> None:
        self._era += 1
        now = _STATES[after]
        if now is CircuitState.OPEN:
            self.openings += 1
            self._closed_again_ns = self._clock.monotonic_ns() + self._open_ns
        if self.changed is not None:
            self.changed(
                CircuitChanged(
                    self.venue, self.operation, _STATES[before], now, self.reason, self._clock.now_ns()
                )
            )
