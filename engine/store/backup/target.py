"""The point that an account is restored to."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.store.backup.chain import Chain
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import Piece
from engine.store.backup.manifest import Manifest


class Target(Struct, frozen=True):
    """A record or a moment; without both, the newest there is."""

    sequence: int | None = None
    """The last record to keep."""
    time_ns: int | None = None
    """The first record that was written later than this and all behind it are left out; ns, UTC."""

    def leaves_out(self, sequence: int, time_ns: int) -> bool:
        """Tell whether a record is behind the point."""
        if self.sequence is not None:
            return sequence > self.sequence
        return self.time_ns is not None and time_ns > self.time_ns

    def is_settled_by(self, manifest: Manifest) -> bool:
        """Tell whether no piece behind this one is needed."""
        if self.sequence is not None:
            return manifest.last_sequence >= self.sequence
        return self.time_ns is not None and manifest.last_ns > self.time_ns

    def pieces_of(self, chain: Chain) -> tuple[Piece, ...]:
        """Return the pieces of a chain that are needed."""
        for count, piece in enumerate(chain.pieces, 1):
            if self.is_settled_by(piece.manifest):
                return chain.pieces[:count]
        return chain.pieces


def candidates(chains: list[Chain], target: Target, where: str) -> list[Chain]:
    """Return the chains that hold a point, newest first.

    Raises:
        BackupError: none does.
    """
    if not chains:
        raise BackupError(f"{where} holds no backup")
    newest = chains[-1]
    open_end = target.sequence is None and newest.fault is None
    held = [
        one
        for one in reversed(chains)
        if one.pieces
        and not target.leaves_out(one.base.first_sequence, one.base.first_ns)
        and (target.is_settled_by(one.tip) or (open_end and one is newest))
    ]
    if held:
        return held
    there = [one for one in chains if one.pieces]
    if newest.fault is not None:
        way = f"; touchline restore --to {there[-1].tip.last_sequence} needs none of it" if there else ""
        raise type(newest.fault)(f"{newest.fault}{way}")
    first, last = there[0].base, there[-1].tip
    raise BackupError(
        f"{where} has no such point: it goes from record {first.first_sequence} ({as_utc(first.first_ns)}) "
        f"to record {last.last_sequence} ({as_utc(last.last_ns)})"
    )


def as_utc(time_ns: int) -> str:
    """Return a time as people write it, to the second."""
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
