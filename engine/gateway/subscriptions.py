"""What one client subscribed to."""

from __future__ import annotations

from typing import Final

from engine.errors import TransientError
from engine.gateway.broadcast import Broadcast, Wanted
from engine.gateway.channels import OF_SYMBOLS, Channel
from engine.gateway.feed import Feed
from engine.gateway.outbox import Outbox
from engine.gateway.refusals import Code, Refused
from engine.gateway.stream_messages import Subscribe, Subscribed, Unsubscribe, Unsubscribed, said
from engine.model.instrument import Symbol
from engine.model.text import clean

BOOKS_MAX: Final = 20
"""How many books one client may follow."""
_NAME_MAX: Final = 64


class Subscriptions:
    """Adds to it and takes from it, in the words of the client."""

    def __init__(self, feed: Feed, broadcast: Broadcast, outbox: Outbox) -> None:
        self._feed = feed
        self._broadcast = broadcast
        self._outbox = outbox
        self._wanted: dict[Channel, Wanted] = {}

    def __len__(self) -> int:
        """Return how many channels are subscribed to."""
        return len(self._wanted)

    async def add(self, asked: Subscribe) -> None:
        """Have a channel told, after the word that it is and what there is now.

        Raises:
            Refused: it can't be.
        """
        channel, symbols = asked.channel, frozenset(Symbol(name) for name in asked.symbols)
        await self._check(channel, symbols)
        wanted: Wanted = None
        if symbols:
            before = self._wanted.get(channel, frozenset())
            wanted = None if before is None else before | symbols
        if channel is Channel.DEPTH:
            self._follow(symbols)
        self._wanted[channel] = wanted
        self._outbox.keep(said(Subscribed(channel, _listed(wanted))))
        self._broadcast.subscribe(self._outbox, channel, wanted)

    def remove(self, asked: Unsubscribe) -> None:
        """Have a channel told no more, or some symbols of it.

        Raises:
            Refused: of all symbols some can't be taken.
        """
        channel, symbols = asked.channel, frozenset(Symbol(name) for name in asked.symbols)
        before = self._wanted.get(channel, frozenset())
        if symbols and before is None:
            raise Refused(
                Code.REFUSED, "all symbols are subscribed to: unsubscribe from all, and subscribe to some"
            )
        left = before - symbols if symbols and before is not None else frozenset()
        if channel is Channel.DEPTH and before is not None:
            self._unfollow(before - left)
        if left:
            self._wanted[channel] = left
            self._broadcast.narrow(self._outbox, channel, left)
        elif channel in self._wanted:
            del self._wanted[channel]
            self._broadcast.unsubscribe(self._outbox, channel)
        self._outbox.keep(said(Unsubscribed(channel, _listed(left))))

    def end(self) -> None:
        """Have nothing told any more."""
        self._unfollow(self._wanted.get(Channel.DEPTH) or frozenset())
        for channel in self._wanted:
            self._broadcast.unsubscribe(self._outbox, channel)
        self._wanted.clear()

    async def _check(self, channel: Channel, symbols: frozenset[Symbol]) -> None:
        if symbols and channel not in OF_SYMBOLS:
            raise Refused(Code.REFUSED, f"{channel} is not subscribed to by symbol")
        if channel is Channel.DEPTH and not symbols:
            raise Refused(Code.REFUSED, "depth takes the symbols whose books are wanted")
        try:
            mirror = await self._feed.fresh()
        except TransientError:
            raise Refused(Code.UNAVAILABLE) from None
        unknown = sorted(symbols - mirror.instruments.keys())
        if unknown:
            raise Refused(Code.NOT_FOUND, f"{clean(unknown[0], _NAME_MAX)} is not followed here")

    def _follow(self, symbols: frozenset[Symbol]) -> None:
        before = self._wanted.get(Channel.DEPTH) or frozenset()
        if len(before | symbols) > BOOKS_MAX:
            raise Refused(Code.REFUSED, f"more than {BOOKS_MAX} books")
        followed: set[Symbol] = set()
        for symbol in symbols - before:
            if not self._feed.follow(symbol):
                self._unfollow(frozenset(followed))
                raise Refused(Code.REFUSED, "too many books are followed here")
            followed.add(symbol)

    def _unfollow(self, symbols: frozenset[Symbol]) -> None:
        for symbol in symbols:
            self._feed.unfollow(symbol)


def _listed(wanted: Wanted) -> tuple[Symbol, ...]:
    return tuple(sorted(wanted or ()))
