"""A journal, its backup folder and its keys, to try backups on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from engine.clock import SimulatedClock
from engine.messages.events import InstrumentListed, OrderSubmitted
from engine.messages.reports import AcceptReport, FillReport
from engine.model.fill import Fill, Liquidity
from engine.model.trade import Side
from engine.security.vault.key_file import KeyFile
from engine.store.backup.folder import BackupFolder
from engine.store.backup.keys import load_or_make_keys, rotate
from engine.store.backup.restore import Restored, restore_to
from engine.store.backup.take import Account, Policy, Taken, take
from engine.store.backup.target import Target
from engine.store.key_ring import KeyRing
from engine.store.reading import Entry
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import SYMBOL, make_instrument
from tests.unit.engine.store_bench import RECORDS, entries, write

DAY_NS = 86_400 * 10**9
SEGMENT_BYTES = 700
"""A few records, so that a short journal has many segments."""


def quiet(_done: int, _total: int) -> None:
    """Tell nobody how far it is."""


class Bench:
    """One account that is written, backed up and restored below a folder; the n-th record is of the time n."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.account = Account(root / "journal", root / "config")
        self.folder = BackupFolder(root / "backup", "sim")
        self.secrets = KeyFile(root / "keys")
        self.clock = SimulatedClock(DAY_NS)
        self.policy = Policy(keep=2, base_days=7)
        self._restores = 0

    @property
    def keys(self) -> KeyRing:
        """The keys, made when they are needed first."""
        return load_or_make_keys(self.secrets)[0]

    def rotate(self) -> KeyRing:
        """Make a new key."""
        return rotate(self.secrets)

    def write(self, count: int, records: Sequence[Struct] = RECORDS) -> None:
        """Append so many records."""
        write(
            self.account.journal, [records[number % len(records)] for number in range(count)], SEGMENT_BYTES
        )

    def take(self, *, base: bool = False) -> Taken:
        """Back up."""
        return take(self.account, self.folder, self.keys, self.clock, self.policy, quiet, base=base)

    def restore(self, target: Target | None = None) -> tuple[Restored, Path]:
        """Restore into a new folder, and return it too."""
        self._restores += 1
        into = self.root / f"restored-{self._restores}"
        return restore_to(self.folder, self.keys, target or Target(), into, quiet), into

    def restored_entries(self, target: Target | None = None) -> list[Entry]:
        """Return what is in the journal after a restore."""
        return entries(self.restore(target)[1])

    def written_entries(self) -> list[Entry]:
        """Return what is in the journal now."""
        return entries(self.account.journal)

    def file(self, name: str) -> Path:
        """Return a file of the backup folder."""
        return self.folder.path / name

    def names(self) -> list[str]:
        """Return what the backup folder holds, its lock left out."""
        return sorted(path.name for path in self.folder.path.iterdir() if path.name != "lock")


def traded(orders: int, price: int = 100) -> Iterator[Struct]:
    """Yield the records of an account that sent so many orders, each of them filled in two parts."""
    yield InstrumentListed(make_instrument())
    for number in range(1, orders + 1):
        client_id = f"t-{number}"
        yield OrderSubmitted(make_request(client_id), number)
        yield AcceptReport(client_id, f"V{number}", number)
        for part in (1, 2):
            yield FillReport(
                Fill(
                    fill_id=f"F{number}.{part}",
                    client_id=client_id,
                    account="PAPER-1",
                    symbol=SYMBOL,
                    side=Side.BUY,
                    price=price,
                    quantity=50,
                    fee_micros=10,
                    fee_currency="USD",
                    liquidity=Liquidity.TAKER,
                )
            )
