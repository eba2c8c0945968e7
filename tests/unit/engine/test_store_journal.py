"""What a killed process, a full disk and a damaged file leave of the journal."""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.errors import FileDataError, JournalError
from engine.messages.commands import CancelOrder
from engine.messages.events import Denial, OrderDenied, OrderSubmitted
from engine.messages.reports import AcceptReport, FillReport, ReplaceReport
from engine.model.fill import Fill, Liquidity
from engine.model.trade import Side
from engine.store.journal import FileJournal, read_journal
from engine.store.reading import HEADER
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import SYMBOL

RECORDS: tuple[Struct, ...] = (
    OrderSubmitted(make_request("t-1", stop=5), 17),
    AcceptReport("t-1", "V1", 18),
    FillReport(
        Fill(
            fill_id="F1",
            client_id="t-1",
            account="A",
            symbol=SYMBOL,
            side=Side.SELL,
            price=10**14,
            quantity=3,
            fee_micros=-5,
            fee_currency="USD",
            liquidity=Liquidity.MAKER,
        )
    ),
    ReplaceReport("t-1", 5, None, 7, 19),
    CancelOrder("t-1", "line"),
    OrderDenied(make_request("t-2"), (Denial("size", "zu groß"), Denial("x", "y")), 20),
)


def write(path: Path, records: tuple[Struct, ...] = RECORDS) -> None:
    journal = FileJournal(path).open()
    for record in records:
        journal.append(record)
    journal.close()


def records_of(path: Path) -> list[Struct]:
    return [record for _, record in read_journal(path)]


def test_what_was_written_is_read_back_equal_and_in_order(tmp_path: Path) -> None:
    write(tmp_path / "j")
    found = list(read_journal(tmp_path / "j"))
    assert [record for _, record in found] == list(RECORDS)
    assert [kind for kind, _ in found] == [type(record).__name__ for record in RECORDS]


def test_a_journal_that_is_opened_again_goes_on_at_its_end(tmp_path: Path) -> None:
    write(tmp_path / "j")
    write(tmp_path / "j", RECORDS[:2])
    assert records_of(tmp_path / "j") == [*RECORDS, *RECORDS[:2]]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    write(tmp_path / "j")
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_cut_at_any_byte_it_keeps_every_whole_record_and_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    path = tmp_path / "cut"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        reader = read_journal(path)
        found = [record for _, record in reader]
        assert found == list(RECORDS[: len(found)])
        assert reader.end + reader.torn_bytes == length
        journal = FileJournal(path).open()
        assert journal.torn_bytes == reader.torn_bytes
        journal.append(RECORDS[1])
        journal.close()
        assert records_of(path) == [*found, RECORDS[1]]


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_flipped_bit_is_never_read_as_something_else(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        write(path)
        found = _read_with_a_flipped_bit(path, data)
    assert len(found) < len(RECORDS)
    assert found == list(RECORDS[: len(found)])


def _read_with_a_flipped_bit(path: Path, data: st.DataObject) -> list[Struct]:
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    found: list[Struct] = []
    with contextlib.suppress(FileDataError):
        found.extend(record for _, record in read_journal(path))
    return found


def test_damage_with_records_behind_it_is_an_error_and_nothing_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path)
    content = bytearray(path.read_bytes())
    content[len(HEADER) + 12] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileDataError, match=r"row 1: damaged at byte 8"):
        records_of(path)
    with pytest.raises(JournalError, match="damaged"):
        FileJournal(path).open()
    assert path.read_bytes() == bytes(content)


def test_zeros_after_the_last_record_are_a_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path)
    with path.open("ab") as file:
        file.write(bytes(4096))
    reader = read_journal(path)
    assert [record for _, record in reader] == list(RECORDS)
    assert reader.torn_bytes == 4096


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a journal at all", "expected a Touchline journal"),
        (HEADER[:6] + b"\x63\x00", "expected journal version 1, found 99"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(FileDataError, match=sentence):
        records_of(tmp_path / "j")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileDataError, match="No such file"):
        records_of(tmp_path / "none")


class Unlisted(Struct):
    """A record that no reader knows."""

    value: int


def test_a_record_of_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "j", (Unlisted(1),))
    with pytest.raises(FileDataError, match="unknown kind of record 'Unlisted'"):
        records_of(tmp_path / "j")


def test_a_journal_that_is_not_open_says_so(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "j")
    with pytest.raises(JournalError):
        journal.append(RECORDS[0])
    journal.open()
    journal.close()
    journal.close()
    with pytest.raises(JournalError):
        journal.append(RECORDS[0])


def test_a_folder_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="No such file"):
        FileJournal(tmp_path / "none" / "j").open()


def test_a_write_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, RECORDS[:1])
    size = path.stat().st_size
    journal = FileJournal(path).open()
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
        with pytest.raises(JournalError, match="only 20 of"):
            journal.append(RECORDS[0])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    journal.append(RECORDS[1])
    journal.close()
    assert records_of(path) == [RECORDS[0], RECORDS[1]]


WRITER = """
import sys
import tempfile
from pathlib import Path
from engine.messages.commands import CancelOrder
from engine.store.journal import FileJournal
journal = FileJournal(Path(sys.argv[1])).open()
for number in range(10**9):
    journal.append(CancelOrder(str(number)))
    print(number, flush=True)
"""


def test_a_killed_process_loses_no_record_it_was_told_is_written(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(500)]
        process.kill()
    found = [record.client_id for record in records_of(path) if isinstance(record, CancelOrder)]
    assert found[: len(told)] == [str(number) for number in told]


def test_a_record_longer_than_any_reader_accepts_is_refused(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "j").open()
    with pytest.raises(JournalError, match="at most 1,048,576 fit"):
        journal.append(CancelOrder("x" * 2_000_000))
    journal.append(CancelOrder("t-1"))
    journal.close()
    assert records_of(tmp_path / "j") == [CancelOrder("t-1")]


def test_a_record_with_other_fields_than_its_kind_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "j", (RECORDS[0], msgspec.defstruct("CancelOrder", [("client_id", int)])(7)))
    with pytest.raises(FileDataError, match="row 2: CancelOrder: Expected `str`, got `int`"):
        records_of(tmp_path / "j")
