"""The timeline: what was not well, from when to when; kept over restarts in a small file of JSON lines.

A line is one turn of a row into or out of trouble, by the world's clock. Incidents are folded from turns by the same
function live and read back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.messages.health_views import TROUBLES, HealthState, Incident, IncidentsView
from engine.model.redaction import redacted
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.observe.health import Reading
from engine.observe.rotating_file import RotatingFile

NAME: Final = "incidents.jsonl"
BYTES_MAX: Final = 512 * 1024
FILES_MAX: Final = 2
KEPT_MAX: Final = 500
"""Incidents that are shown; older ones are in the file, as long as that has room."""
WAITING_MAX: Final = 1_000
"""Turns that may wait for a disk that refuses; the newest beyond that are not kept over a restart."""
STARTING_NS: Final = 5 * NS_PER_S
"""A row that is not well as it starts is an incident only after so long: what is dialled for the first time is no trouble."""
REJOIN_NS: Final = 60 * NS_PER_S
"""Spells of one component that are no further apart are one incident."""


class Turn(Struct, frozen=True, omit_defaults=True):
    """A component came into another state; without a name, a session of the account began or ended."""

    at_ns: int
    account: str
    component: str = ""
    label: str = ""
    state: HealthState = HealthState.OFF
    said: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Turn).decode


class Fold:
    """Makes incidents of turns, in their order."""

    def __init__(self) -> None:
        self._latest: dict[str, Incident] = {}
        """By component; the one that goes on, or the last one."""
        self._over: deque[Incident] = deque(maxlen=KEPT_MAX)
        """Those that nothing can be added to."""

    def take(self, turn: Turn) -> None:
        """Take the next turn."""
        if not turn.component:
            for each in self._latest.values():
                self._over.append(each if each.ended_ns else replace(each, ended_ns=turn.at_ns, cut=True))
            self._latest.clear()
            return
        last = self._latest.get(turn.component)
        if turn.state in TROUBLES:
            self._latest[turn.component] = self._unwell(turn, last)
        elif last is not None and not last.ended_ns:
            self._latest[turn.component] = replace(last, ended_ns=turn.at_ns)

    def _unwell(self, turn: Turn, last: Incident | None) -> Incident:
        new = Incident(turn.component, turn.label, turn.state, turn.said, turn.at_ns)
        if last is None:
            return new
        if last.ended_ns and turn.at_ns - last.ended_ns > REJOIN_NS:
            self._over.append(last)
            return new
        spells = last.spells + bool(last.ended_ns)
        if last.worst is HealthState.DOWN and turn.state is not HealthState.DOWN:
            return replace(last, ended_ns=0, spells=spells)
        return replace(last, ended_ns=0, spells=spells, worst=turn.state, said=turn.said)

    def incidents(self) -> tuple[Incident, ...]:
        """Return them, newest first."""
        found = sorted((*self._over, *self._latest.values()), key=lambda each: -each.began_ns)
        return tuple(found[:KEPT_MAX])


def incidents_of(turns: Iterable[Turn]) -> tuple[Incident, ...]:
    """Return the incidents that these turns tell, newest first."""
    fold = Fold()
    for turn in turns:
        fold.take(turn)
    return fold.incidents()


def turns_in(path: Path) -> Iterator[Turn]:
    """Yield what is kept of all accounts, oldest first; a line that can't be read is passed over.

    Raises:
        OSError: a file can't be read.
    """
    for each in (path.with_name(f"{path.name}.1"), path):
        if each.exists():
            for line in each.read_bytes().splitlines():
                try:
                    yield _decode(line)
                except UNDECODABLE:
                    continue


class Timeline:
    """Notes turns at once; a file has them once they are flushed."""

    def __init__(self) -> None:
        self.view = IncidentsView()
        """What is shown; another one only once something in it differs."""
        self._fold = Fold()
        self._wall_ns: Callable[[], int] = lambda: 0
        self._account = ""
        self._file: RotatingFile | None = None
        self._recalled = False
        self._starting: dict[str, Turn] = {}
        """What was not well as it started, and may be within moments."""
        self._waiting: list[Turn] = []
        self._trouble = ""

    def begin(self, account: str, wall_ns: Callable[[], int], folder: Path | None) -> None:
        """Begin a session of an account; without a folder nothing is kept."""
        self._account, self._wall_ns = account, wall_ns
        if folder is not None:
            self._file = RotatingFile(folder / NAME, bytes_max=BYTES_MAX, files_max=FILES_MAX)
        self._keep(Turn(wall_ns(), account))

    def read(self) -> tuple[Turn, ...]:
        """Return what the file has of this account; slow, so call it from a thread that nobody waits for."""
        if self._file is None:
            return ()
        try:
            return tuple(turn for turn in turns_in(self._file.path) if turn.account == self._account)
        except OSError as error:
            self._trouble = f"{self._file.path}: {error.strerror or error}"
            return ()

    def recall(self, before: Iterable[Turn]) -> None:
        """Take what was before this session, and begin to write."""
        self._fold = Fold()
        for turn in (*before, *self._waiting):
            self._fold.take(turn)
        self._recalled = True
        self.look()
        self._show()

    def note(self, component: str, label: str, before: HealthState, now: Reading) -> None:
        """Note that a row came into another state, where it was not well before or is not well now."""
        said = clean(redacted(" · ".join(part for part in (now.value, now.detail) if part)), 300)
        turn = Turn(self._wall_ns(), self._account, component, label, now.state, said)
        if component in self._starting and now.state not in TROUBLES:
            del self._starting[component]
        elif before is HealthState.OFF and now.state in TROUBLES:
            self._starting[component] = turn
        elif now.state in TROUBLES or before in TROUBLES:
            self._admit(component)
            self._keep(turn)

    def look(self) -> None:
        """Let what did not come well in time be an incident, and write what waits."""
        long_ago_ns = self._wall_ns() - STARTING_NS
        for component in [name for name, turn in self._starting.items() if turn.at_ns <= long_ago_ns]:
            self._admit(component)
        if self._recalled:
            self._write()

    def close(self) -> None:
        """End the session, and let go of the file."""
        self._starting.clear()
        self._keep(Turn(self._wall_ns(), self._account))
        self._write()
        if self._file is not None:
            self._file.close()

    def _admit(self, component: str) -> None:
        if (turn := self._starting.pop(component, None)) is not None:
            self._keep(turn)

    def _keep(self, turn: Turn) -> None:
        self._fold.take(turn)
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append(turn)
        self._show()

    def _write(self) -> None:
        if self._file is None or not self._waiting:
            self._waiting.clear()
            return
        try:
            self._file.write(b"".join(_encode(turn) + b"\n" for turn in self._waiting))
        except OSError as error:
            self._say(f"{self._file.path}: {error.strerror or error}")
        else:
            self._waiting.clear()
            self._say("")

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._show()

    def _show(self) -> None:
        view = IncidentsView(self._fold.incidents(), self._trouble)
        if view != self.view:
            self.view = view
