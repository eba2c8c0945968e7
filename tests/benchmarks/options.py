"""What a run of the benchmarks was asked for, and how figures are repeated and compared."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class PeerFailed(Exception):
    """Another program could not be measured; what it said is the reason."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure, and with which peers."""

    peers: Path | None = None
    """The interpreter of the environment that holds the peers."""
    quick: bool = False
    """Only show that everything runs; the figures mean little."""

    def rounds(self, full: int) -> int:
        """Return how many rounds to run of these many."""
        return 1 if self.quick else full

    def peer(self, script: str, *arguments: str) -> dict[str, float] | None:
        """Run a script of `peers/` in the peers' environment; None when there is none.

        Raises:
            PeerFailed: it ended with an error.
        """
        if self.peers is None or not self.peers.exists():
            return None
        command = [str(self.peers), str(HERE / "peers" / script), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise PeerFailed(f"{script} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        found: dict[str, float] = json.loads(done.stdout)
        return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things measured in turn, so that both saw the same machine."""

    ours: float
    """The least of ours."""
    peer: float
    """The least of the peer's."""
    ratio: float
    """The median of the rounds' own ratios."""


def in_turn(rounds: int, ours: Callable[[], float], peer: Callable[[], float]) -> Pair:
    """Measure ours and the peer, one after the other, several times."""
    mine, theirs = [], []
    for _ in range(rounds):
        theirs.append(peer())
        mine.append(ours())
    ratios = [one / other for one, other in zip(mine, theirs, strict=True)]
    return Pair(min(mine), min(theirs), statistics.median(ratios))


class Against(NamedTuple):
    """Ours and another program's, measured in turn; without that program there is no ratio."""

    ours: float
    """The median of ours."""
    ratio: float | None
    """The median of the rounds' own ratios."""


def against(rounds: int, ours: Callable[[], float], theirs: Callable[[], float | None]) -> Against:
    """Measure ours and another program's, one after the other, several times."""
    pairs = [(theirs(), ours()) for _ in range(rounds)]
    ratios = [mine / other for other, mine in pairs if other is not None]
    return Against(
        statistics.median(mine for _, mine in pairs), statistics.median(ratios) if ratios else None
    )
