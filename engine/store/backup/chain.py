"""Which pieces belong together: a base and the increments that follow it without a gap."""

from __future__ import annotations

from typing import NamedTuple

from engine.store.backup.errors import BackupError, DamagedBackup, WrongKey
from engine.store.backup.folder import BackupFolder, Piece
from engine.store.backup.manifest import BASE, Manifest
from engine.store.key_ring import KeyRing


class Chain(NamedTuple):
    """A base and what follows it; no piece at all when the base itself can't be opened."""

    pieces: tuple[Piece, ...]
    fault: BackupError | None
    """Why it ends before the pieces that were meant to follow."""

    @property
    def base(self) -> Manifest:
        """The base."""
        return self.pieces[0].manifest

    @property
    def tip(self) -> Manifest:
        """The last piece."""
        return self.pieces[-1].manifest

    def then(self, piece: Piece) -> Chain:
        """Return the chain with one more piece, or why it does not follow."""
        wrong = self._why_not(piece.manifest)
        if wrong is not None:
            return self.broken(DamagedBackup(wrong))
        return Chain((*self.pieces, piece), self.fault)

    def broken(self, fault: BackupError) -> Chain:
        """Return the chain with why it ends; the first reason stays."""
        return Chain(self.pieces, self.fault or fault)

    def _why_not(self, follows: Manifest) -> str | None:
        if self.fault is not None:
            return str(self.fault)
        if follows.number != self.tip.number + 1:
            return f"piece {self.tip.number + 1:08d} is missing"
        if follows.previous != self.pieces[-1].digest:
            return f"piece {follows.stem} follows another piece {self.tip.stem} than the one that is there"
        return None


def chains_of(folder: BackupFolder, keys: KeyRing) -> list[Chain]:
    """Return the chains of a backup, oldest first; what can't be opened is a fault of its chain.

    Raises:
        BackupError: the folder can't be read.
    """
    chains: list[Chain] = []
    for number in folder.numbers():
        try:
            piece = folder.read(number, keys)
        except (DamagedBackup, WrongKey) as error:
            if folder.is_base(number) or not chains:
                chains.append(Chain((), error))
            else:
                chains[-1] = chains[-1].broken(error)
            continue
        if piece.manifest.kind == BASE:
            chains.append(Chain((piece,), None))
        elif chains:
            chains[-1] = chains[-1].then(piece)
        else:
            chains.append(Chain((), DamagedBackup(f"the base before piece {piece.manifest.stem} is missing")))
    return chains


def verify(folder: BackupFolder, chain: Chain, keys: KeyRing) -> None:
    """Read every byte of a chain.

    Raises:
        BackupError: it can't be restored whole.
    """
    if chain.fault is not None:
        raise chain.fault
    for piece in chain.pieces:
        for _ in folder.data(piece, keys):
            pass
