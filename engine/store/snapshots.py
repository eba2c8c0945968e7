"""Snapshots: the state of an account in a file, so that a long journal need not be read from its beginning.

A file `0000000000001234.snapshot` holds everything up to that record: a header, then records of length (u32) and
msgpack `(kind, record)`. The header is written last, with the checksum of all that follows, so that half a
snapshot is none; so is one whose records were laid out otherwise, by another version. Whole numbers are little-endian; the checksum is CRC32C.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from engine.messages.ledger_page import PAGE_LAYOUT
from engine.messages.state import SnapshotHead
from engine.store.cipher import Cipher, Unopened
from engine.store.crc import crc32c
from engine.store.disk import Disk, File
from engine.store.kinds import KINDS

SUFFIX = ".snapshot"
KEPT = 2
"""How many are kept: the newest, and one to fall back on."""
_HEADER = Layout("<8sIIQ")
"""Magic with the version, checksum of the body, checksum of the layout of records, length of the body."""
_MAGIC = b"TLSNAP02"
_SEALED_MAGIC = b"TLSNAPS2"
"""Its body is sealed pieces, each with its length (u32) before it."""
_PLACE = Layout("<QI?")
"""Where a sealed piece belongs: the last record, the piece's number, whether it is the last piece."""
_LENGTH = Layout("<I")
_SHORT_TEXT = 0xA0
"""Added to the length of a text of up to 31 bytes in msgpack: the names of kinds are no longer."""
_CHUNK_BYTES = 256 * 1024
"""How much is written at a time: the engine's thread runs on meanwhile, and nothing copies the whole."""


class Snapshots:
    """Writes and reads the snapshots of one journal's folder."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._cipher = disk.cipher
        self._encode = msgspec.msgpack.Encoder().encode

    def sequences(self) -> list[int]:
        """Return the records that snapshots end with, newest first."""
        names = (name.removesuffix(SUFFIX) for name in self._disk.names() if name.endswith(SUFFIX))
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

    def write(self, records: Iterable[Struct]) -> SnapshotHead:
        """Write a state, its head first, and remove what is older than the last two.

        Raises:
            OSError: it could not be written; nothing of it counts.
        """
        head, chunks = self._pack(records)
        if self._cipher is not None:
            chunks = _sealed(chunks, self._cipher, head.sequence)
        magic = _MAGIC if self._cipher is None else _SEALED_MAGIC
        name, length = _name(head.sequence), sum(map(len, chunks))
        if name in self._disk.names():
            self._disk.remove(name)
        file = self._disk.create(name, _HEADER.size + length)
        try:
            checksum = _fill(file, chunks)
            file.sync()
            _write(file, 0, _HEADER.pack(magic, checksum, layout(), length))
            file.sync()
        except OSError:
            self._disk.remove(name)
            raise
        finally:
            file.close()
        self._disk.sync_folder()
        self._prune()
        return head

    def newest(self, last: int | None = None) -> tuple[SnapshotHead, Iterator[Struct]] | None:
        """Return the head and the records of the newest whole snapshot, None if there is none.

        One that knows more than a `last` record is passed over.
        """
        for sequence in self.sequences():
            if last is not None and sequence > last:
                continue
            body = self._body(_name(sequence), sequence)
            records = _unpack(body) if body is not None else iter(())
            head = next(records, None)
            if isinstance(head, SnapshotHead):
                return head, records
        return None

    def _pack(self, records: Iterable[Struct]) -> tuple[SnapshotHead, list[bytearray]]:
        head: SnapshotHead | None = None
        chunks = [bytearray()]
        for record in records:
            head = head or (record if isinstance(record, SnapshotHead) else None)
            payload = self._encode((type(record).__name__, record))
            if len(chunks[-1]) >= _CHUNK_BYTES:
                chunks.append(bytearray())
            chunks[-1] += _LENGTH.pack(len(payload))
            chunks[-1] += payload
        assert head is not None, "a snapshot begins with its head"
        return head, chunks

    def _body(self, name: str, sequence: int) -> bytes | None:
        try:
            data = self._disk.read(name)
        except FileNotFoundError:  # a desk that runs has written a newer one
            return None
        if len(data) < _HEADER.size:
            return None
        magic, checksum, laid_out, length = _HEADER.unpack_from(data)
        body = data[_HEADER.size : _HEADER.size + length]
        if laid_out != layout() or len(body) != length or crc32c(body) != checksum:
            return None
        if magic == _SEALED_MAGIC and self._cipher is not None:
            return _opened(body, self._cipher, sequence)
        return body if magic == _MAGIC else None

    def _prune(self) -> None:
        for sequence in self.sequences()[KEPT:]:
            self._disk.remove(_name(sequence))


def _fill(file: File, chunks: Iterable[bytearray]) -> int:
    """Write the body behind the header; return its checksum."""
    offset, checksum = _HEADER.size, 0
    for chunk in chunks:
        _write(file, offset, chunk)
        checksum = crc32c(chunk, checksum)
        offset += len(chunk)
    return checksum


def _sealed(chunks: Sequence[bytearray], cipher: Cipher, sequence: int) -> list[bytearray]:
    pieces: list[bytearray] = []
    for number, chunk in enumerate(chunks):
        piece = cipher.seal(bytes(chunk), _PLACE.pack(sequence, number, number == len(chunks) - 1))
        pieces.append(bytearray(_LENGTH.pack(len(piece)) + piece))
    return pieces


def _opened(body: bytes, cipher: Cipher, sequence: int) -> bytes | None:
    """Return the body of a sealed snapshot, None where it can't be opened whole."""
    whole, at, number, view = bytearray(), 0, 0, memoryview(body)
    while at < len(body):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(body, at)[0]
        try:
            whole += cipher.open(view[start:at], _PLACE.pack(sequence, number, at >= len(body)))
        except Unopened:
            return None
        number += 1
    return bytes(whole)


def _write(file: File, offset: int, data: bytes | bytearray) -> None:
    written = file.write_at(offset, data)
    if written != len(data):
        raise OSError(errno.EIO, f"only {written} of {len(data)} bytes of a snapshot could be written")


@cache
def layout() -> int:
    """Return the checksum of every field that a record may have, at any depth, in pages too."""
    described = msgspec.json.schema_components((*KINDS.values(), *PAGE_LAYOUT))
    return crc32c(msgspec.json.encode(described, order="sorted"))


def _name(sequence: int) -> str:
    return f"{sequence:016}{SUFFIX}"


def _unpack(body: bytes) -> Iterator[Struct]:
    decoders = {name.encode(): _decoder(kind) for name, kind in KINDS.items()}
    view, at = memoryview(body), 0
    while at < len(body):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(body, at)[0]
        named = start + 2  # behind the sizes of the pair and of its first text
        decode = decoders[body[named : named + body[start + 1] - _SHORT_TEXT]]
        yield decode(view[start:at])[1]


def _decoder(kind: type[Struct]) -> Callable[[memoryview], tuple[str, Struct]]:
    return msgspec.msgpack.Decoder(tuple[str, kind]).decode  # type: ignore[valid-type]
