"""The kill switch of every desk, as one desk has it: what was heard holds until a newer saying, whatever Redis loses.

A halt holds here before anybody is told, and is told until the others have it. A release holds nowhere before Redis has it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from engine.clock import NS_PER_S, Clock
from engine.desk.redis_firm import RedisFirm, version_of
from engine.desk.redis_link import RedisUnusable
from engine.messages.commands import TradingState
from engine.messages.events import AlertRaised, Severity, TradingStateChanged
from engine.messages.firm import NOTHING_SAID, ORIGIN, VERSION_MAX, FirmState
from engine.messages.views import HealthState
from engine.model.text import clean
from engine.model.trace_context import read_traceparent, traceparent_of
from engine.ports.tracing import OFF, Kind, Tracer
from engine.ports.venue import VenueReading
from engine.risk.halt import TradingHalts, is_stricter

BLIND_S: Final = 3.0
"""How old the last look may be before nothing is known of the other desks any more."""
LOCK_OWNER: Final = "desks"
_LOST: Final = {"halt": TradingState.HALTED, "reduce": TradingState.REDUCING, "go-on": TradingState.ACTIVE}


class _Taken(NamedTuple):
    """What is in force from now on, and whether it is stricter than what was."""

    said: FirmState
    tightens: bool


class FirmSwitch:
    """Says a state for every desk, and heeds what others say.

    `say` and `look` may be called from any thread; what loosens waits for the engine's loop, as its record does.
    """

    def __init__(
        self,
        halts: TradingHalts,
        clock: Clock,
        *,
        world_ns: Callable[[], int],
        note: Callable[[TradingStateChanged], None],
        publish: Callable[[object], None],
    ) -> None:
        """Take the account's clock and the world's time, what writes a record, and what tells of events."""
        self.name = "this desk"
        """What the others call this desk."""
        self.who: Callable[[], str] = lambda: "somebody"
        self.call: Callable[..., None] = _at_once
        """Puts a call on the engine's loop."""
        self.lost = ""
        """What orders may do while the others can't be heard; empty where nothing is shared."""
        self.wake: Callable[[], None] = lambda: None
        """Has the others told soon."""
        self._halts = halts
        self._clock = clock
        self._world_ns = world_ns
        self._note = note
        self._publish = publish
        self.tracer: Tracer = OFF
        """Takes a span of what is said here, and of what is heard."""
        self._mutex = threading.Lock()
        self._latest = NOTHING_SAID
        self._untold: FirmState | None = None
        self._seen = 0
        self._release: tuple[FirmState, int] | None = None
        self._noted = 0
        self._looked_ns: int | None = None
        self._begun_ns = clock.monotonic_ns()
        self._trouble = ""
        self._blind = ""
        """Why the others can't be heard; empty while they are."""
        self._told_blind = False

    def begin(self) -> None:
        """Go on from what the journal knows."""
        firm, version = self._halts.firm, self._halts.firm_version
        self._latest, self._noted = FirmState(version, firm.state, firm.reason), version

    def share(self, name: str, lost: str) -> None:
        """Belong to desks that share; until they are heard for the first time nothing is known of them."""
        self.name, self.lost = name, lost
        self.judge()

    def say(self, state: TradingState, reason: str, who: str = "", correlation: str = "") -> None:
        """Put every desk in a state, in the name of who is at this one unless told otherwise.

        What does not tighten holds once the others have it.
        """
        with self.tracer.span(f"say {state} to every desk", Kind.PRODUCER) as span:
            traceparent = traceparent_of(span.context) if self.tracer.is_on else ""
            self._put(state, reason, who or self.who(), correlation, traceparent)

    def _put(self, state: TradingState, reason: str, who: str, correlation: str, traceparent: str) -> None:
        sentence = "" if state is TradingState.ACTIVE else f"by {who} at {self.name}: {reason} (every desk)"
        with self._mutex:
            version = self._next_version()
            said = FirmState(
                version,
                state,
                clean(sentence, 400),
                clean(f"{who} at {self.name}", 64),
                correlation=clean(correlation, 64),
                traceparent=traceparent,
            )
            if self.lost and state is not TradingState.HALTED and not is_stricter(state, self._latest.state):
                self._release = (said, self._latest.version)
                self.wake()
                return
            taken = self._tell(said, self._latest.version)
        self._spread(taken)

    async def look(self, store: RedisFirm) -> None:
        """Tell the others what they have not, and hear what they said; one at a time, in any thread."""
        try:
            with self._mutex:
                known, seen = self._latest, VERSION_MAX if self._untold is None else self._seen
            self._heard(known, await store.switch(known, seen))
            if (wanted := self._release) is not None:
                self._released(wanted[0], await store.switch(*wanted))
        except RedisUnusable as error:
            self.failed(clean(str(error)))

    def _heard(self, told: FirmState, found: FirmState | None) -> None:
        """Take what Redis has after it was told of ours."""
        with self._mutex:
            self._looked_ns, self._trouble = self._clock.monotonic_ns(), ""
            taken = self._settle(told, found) if found is not None else None
        if taken is not None:
            self._spread(taken)
        self.call(self.judge)

    def _released(self, wanted: FirmState, found: FirmState | None) -> None:
        """Take what became of a release."""
        with self._mutex:
            self._release = None
        if found != wanted:
            self.call(
                self._say,
                Severity.WARNING,
                "not released: somebody has said something newer, look at it first",
            )
        self._heard(wanted, found)

    def failed(self, reason: str) -> None:
        """Take it that the others could not be asked."""
        with self._mutex:
            self._trouble = reason
            wanted, self._release = self._release, None
        if wanted is not None:
            text = f"not released: the other desks can't be told ({reason}); try again when they can"
            self.call(self._say, Severity.WARNING, text)
        self.call(self.judge)

    def judge(self) -> None:
        """Let less leave while the others can't be heard; on the engine's loop."""
        if not self.lost:
            return
        now_ns = self._clock.monotonic_ns()
        blind = self._looked_ns is None or now_ns - self._looked_ns > BLIND_S * NS_PER_S
        reason = f"the other desks can't be heard: {self._trouble or 'not yet asked'}" if blind else ""
        if reason != self._blind:
            self._blind = reason
            state = _LOST[self.lost] if blind else TradingState.ACTIVE
            self._halts.lock(state, reason, now_ns=self._clock.now_ns(), owner=LOCK_OWNER)
        lasts = blind and now_ns - (self._looked_ns or self._begun_ns) > BLIND_S * NS_PER_S
        if lasts and not self._told_blind:
            self._told_blind = True
            self._say(Severity.CRITICAL, f"{reason}; {_IN_WORDS[self.lost]}")
        elif not blind and self._told_blind:
            self._told_blind = False
            self._say(Severity.INFO, "the other desks are heard again")

    @property
    def looked_age_s(self) -> float | None:
        """How long ago the others were heard, None where they never were."""
        looked_ns = self._looked_ns
        return None if looked_ns is None else (self._clock.monotonic_ns() - looked_ns) / NS_PER_S

    def reading(self) -> VenueReading:
        """Tell how it is, for a row of the health board."""
        if self._blind:
            state = HealthState.DOWN if self._told_blind else HealthState.DEGRADED
            return VenueReading(state, "not heard", f"{_IN_WORDS[self.lost]}: {self._trouble}".rstrip(": "))
        return VenueReading(HealthState.OK, "heard", self.name)

    def _next_version(self) -> int:
        return max(self._latest.version + 1, version_of(self._world_ns()))

    def _settle(self, told: FirmState, found: FirmState) -> _Taken | None:
        """Hold ours and theirs together: the newer holds, but what was not told yet gives way to nothing looser."""
        untold = self._untold
        if untold is None or found == untold:
            self._untold = None
        elif told is not untold:
            return None  # it was said while Redis was asked, and is told next
        elif is_stricter(untold.state, found.state) or found.version < self._latest.version:
            stricter = untold if is_stricter(untold.state, found.state) else found
            version = max(found.version + 1, self._next_version())
            return self._tell(replace(stricter, version=version), found.version)
        else:
            self._untold = None
        return self._take_on(found) if found.version > self._latest.version else None

    def _tell(self, said: FirmState, seen: int) -> _Taken:
        if self.lost:
            self._untold, self._seen = said, seen
        return self._take_on(said)

    def _take_on(self, said: FirmState) -> _Taken:
        """Let it hold: at once where it is stricter, else on the engine's loop together with its record."""
        tightens = is_stricter(said.state, self._latest.state)
        self._latest = said
        if tightens:
            self._halts.hold_firm(said.version, said.state, said.reason, self._clock.now_ns())
        return _Taken(said, tightens)

    def _spread(self, taken: _Taken) -> None:
        """Have the others told, and it written down, without the mutex: nobody waits for our disk to hear of it."""
        self.wake()
        if taken.tightens:
            self._halts.keep()
        self.call(self._write, taken.said)

    def _write(self, said: FirmState) -> None:
        if said.version <= self._noted:
            return
        self._noted = said.version
        about = {"touchline.desk": self.name, "touchline.correlation": said.correlation}
        parent = read_traceparent(said.traceparent)
        with self.tracer.span(f"every desk {said.state}", Kind.CONSUMER, about, parent):
            self._apply(said)

    def _apply(self, said: FirmState) -> None:
        event = TradingStateChanged(
            said.state,
            said.reason,
            None,
            self._clock.now_ns(),
            origin=ORIGIN,
            firm_version=said.version,
            who=said.who,
            correlation=said.correlation,
        )
        self._halts.apply(event)
        self._note(event)
        self._publish(event)
        if said.state is TradingState.ACTIVE:
            text = f"every desk is released by {said.who or 'somebody'}"
        else:
            text = f"everything is {said.state.value}: {said.reason}; resume firm lifts it"
        self._say(Severity.CRITICAL if said.state is TradingState.HALTED else Severity.WARNING, text)

    def _say(self, severity: Severity, text: str) -> None:
        self._publish(AlertRaised(severity, "desks", text, self._clock.now_ns()))


_IN_WORDS: Final = {
    "halt": "nothing opens or is changed",
    "reduce": "only what reduces may leave",
    "go-on": "trading goes on",
}


def _at_once(call: Callable[..., None], *arguments: object) -> None:
    call(*arguments)
