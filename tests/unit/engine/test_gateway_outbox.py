"""What a slow client is sent: of orders and alerts everything or a farewell, of all else the latest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.gateway.asking import Who
from engine.gateway.broadcast import Broadcast
from engine.gateway.channels import Channel
from engine.gateway.closings import CLOSINGS, IDLE, SLOW, Closing
from engine.gateway.feed import Feed
from engine.gateway.outbox import KEPT_BYTES_MAX, KEPT_MAX, Batch, Outbox
from engine.gateway.socket import IDLE_NS, Socket
from engine.gateway.stream_messages import framed
from engine.gateway.subscriptions import Subscriptions
from engine.messages.events import Severity
from engine.messages.views import Alert, Frame
from engine.observe.gateway_counts import Traffic
from engine.security.operators.roles import Role
from engine.security.tokens.claims import Claims, Kind
from tests.frozen_desk import StillEngine

SYMBOLS = ("ABC", "XYZ", "DEF")
changes = st.dictionaries(st.sampled_from(SYMBOLS), st.integers(0, 9).map(str), min_size=1)
steps = st.lists(st.one_of(changes, st.none()), max_size=30)


def full() -> None:
    raise AssertionError("nothing may be left out here")


def values_of(frame: bytes) -> list[dict[str, int]]:
    """Return what a short frame says."""
    assert frame[:1] == b"\x81", "text, whole"
    start = 2 if frame[1] < 126 else 4
    found: list[dict[str, int]] = json.loads(frame[start:])["values"]
    return found


def merged(frame: bytes, known: dict[str, int]) -> None:
    for value in values_of(frame):
        known.update(value)


@settings(deadline=None, max_examples=60)
@given(steps)
def test_who_reads_now_and_then_knows_in_the_end_what_everybody_knows(
    said: list[dict[str, str] | None],
) -> None:
    async def talk() -> None:
        outbox, known, right = Outbox(full, Traffic()), dict[str, int](), dict[str, int]()
        for change in said:
            if change is None:
                if right.items() - known.items():
                    merged(await outbox.next(), known)
                continue
            right |= {name: int(value) for name, value in change.items()}
            written = {name: f'{{"{name}":{value}}}' for name, value in change.items()}
            outbox.put(Batch(Channel.QUOTES, written))
        outbox.keep(framed('{"values":[]}'))
        for _ in range(2):
            if right != known:
                merged(await outbox.next(), known)
        assert known == right

    asyncio.run(talk())


def test_clients_who_want_the_same_are_sent_the_very_same_frame() -> None:
    batch = Batch(Channel.QUOTES, {name: f'{{"{name}":1}}' for name in SYMBOLS})
    assert batch.frame is batch.frame
    some = frozenset({"ABC"})
    assert batch.of(some) is batch.of(frozenset({"ABC"}))
    assert values_of(batch.of(some).frame) == [{"ABC": 1}]


def test_what_is_told_whole_is_overtaken_whole() -> None:
    async def talk() -> None:
        traffic = Traffic()
        outbox = Outbox(full, traffic)
        outbox.put(Batch(Channel.POSITIONS, {"": '{"a":1},{"b":2}'}))
        outbox.put(Batch(Channel.POSITIONS, {"": ""}))
        assert values_of(await outbox.next()) == []
        assert traffic == Traffic(sent=1, conflated=1)

    asyncio.run(talk())


def test_what_waits_is_bounded_by_number_and_by_length() -> None:
    calls = list[int]()
    outbox = Outbox(lambda: calls.append(1), Traffic())
    for _ in range(KEPT_MAX + 1):
        outbox.keep(b"x")
    assert len(calls) == 1
    outbox = Outbox(lambda: calls.append(1), Traffic())
    outbox.keep(b"x" * KEPT_BYTES_MAX)
    outbox.keep(b"x")
    assert len(calls) == 2


def test_a_farewell_fits_its_frame_and_its_code_is_its_own() -> None:
    assert all(len(closing.text.encode()) <= 123 for closing in CLOSINGS)
    codes = [closing.code for closing in CLOSINGS]
    assert len(set(codes)) == len(codes)
    assert all(4_400 <= code < 4_600 for code in codes)


class Gatehouse:
    """Lets everybody go on."""

    def __init__(self) -> None:
        self.steady_ns = 0
        self.traffic = Traffic()
        self.feed = Feed(StillEngine(), SimulatedClock(0))
        self.broadcast = Broadcast(self.feed)

    def who(self, token: str) -> Who:
        claims = Claims(
            iss="i", aud="a", typ=Kind.ACCESS, sub=token, role="trader", jti="j", fam="f", iat=0, exp=1
        )
        return Who(token, Role.TRADER, claims)

    def objection(self, who: Who) -> Closing | None:  # noqa: ARG002  # nobody is objected to
        return None

    async def count(self, who: Who) -> None:
        """Count nothing."""

    def now_ns(self) -> int:
        return self.steady_ns

    def subscriptions(self, outbox: Outbox) -> Subscriptions:
        return Subscriptions(self.feed, self.broadcast, outbox)


async def served(house: Gatehouse, said: list[str], meanwhile: Any) -> Closing | None:
    """Serve a client that says this and takes nothing, until it is hung up on."""
    socket = Socket(house, house.who("slow"))
    takes_nothing = asyncio.Event()

    async def receive() -> MutableMapping[str, Any]:
        if said:
            return {"type": "websocket.receive", "text": said.pop(0)}
        meanwhile(socket)
        await takes_nothing.wait()
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:  # noqa: ARG001  # it takes nothing
        await takes_nothing.wait()

    async with asyncio.timeout(20):
        return await socket.run(receive, send)


def test_a_client_that_is_too_slow_for_alerts_is_hung_up_on_and_forgotten() -> None:
    house = Gatehouse()

    def alerts(_: Socket) -> None:
        for number in range(KEPT_MAX):
            house.broadcast.on_frame(
                Frame(1, number, alerts=(Alert(Severity.INFO, "test", str(number), number),))
            )

    said = ['{"type":"subscribe","channel":"alerts"}']
    assert asyncio.run(served(house, said, alerts)) is SLOW
    assert not house.feed._listeners, "nobody listens any more"


def test_a_client_that_wants_nothing_is_hung_up_on_and_one_that_listens_is_not() -> None:
    house = Gatehouse()

    def wait(socket: Socket) -> None:
        socket.look()
        assert not socket._over.is_set()
        house.steady_ns += IDLE_NS + 1
        socket.look()
        if not socket._over.is_set():
            socket.hang_up(SLOW)

    assert asyncio.run(served(house, [], wait)) is IDLE
    assert asyncio.run(served(house, ['{"type":"subscribe","channel":"quotes"}'], wait)) is SLOW
    assert IDLE_NS == 60 * NS_PER_S
