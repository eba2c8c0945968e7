"""Hears everyone who connects to the control socket: one thread, and nothing in it waits for anybody."""

from __future__ import annotations

import errno
import selectors
import socket
from dataclasses import dataclass
from functools import partial

from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.control.conversation import Conversation
from engine.control.errands import Errands, Steps
from engine.control.listener import Listener
from engine.control.peer import is_trusted, peer_of
from engine.control.places import KeptPlaces
from engine.control.requests import Answer, Code, read_request
from engine.errors import DataError
from engine.model.text import clean

CONNECTIONS_MAX = 8
"""How many may be saying what they want at the same time; others wait in the kernel."""
WAITING_MAX = 8
"""How many may wait for proof; what others ask is carried out too, and answered at once."""
TICK_NS = 20 * NS_PER_MS
"""How often the engine is looked at while somebody waits for proof."""
REQUEST_NS = 2_000 * NS_PER_MS
"""How long a request may take to come."""
CROWDED_NS = 250 * NS_PER_MS
"""How long it may take while others wait to be heard."""
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


@dataclass(slots=True)
class Counters:
    """What came of every connection."""

    accepted: int = 0
    requests: int = 0
    strangers: int = 0
    """Other users, who were turned away."""
    malformed: int = 0
    silent: int = 0
    """Those who did not say in time what they want."""
    unheard: int = 0
    """Answers that nobody was there to take."""
    unwatched: int = 0
    """Requests that were carried out and not watched, because too many waited for proof."""
    faults: int = 0


class Reception:
    """Takes connections and requests, has them carried out, and sends the answers."""

    def __init__(
        self, listener: Listener, places: KeptPlaces, errands: Errands, counters: Counters, clock: Clock
    ) -> None:
        self._listener = listener
        self._places = places
        self._errands = errands
        self._counters = counters
        self._now_ns = clock.monotonic_ns
        self._selector = selectors.DefaultSelector()
        self._speaking: dict[socket.socket, Conversation] = {}
        self._waiting: dict[Conversation, Steps] = {}
        self._listening = self._resting = self._stopped = False
        self._looked_ns = 0

    def run(self, stopped: socket.socket) -> None:
        """Serve until the other end of `stopped` is closed."""
        with stopped, self._selector:
            self._selector.register(stopped, selectors.EVENT_READ, self._stop)
            while not self._stopped:
                self._listen(wanted=len(self._speaking) < CONNECTIONS_MAX and not self._resting)
                idle = self._listening and not self._speaking and not self._waiting
                for key, _ in self._selector.select(None if idle else TICK_NS / NS_PER_S):
                    key.data()
                self._tick()
        for conversation in (*self._waiting, *self._speaking.values()):
            self._answer(conversation, Answer(code=Code.UNPROVEN, text="the desk is closing"))
        self._listener.close()
        self._places.end()

    def _stop(self) -> None:
        self._stopped = True

    def _listen(self, *, wanted: bool) -> None:
        """Take new connections, or leave them to wait in the kernel."""
        if wanted and not self._listening:
            self._selector.register(self._listener.socket, selectors.EVENT_READ, self._accept)
        elif self._listening and not wanted:
            self._selector.unregister(self._listener.socket)
        self._listening = wanted

    def _accept(self) -> None:
        try:
            connection = self._accepted()
        except OSError:
            self._counters.faults += 1
            self._resting = True
            return
        self._counters.accepted += 1
        conversation = Conversation(connection, self._now_ns())
        if is_trusted(peer_of(connection)):
            self._speaking[connection] = conversation
            self._selector.register(connection, selectors.EVENT_READ, partial(self._hear, conversation))
        else:
            self._counters.strangers += 1
            self._refuse(conversation, "this desk belongs to another user")

    def _accepted(self) -> socket.socket:
        """Return who connected; where the process has no descriptor left it gets a place that was kept for it."""
        while True:
            try:
                return self._listener.socket.accept()[0]
            except OSError as error:
                if error.errno not in _NO_DESCRIPTORS or not self._places.give_up():
                    raise

    def _hear(self, conversation: Conversation) -> None:
        try:
            line = conversation.read()
            if line is None:
                return
            request = read_request(line)
        except DataError as error:
            self._forget(conversation)
            self._counters.malformed += 1
            self._refuse(conversation, clean(str(error)))
        except OSError as error:
            self._forget(conversation)
            self._refuse(conversation, f"expected a line, found that {error}")
        else:
            self._forget(conversation)
            self._counters.requests += 1
            self._begin(conversation, self._errands.begin(request))

    def _begin(self, conversation: Conversation, steps: Steps) -> None:
        """Act at once, and wait for the proof if there is room to."""
        if self._step(conversation, steps):
            return
        if len(self._waiting) < WAITING_MAX:
            self._waiting[conversation] = steps
            return
        steps.close()
        self._counters.unwatched += 1
        text = "asked for, but nothing is proven: too many wait for proof; ask for the status"
        self._answer(conversation, Answer(code=Code.UNPROVEN, text=text))

    def _step(self, conversation: Conversation, steps: Steps) -> bool:
        """Go one step on with a request; tell whether it is answered."""
        try:
            next(steps)
        except StopIteration as done:
            self._answer(conversation, done.value)
        except Exception as error:  # noqa: BLE001  # one request's fault must not end the thread
            self._counters.faults += 1
            text = clean(f"failed: {type(error).__name__}: {error}")
            self._answer(conversation, Answer(code=Code.UNPROVEN, text=text))
        else:
            return False
        return True

    def _tick(self) -> None:
        """Let everyone who waits look whether it is proven, and drop who says nothing."""
        now_ns = self._now_ns()
        if now_ns - self._looked_ns < TICK_NS:
            return
        self._looked_ns, self._resting = now_ns, False
        for conversation, steps in list(self._waiting.items()):
            if self._step(conversation, steps):
                del self._waiting[conversation]
        patience_ns = REQUEST_NS if self._listening else CROWDED_NS
        for conversation in list(self._speaking.values()):
            if now_ns - conversation.begun_ns > patience_ns:
                self._forget(conversation)
                self._counters.silent += 1
                self._refuse(conversation, "expected a line of JSON, found silence")

    def _forget(self, conversation: Conversation) -> None:
        """Listen no more to what a connection says."""
        self._selector.unregister(conversation.connection)
        del self._speaking[conversation.connection]

    def _refuse(self, conversation: Conversation, text: str) -> None:
        self._answer(conversation, Answer(code=Code.BAD_INPUT, text=text))

    def _answer(self, conversation: Conversation, answer: Answer) -> None:
        self._counters.unheard += not conversation.tell(answer)
        self._places.close(conversation.connection)
