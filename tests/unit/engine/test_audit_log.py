"""The audit log: whatever is changed, removed, moved or cut off is found, and where it is."""

from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock, SystemClock
from engine.ports.secrets import SecretsError
from engine.security.audit.entry import Act, AuditBroken, sealed
from engine.security.audit.heads import (
    SECRET_NAME,
    AuditKey,
    Head,
    export_head,
    load_key,
    load_or_make_key,
    read_head,
    verify,
)
from engine.security.audit.log import TORN, AuditLog, entries_in
from engine.security.audit.who import login_name
from engine.security.audit.writer import WAITING_MAX, AuditWriter
from engine.security.vault.key_file import KeyFile

KEY = AuditKey(bytes(range(32)))
CLOCK = SimulatedClock(1_723_118_400 * NS_PER_S)


def act(after: str) -> Act:
    return Act(who="ann", what="limit", origin="desk", subject="AAPL", before="1", after=after)


def written(path: Path, count: int = 6) -> list[bytes]:
    """Write a log, and return its lines."""
    log = AuditLog(path, CLOCK)
    for number in range(count):
        log.write(act(f"{number} «ü»\n"))
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Return the lines of a whole log."""
    return written(tmp_path_factory.mktemp("audit") / "audit.log")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a log is put that something was done to."""
    path = tmp_path_factory.mktemp("audit") / "audit.log"
    path.touch(mode=0o600)
    return path


def head_of(lines: list[bytes], path: Path) -> Head:
    """Return a head of a whole log."""
    path.write_bytes(b"".join(lines))
    found = verify(path)
    return KEY.sign(found.entries, found.hash, 1)


def test_what_somebody_did_is_there_in_order_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "audit.log"
    umask = os.umask(0)
    try:
        written(path, 3)
    finally:
        os.umask(umask)
    entries = list(entries_in(path))
    assert [(entry.number, entry.who, entry.after) for entry in entries] == [
        (number + 1, "ann", f"{number} «ü»\n") for number in range(3)
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert verify(path).entries == 3
    assert verify(tmp_path / "none").entries == 0


@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_any_byte_that_is_changed_is_found(lines: list[bytes], place: Path, data: st.DataObject) -> None:
    whole, head = b"".join(lines), head_of(lines, place)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    place.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
    with pytest.raises(AuditBroken):
        verify(place, head, "the head")


@given(data=st.data())
@settings(deadline=None, max_examples=80)
def test_any_entries_removed_moved_or_put_in_are_found(
    lines: list[bytes], place: Path, data: st.DataObject
) -> None:
    head = head_of(lines, place)
    order = data.draw(
        st.lists(st.integers(0, len(lines) - 1), max_size=8).filter(lambda it: it != list(range(len(lines))))
    )
    place.write_bytes(b"".join(lines[at] for at in order))
    with pytest.raises(AuditBroken):
        verify(place, head, "the head")


@given(cut=st.integers(1, 400))
@settings(deadline=None, max_examples=60)
def test_any_end_that_is_cut_off_is_found(lines: list[bytes], place: Path, cut: int) -> None:
    head = head_of(lines, place)
    place.write_bytes(b"".join(lines)[:-cut])
    with pytest.raises(AuditBroken):
        verify(place, head, "the head")


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (lambda lines: [lines[0], *lines[2:]], "expected entry 2, found entry 3: entry 2 removed or moved"),
        (lambda lines: [lines[0], *lines[4:]], "found entry 5: entries 2 to 4 removed or moved"),
        (lambda lines: [lines[0], lines[0], *lines[1:]], "expected entry 2, found entry 1 again or moved"),
        (lambda lines: [*lines[:2], b"{}\n", *lines[3:]], "entry 3 was changed: it is no entry any more"),
        (lambda lines: [*lines[:2], lines[2].replace(b"ann", b"bob"), *lines[3:]], "entry 3 was changed: its hash"),
        (lambda lines: [*lines[:5], lines[5][:-9]], "signed at entry 6, the log ends at entry 5"),
        (lambda lines: [*lines, b"x" * 70_000], "65,537 bytes at the end, behind entry 6, are no entry"),
        (lambda lines: lines[:4], "cut off: the head was signed at entry 6, the log ends at entry 4"),
        (lambda _: [sealed(act("x"), 1, 1, "0").line()], "entry 1 does not follow entry 0: one was replaced"),
    ],
)  # fmt: skip
def test_it_is_said_where_the_chain_breaks(
    lines: list[bytes], place: Path, done: Callable[[list[bytes]], list[bytes]], told: str
) -> None:
    head = head_of(lines, place)
    place.write_bytes(b"".join(done(lines)))
    with pytest.raises(AuditBroken, match=told):
        verify(place, head, "the head")


def test_a_log_that_was_written_anew_is_told_from_the_one_that_was_signed(
    lines: list[bytes], place: Path, tmp_path: Path
) -> None:
    head = head_of(lines, place)
    assert verify(place, head, "the head").head == head
    forged = AuditLog(tmp_path / "audit.log", SimulatedClock(5))
    for number in range(9):
        forged.write(act(f"{number}"))
    assert verify(tmp_path / "audit.log").entries == 9
    with pytest.raises(AuditBroken, match="written anew: entry 6 is not the one that the head signs"):
        verify(tmp_path / "audit.log", head, "the head")


def test_a_head_is_made_only_where_the_log_goes_on_from_the_one_before(tmp_path: Path) -> None:
    log, to = tmp_path / "audit.log", tmp_path / "audit.head"
    assert export_head(log, to, KEY, CLOCK) is None
    written(log, 3)
    first = export_head(log, to, KEY, CLOCK)
    assert first is not None
    assert (first.number, stat.S_IMODE(to.stat().st_mode)) == (3, 0o600)
    kept = log.read_bytes()
    written(log, 2)
    second = export_head(log, to, KEY, CLOCK)
    assert second is not None
    assert second.number == 5
    log.write_bytes(kept)
    with pytest.raises(AuditBroken, match="cut off"):
        export_head(log, to, KEY, CLOCK)
    assert read_head(to, KEY) == second


def test_a_head_of_another_key_or_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    log, to = tmp_path / "audit.log", tmp_path / "audit.head"
    written(log, 1)
    export_head(log, to, AuditKey(bytes(32)), CLOCK)
    with pytest.raises(AuditBroken, match=f"was not signed by the audit key {KEY.id}"):
        read_head(to, KEY)
    export = to.read_bytes()
    for content in (export.replace(b'"number":1', b'"number":2'), b"{}", b"\xff"):
        to.write_bytes(content)
        with pytest.raises(AuditBroken):
            read_head(to, AuditKey(bytes(32)))


def test_the_key_is_made_once(tmp_path: Path) -> None:
    secrets = KeyFile(tmp_path / "keys")
    assert load_key(secrets) is None
    made, is_new = load_or_make_key(secrets)
    again, was_new = load_or_make_key(secrets)
    assert (is_new, was_new, made.id) == (True, False, again.id)
    secrets.set(SECRET_NAME, b"short")
    with pytest.raises(SecretsError, match="holds 5 bytes as the audit key, expected 32"):
        load_key(secrets)


def test_half_an_entry_that_a_crash_left_is_cut_off_and_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    lines = written(path, 2)
    path.write_bytes(lines[0] + lines[1][:20])
    assert (verify(path).entries, verify(path).torn_bytes) == (1, 20)
    AuditLog(path, CLOCK).write(act("later"))
    assert (verify(path).entries, verify(path).torn_bytes) == (3, 0)
    assert [(entry.what, entry.before) for entry in entries_in(path)][1:] == [
        (TORN, "20 bytes"),
        ("limit", "1"),
    ]
    path.write_bytes(b"half")
    AuditLog(path, CLOCK).write(act("later"))
    assert [entry.what for entry in entries_in(path)] == [TORN, "limit"]


@pytest.mark.parametrize("content", [b"not an entry\n", b"x" * 70_000])
def test_nothing_is_written_behind_what_is_no_entry(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(AuditBroken):
        AuditLog(path, CLOCK).write(act("later"))
    assert path.read_bytes() == content


def test_a_log_that_others_may_change_or_that_is_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    written(path, 1)
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(SecretsError):
        AuditLog(link, CLOCK).write(act("x"))
    with pytest.raises(SecretsError):
        list(entries_in(link))
    path.chmod(0o666)
    with pytest.raises(SecretsError, match="mode 0666"):
        AuditLog(path, CLOCK).write(act("x"))
    with pytest.raises(SecretsError, match="mode 0666"):
        list(entries_in(path))


def test_an_entry_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="is too long"):
        AuditLog(tmp_path / "audit.log", CLOCK).write(act("x" * 70_000))
    assert not list(entries_in(tmp_path / "audit.log"))


def _write_some(path: Path) -> None:
    log = AuditLog(path, SystemClock())
    for _ in range(10):
        log.write(act("x"))


def test_two_programs_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    fork = multiprocessing.get_context("spawn")
    other = fork.Process(target=_write_some, args=(path,))
    other.start()
    _write_some(path)
    other.join()
    assert (other.exitcode, verify(path).entries) == (0, 20)


def test_a_writer_keeps_the_order_and_tells_what_it_could_not_write(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    writer = AuditWriter(AuditLog(path, CLOCK), "ann")
    for number in range(20):
        writer.note(act(f"{number}"))
    writer.close()
    assert [entry.after for entry in entries_in(path)] == [f"{number}" for number in range(20)]
    assert (writer.dropped, writer.failure) == (0, "")
    path.chmod(0o644)
    refused = AuditWriter(AuditLog(path, CLOCK), "ann")
    refused.note(act("x"))
    refused.close()
    assert refused.dropped == 1
    assert "chmod 600" in refused.failure
    assert "touchline audit verify says whether it was changed" in refused.failure
    AuditWriter(AuditLog(path, CLOCK), "ann").close()


def test_a_writer_whose_disk_hangs_counts_what_it_can_not_take(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415  # stands in for a disk that hangs

    path = tmp_path / "audit.log"
    written(path, 1)
    writer = AuditWriter(AuditLog(path, CLOCK), "ann")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for _ in range(WAITING_MAX + 2):
            writer.note(act("x"))
        assert writer.dropped >= 1
        assert "acts wait to be written" in writer.failure


def test_who_acts_is_the_user_of_this_process() -> None:
    assert login_name()
