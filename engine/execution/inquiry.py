"""Asks the broker what became of an order, again and again, until that is proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.clock import NS_PER_MS, NS_PER_S, Clock, Timer
from engine.execution.movement import Movement
from engine.execution.questions import Question, Questions
from engine.ports.broker import Broker

_WAITS_NS = tuple(each * NS_PER_MS for each in (500, 500, 1_000, 2_000, 4_000))
"""How long an inquiry waits before each of its questions: a date that is set forward brings none together."""
_THEN_EVERY_NS = 30 * NS_PER_S
MISSES_NEEDED = 2


class Inquiry:
    """One order that is asked for."""

    __slots__ = (
        "began_ns",
        "client_id",
        "lacking",
        "misses",
        "round",
        "sent_ns",
        "timer",
        "visible_ns",
    )

    def __init__(self, client_id: str, sent_ns: int, window_ns: int, steady_ns: int) -> None:
        self.client_id = client_id
        self.sent_ns = sent_ns
        """By the date, as the broker knows it."""
        self.began_ns = steady_ns
        self.visible_ns = steady_ns + window_ns
        """From when on it would be seen if it were there, by steady time: what is not found before proves nothing."""
        self.round = 0
        self.misses = 0
        """How often in a row the broker did not know it."""
        self.lacking = False
        """Whether a complete stock, asked for since it began, lacked it too."""
        self.timer: Timer | None = None

    def lacked_by(self, since_ns: int, question: Question) -> None:
        """Note that a whole stock lacks it, if it was asked for late enough and goes back far enough."""
        asked_in_time = question.steady_ns >= max(self.began_ns, self.visible_ns)
        self.lacking = self.lacking or (asked_in_time and since_ns <= self.sent_ns)

    @property
    def missed(self) -> bool:
        """Whether the broker said often enough that it does not know it."""
        return self.misses >= MISSES_NEEDED

    @property
    def proven_absent(self) -> bool:
        """Whether there is no such order at the broker, beyond doubt."""
        return self.missed and self.lacking

    def doubt(self) -> None:
        """Forget what spoke against it."""
        self.misses, self.lacking = 0, False


class Inquiries:
    """Every order that is asked for; a question that can't reach the broker is not asked.

    An order may be on its way for `window_ns` before its broker shows it. It was sent before it was doubted, and
    from then on that time is measured: by steady time, since the date may be set.
    """

    def __init__(self, broker: Broker, clock: Clock, movement: Movement, window_ns: int) -> None:
        self._broker = broker
        self._clock = clock
        self._window_ns = window_ns
        self._questions = Questions(clock, movement)
        self._held = False
        self._all: dict[str, Inquiry] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Inquiry]:
        return iter(list(self._all.values()))

    def get(self, client_id: str) -> Inquiry | None:
        """Return the inquiry after an order, if there is one."""
        return self._all.get(client_id)

    def begin(self, client_id: str, sent_ns: int) -> None:
        """Ask for an order from now on, unless it is asked for already."""
        if client_id not in self._all:
            inquiry = Inquiry(client_id, sent_ns, self._window_ns, self._clock.monotonic_ns())
            self._all[client_id] = inquiry
            self._schedule(inquiry)

    def end(self, client_id: str) -> None:
        """Ask no more."""
        inquiry = self._all.pop(client_id, None)
        if inquiry is not None and inquiry.timer is not None:
            inquiry.timer.cancel()

    def answered(self, client_id: str, number: int) -> Question | None:
        """Return the question that an answer belongs to; None for one that was not asked for, or has its answer."""
        return self._questions.answered(number, client_id)

    def missed(self, client_id: str, number: int) -> Inquiry | None:
        """Count that the broker does not know an order; return its inquiry once that was said often enough."""
        inquiry, question = self._all.get(client_id), self.answered(client_id, number)
        if inquiry is None or question is None or question.steady_ns < inquiry.visible_ns:
            return None
        inquiry.misses += 1
        return inquiry if inquiry.missed else None

    def hold(self) -> None:
        """Ask nothing while the way to the broker is closed, and believe no absence from before."""
        self._held = True
        self._questions.forget()
        for inquiry in self:
            inquiry.doubt()

    def go_on(self) -> None:
        """Begin every inquiry anew: the way is open, or the clock dropped its timers."""
        self._held = False
        self._questions.forget()
        for inquiry in self:
            self._begin_anew(inquiry)

    def _begin_anew(self, inquiry: Inquiry) -> None:
        if inquiry.timer is not None:
            inquiry.timer.cancel()
        inquiry.doubt()
        inquiry.round, inquiry.began_ns = 0, self._clock.monotonic_ns()
        self._schedule(inquiry)

    def _schedule(self, inquiry: Inquiry) -> None:
        wait_ns = _WAITS_NS[inquiry.round] if inquiry.round < len(_WAITS_NS) else _THEN_EVERY_NS
        inquiry.round += 1
        inquiry.timer = self._clock.call_at(self._clock.now_ns() + wait_ns, self._asker(inquiry))

    def _asker(self, inquiry: Inquiry) -> Callable[[], None]:
        def ask() -> None:
            if not self._held:
                self._schedule(inquiry)
                self._broker.inquire(inquiry.client_id, self._questions.ask(inquiry.client_id))

        return ask
