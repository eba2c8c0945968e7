"""What a person halted, in a small file of its own: it outlives a journal that can't be written."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.errors import DataError
from engine.files import whole_file
from engine.messages.commands import TradingState
from engine.messages.events import TradingStateChanged
from engine.model.instrument import Symbol
from engine.model.undecodable import UNDECODABLE
from engine.risk.halt import Halt, TradingHalts, is_stricter
from engine.risk.latched import NOTHING_LATCHED, Latched

ORIGIN = "latch"
"""What the journal has as the origin of a halt that only the file knew."""
WAIT_S = 0.1
"""How long a halt waits for its file: a disk that hangs must not hold up the cancels behind it."""
_BYTES_MAX = 1 << 20
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_decode = msgspec.json.Decoder(Latched).decode


class HaltLatch:
    """Keeps the file as the halts are. A file that can't be read counts as a halt of everything.

    The journal's records are the history; at a start the stricter of both holds.
    """

    def __init__(self, path: Path, halts: TradingHalts) -> None:
        self.path = path
        self._halts = halts
        self._counting, self._writing = threading.Lock(), threading.Lock()
        self._asked = self._done = 0
        self._failure = ""

    @property
    def failure(self) -> str:
        """Why the file could not be written when that was last tried; empty when it was."""
        return self._failure

    @property
    def doubt(self) -> str:
        """Why the file may not be as the halts are; empty when it is."""
        if self._failure or self._done == self._asked:
            return self._failure
        return f"{self.path}: not written yet"

    def stricter(self, now_ns: int) -> Iterator[TradingStateChanged]:
        """Yield what the file has and the journal's records have not, as far as it forbids more."""
        latched, halts = self._read(now_ns), self._halts
        if is_stricter(latched.everything.state, halts.said.state):
            yield _changed(latched.everything)
        for name, halt in latched.symbols.items():
            if _adds(halt, halts.said_symbols.get(Symbol(name))):
                yield _changed(halt, symbol=Symbol(name))
        for name, halt in latched.strategies.items():
            if _adds(halt, halts.strategies.get(name)):
                yield _changed(halt, strategy=name)
        if latched.firm_version > halts.firm_version and _adds(latched.firm, halts.firm):
            yield _changed(latched.firm, firm_version=latched.firm_version)

    def follow(self) -> None:
        """Keep the file as the halts are, now and after each change of them."""
        self._halts.keep = self._keep
        if self.path.exists() or self._latched() != NOTHING_LATCHED:
            self._keep()

    def _keep(self) -> None:
        """Have the file written, and wait for that a little; callable from any thread."""
        with self._counting:
            self._asked += 1
            asked = self._asked
        thread = threading.Thread(target=self._write, args=(asked,), name="touchline-halts", daemon=True)
        thread.start()
        thread.join(WAIT_S)

    def _write(self, asked: int) -> None:
        """Write what holds now, unless somebody did who was asked later."""
        with self._writing:
            if asked <= self._done:
                return
            asked = self._asked
            try:
                with whole_file(self.path) as file:
                    file.write(msgspec.json.format(msgspec.json.encode(self._latched())) + b"\n")
            except OSError as error:
                self._failure = f"{self.path}: {error.strerror or error}"
            else:
                self._done, self._failure = asked, ""

    def _latched(self) -> Latched:
        halts = self._halts
        said = halts.said if halts.said.state is not TradingState.ACTIVE else NOTHING_LATCHED.everything
        symbols = {str(symbol): halt for symbol, halt in halts.said_symbols.items()}
        return Latched(said, symbols, halts.strategies, halts.firm, halts.firm_version)

    def _read(self, now_ns: int) -> Latched:
        try:
            return _decode(_content(self.path))
        except FileNotFoundError:
            return NOTHING_LATCHED
        except (OSError, DataError, *UNDECODABLE) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            reason = f"{self.path.name} can't be read ({why}): it may hold a halt, so everything is halted"
            return Latched(Halt(TradingState.HALTED, reason, now_ns))


def _content(path: Path) -> bytes:
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise DataError("expected a file of our own")
        return file.read(_BYTES_MAX)


def _adds(halt: Halt, found: Halt | None) -> bool:
    return is_stricter(halt.state, found.state if found is not None else TradingState.ACTIVE)


def _changed(
    halt: Halt, symbol: Symbol | None = None, strategy: str = "", firm_version: int = 0
) -> TradingStateChanged:
    return TradingStateChanged(halt.state, halt.reason, symbol, halt.since_ns, strategy, ORIGIN, firm_version)
