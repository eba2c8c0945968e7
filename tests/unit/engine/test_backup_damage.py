"""A backup that was changed, cut, swapped or locked away is told, never restored as if it were whole."""

from __future__ import annotations

import os
import shutil
import stat
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.security.vault.key_file import KeyFile
from engine.store.backup.chain import chains_of
from engine.store.backup.errors import BackupError, DamagedBackup, WrongKey
from engine.store.backup.keys import SECRET_NAME, copy_keys, load_keys
from engine.store.backup.manifest import Extent, Manifest
from engine.store.backup.sealed import CHUNK_BYTES, TAG_BYTES, SealedWriter, open_sealed
from engine.store.backup.spread import spread
from engine.store.backup.target import Target
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from tests.unit.engine.backup_bench import Bench

KEY = Key(bytes(range(KEY_BYTES)))
RING = KeyRing((KEY,), "a test")


def sealed(content: bytes, name: str = "a") -> bytes:
    file = BytesIO()
    writer = SealedWriter(file, KEY, name)
    for start in range(0, len(content), 700_000):
        writer.write(content[start : start + 700_000])
    writer.close()
    return file.getvalue()


def opened(content: bytes, name: str = "a") -> bytes:
    return b"".join(open_sealed(BytesIO(content), RING, name))


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes that don't get shorter by compression."""
    return Random(seed).randbytes(size)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return an account with a base and three increments."""
    made = Bench(tmp_path)
    for _ in range(4):
        made.write(10)
        made.take()
    return made


@given(st.binary(max_size=5000), st.text(max_size=20))
@settings(deadline=None, max_examples=50)
def test_what_was_sealed_opens_under_its_name_alone(content: bytes, name: str) -> None:
    assert opened(sealed(content, name), name) == content
    with pytest.raises(DamagedBackup, match="it was sealed as"):
        opened(sealed(content, name), name + "x")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_content_of_any_number_of_chunks_is_the_same_again(size: int) -> None:
    assert opened(sealed(noise(size))) == noise(size)
    assert opened(sealed(bytes(size))) == bytes(size)


def test_content_that_shrinks_a_thousandfold_comes_in_pieces_of_a_chunk() -> None:
    pieces = list(open_sealed(BytesIO(sealed(bytes(20 * CHUNK_BYTES))), RING, "a"))
    assert sum(map(len, pieces)) == 20 * CHUNK_BYTES
    assert max(map(len, pieces)) <= CHUNK_BYTES


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_one_flipped_bit_anywhere_is_seen(data: st.DataObject) -> None:
    content = bytearray(sealed(b"buy 100 ACME " * 50))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((DamagedBackup, WrongKey)):
        opened(bytes(content))


def test_a_file_cut_at_any_chunk_or_in_it_is_seen() -> None:
    content = sealed(noise(3 * CHUNK_BYTES + 5000))
    header = len(sealed(b"")) - len(sealed(b"")[-TAG_BYTES - 8 :])
    chunk = CHUNK_BYTES + TAG_BYTES
    for end in (0, 10, header, header + chunk, header + 2 * chunk, header + 3 * chunk, len(content) - 1):
        with pytest.raises(DamagedBackup):
            opened(content[:end])


def test_chunks_in_another_order_and_chunks_of_another_file_are_seen() -> None:
    content, other = sealed(noise(3 * CHUNK_BYTES)), sealed(noise(3 * CHUNK_BYTES, seed=2))
    header = len(sealed(b"")) - TAG_BYTES - len(compressed_nothing())
    cuts = [header + number * (CHUNK_BYTES + TAG_BYTES) for number in range(3)]
    first, second = content[cuts[0] : cuts[1]], content[cuts[1] : cuts[2]]
    for wrong in (
        content[: cuts[0]] + second + first + content[cuts[2] :],
        content[: cuts[1]] + other[cuts[1] : cuts[2]] + content[cuts[2] :],
        other[: cuts[0]] + content[cuts[0] :],
    ):
        with pytest.raises(DamagedBackup, match="changed or cut short"):
            opened(wrong)


def compressed_nothing() -> bytes:
    return zlib.compress(b"", 3)


def test_a_backup_sealed_with_another_key_says_which(bench: Bench, tmp_path: Path) -> None:
    sealed_with = bench.keys.current.id.hex()
    bench.secrets = KeyFile(tmp_path / "other-keys")
    with pytest.raises(WrongKey, match=f"the key {sealed_with} that sealed it is not in the key file"):
        bench.restore()


@pytest.mark.parametrize("name", ["00000001.base", "00000003.increment", "00000003.manifest"])
def test_a_flipped_bit_in_any_file_is_told_with_its_name_and_nothing_is_left(bench: Bench, name: str) -> None:
    content = bytearray(bench.file(name).read_bytes())
    content[-20] ^= 4
    bench.file(name).write_bytes(content)
    with pytest.raises(DamagedBackup, match=rf"{name}: it was changed or cut short"):
        bench.restore()
    assert not list(bench.root.glob("restored-*"))


@pytest.mark.parametrize("name", ["00000001.base", "00000004.increment", "00000004.manifest"])
def test_a_file_whose_end_is_missing_is_told(bench: Bench, name: str) -> None:
    content = bench.file(name).read_bytes()
    bench.file(name).write_bytes(content[:-7])
    with pytest.raises(DamagedBackup, match=name):
        bench.restore()


@pytest.mark.parametrize("name", ["00000002.increment", "00000002.manifest"])
def test_a_missing_piece_is_told_and_what_comes_before_can_be_had(bench: Bench, name: str) -> None:
    bench.file(name).unlink()
    with pytest.raises(DamagedBackup, match=r"00000002\S* is missing; touchline restore --to 10"):
        bench.restore()
    assert bench.restored_entries(Target(sequence=10)) == bench.written_entries()[:10]


def test_a_missing_base_is_told(bench: Bench) -> None:
    for suffix in ("base", "manifest"):
        bench.file(f"00000001.{suffix}").unlink()
    with pytest.raises(DamagedBackup, match="the base before piece 00000002 is missing"):
        bench.restore()


@pytest.mark.parametrize("suffix", ["increment", "manifest"])
def test_swapped_pieces_are_told(bench: Bench, suffix: str) -> None:
    one, other = bench.file(f"00000002.{suffix}"), bench.file(f"00000003.{suffix}")
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(DamagedBackup, match=r"00000002\.\w+: it (was sealed as|has \d+ bytes)"):
        bench.restore()


def test_a_piece_of_another_backup_of_the_same_name_and_key_is_told(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(bench.account.journal, tmp_path / "b" / "journal")
    other = Bench(tmp_path / "b")
    other.secrets = bench.secrets
    for _ in range(4):
        other.take()
        other.write(10)
    for name in ("00000002.manifest", "00000002.increment"):
        bench.file(name).write_bytes(other.file(name).read_bytes())
    with pytest.raises(DamagedBackup, match="follows another piece 00000001"):
        bench.restore()


def test_data_of_another_backup_of_the_same_length_are_told(bench: Bench) -> None:
    name = "00000002.increment"
    content = b"".join(open_sealed(BytesIO(bench.file(name).read_bytes()), bench.keys, f"sim/{name}"))
    with bench.folder.new_data(name, bench.keys.current) as writer:
        writer.write(content)
    with pytest.raises(DamagedBackup, match="is not the file that its manifest names"):
        bench.restore()


def test_an_older_base_stands_in_for_a_damaged_one_that_holds_the_same_point(bench: Bench) -> None:
    bench.take(base=True)
    content = bytearray(bench.file("00000005.base").read_bytes())
    content[100] ^= 1
    bench.file("00000005.base").write_bytes(content)
    restored, _ = bench.restore(Target(sequence=33))
    assert restored.last_sequence == 33
    assert restored.base == "00000001.base"
    assert "00000005.base: it was changed" in restored.passed_over[0]
    with pytest.raises(DamagedBackup, match=r"00000005\.base"):
        bench.restore()


def test_no_backup_says_so(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="holds no backup"):
        Bench(tmp_path).restore()


def test_a_rotated_key_seals_what_is_new_and_the_old_one_opens_what_was(bench: Bench) -> None:
    old = bench.keys.current
    assert bench.rotate().keys[1:] == (old,)
    bench.write(10)
    bench.take()
    assert bench.restored_entries() == bench.written_entries()
    new_alone = bench.keys.current.secret
    bench.secrets.set(SECRET_NAME, new_alone)
    with pytest.raises(WrongKey, match=old.id.hex()):
        bench.restore()
    bench.take()
    assert bench.restored_entries() == bench.written_entries()


def test_keys_copied_to_a_file_open_the_backup_and_lose_none_that_was_there(
    bench: Bench, tmp_path: Path
) -> None:
    copy = KeyFile(tmp_path / "copy")
    copy.set(SECRET_NAME, KEY.secret)
    copied = copy_keys(bench.keys, copy)
    assert copied.keys == (*bench.keys.keys, KEY)
    bench.secrets = copy
    assert bench.restored_entries() == bench.written_entries()


def test_keys_of_a_wrong_length_or_none_are_told(tmp_path: Path) -> None:
    secrets = KeyFile(tmp_path / "keys")
    with pytest.raises(BackupError, match="holds no backup key"):
        load_keys(secrets)
    secrets.set(SECRET_NAME, b"short")
    with pytest.raises(BackupError, match="holds 5 bytes as backup keys"):
        load_keys(secrets)


def test_a_key_does_not_show_itself() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(RING)


def test_only_the_owner_may_read_a_backup_and_what_is_restored(bench: Bench) -> None:
    umask = os.umask(0)
    try:
        bench.write(1)
        bench.take()
        _, into = bench.restore()
    finally:
        os.umask(umask)
    for folder in (bench.folder.path, into):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_oldest_bases_go_with_their_increments(bench: Bench) -> None:
    for _ in range(2):
        bench.write(1)
        taken = bench.take(base=True)
    assert taken.removed == (
        "00000001.base",
        "00000002.increment",
        "00000003.increment",
        "00000004.increment",
    )
    assert bench.names() == ["00000005.base", "00000005.manifest", "00000006.base", "00000006.manifest"]
    assert bench.restored_entries() == bench.written_entries()


def test_no_base_goes_while_fewer_newer_ones_can_be_read_than_are_to_be_kept(bench: Bench) -> None:
    bench.write(1)
    bench.take(base=True)
    content = bytearray(bench.file("00000005.base").read_bytes())
    content[100] ^= 1
    bench.file("00000005.base").write_bytes(content)
    bench.write(1)
    assert bench.take(base=True).removed == ()
    bench.write(1)
    assert bench.take(base=True).removed == (
        "00000001.base",
        "00000002.increment",
        "00000003.increment",
        "00000004.increment",
        "00000005.base",
    )


def test_pruning_that_is_cut_short_leaves_chains(bench: Bench) -> None:
    chain = chains_of(bench.folder, bench.keys)[0]
    bench.folder.remove(chain.pieces[-1])
    assert [len(one.pieces) for one in chains_of(bench.folder, bench.keys)] == [3]
    assert bench.restored_entries() == bench.written_entries()[:30]


class PowerCut(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("step", range(12))
def test_an_interrupted_backup_leaves_nothing_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    bench = Bench(tmp_path)
    bench.write(10)
    bench.take()
    bench.write(10)
    left = step

    def counted(real: object) -> object:
        def call(*arguments: object, **named: object) -> object:
            nonlocal left
            if left == 0:
                raise PowerCut
            left -= 1
            assert callable(real)
            return real(*arguments, **named)

        return call

    with monkeypatch.context() as patched:
        for owner, name in ((os, "fsync"), (Path, "replace"), (SealedWriter, "write")):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        patched.setattr(Path, "unlink", lambda *_args, **_named: None)
        with suppress(PowerCut):
            bench.take()
    whole = bench.written_entries()
    found = bench.restored_entries()
    assert found in (whole[:10], whole)
    bench.take()
    assert bench.restored_entries() == whole
    assert not [name for name in bench.names() if name.endswith(".part")]


def test_two_backups_at_once_are_one_and_a_sentence(bench: Bench) -> None:
    bench.write(1)
    with bench.folder.held(), pytest.raises(BackupError, match="another backup is being written there"):
        bench.take()


def test_a_folder_that_can_not_be_made_is_a_sentence(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(1)
    (tmp_path / "backup").write_text("a file", encoding="utf-8")
    with pytest.raises(BackupError, match="backup"):
        bench.take()


@pytest.mark.parametrize(
    "name", ["../out.tlj", "/etc/x.tlj", "config/../../x.toml", "x", "config/.hidden.toml", "config/a/b"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    manifest = manifest_of(Extent(name, 0, 1))
    with pytest.raises(DamagedBackup, match="a name that no backup has"):
        list(spread(iter([b"x"]), manifest, tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "offset", "told"),
    [
        (b"ab", 0, "less than"),
        (b"abcd", 0, "more than"),
        (b"abc", 5, "goes on at byte 5, but ends at byte 0"),
    ],
)
def test_data_that_do_not_fit_their_manifest_are_told(
    tmp_path: Path, content: bytes, offset: int, told: str
) -> None:
    manifest = manifest_of(Extent("00000001.tlj", offset, 3))
    with pytest.raises(DamagedBackup, match=told):
        list(spread(iter([content]), manifest, tmp_path))


def manifest_of(*extents: Extent) -> Manifest:
    return Manifest(
        number=1,
        kind="base",
        mode="sim",
        made_ns=0,
        first_sequence=1,
        last_sequence=1,
        first_ns=0,
        last_ns=0,
        last_record=b"",
        extents=extents,
        config=b"",
        data_bytes=0,
        data=b"",
        previous=b"",
    )


def test_a_full_disk_while_restoring_is_a_sentence_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "truncate", full)
        with pytest.raises(BackupError, match="No space left on device") as found:
            bench.restore(Target(sequence=5))
    assert not isinstance(found.value, DamagedBackup)
    assert not list(bench.root.glob("restored-*"))


def test_a_restore_never_writes_into_a_folder_that_is_there(bench: Bench, tmp_path: Path) -> None:
    there = tmp_path / "restored-1"
    there.mkdir()
    (there / "mine").write_text("kept", encoding="utf-8")
    with pytest.raises(BackupError, match="File exists"):
        bench.restore()
    assert (there / "mine").read_text(encoding="utf-8") == "kept"


def test_settings_that_can_not_be_read_stop_the_backup(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.account.config.mkdir()
    (bench.account.config / "limits.toml").write_text("a = 1\n", encoding="utf-8")

    def denied(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", denied)
        with pytest.raises(BackupError, match="config: Permission denied"):
            bench.take()


def test_a_full_disk_while_backing_up_is_a_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.names()
    bench.write(1)

    def full(_writer: SealedWriter) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(SealedWriter, "close", full)
        with pytest.raises(BackupError, match="No space left on device"):
            bench.take()
    assert bench.names() == before


def test_a_manifest_of_another_shape_is_told(bench: Bench) -> None:
    name = "00000004.manifest"
    with bench.folder.new_data(name, bench.keys.current) as writer:
        writer.write(b"\x81\xa1x\x01")
    with pytest.raises(DamagedBackup, match=rf"{name}: Object contains unknown field `x`"):
        bench.restore()
