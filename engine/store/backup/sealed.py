"""Sealed files: compressed, then encrypted in chunks so that any change, cut or swap is seen.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: the nonce of a chunk is a random prefix of the
file, the chunk's number and whether it is the last; the file's header, with its name, is authenticated with each.

    header  magic, version (u16), key id (8 bytes), nonce prefix (7 bytes), length of the name (u16), name
    chunks  1 MiB of zlib's output each, the last one shorter, each followed by its tag of 16 bytes
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterator
from hashlib import sha256
from struct import Struct as Layout
from typing import TYPE_CHECKING, BinaryIO

from engine.store.backup.errors import DamagedBackup, WrongKey
from engine.store.key_ring import ID_BYTES, Key, KeyRing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
COMPRESSION_LEVEL = 3
MAGIC = b"TLSEALED"
VERSION = 1

_PREFIX_BYTES = 7
_FIXED = Layout(f"<{len(MAGIC)}sH{ID_BYTES}s{_PREFIX_BYTES}sH")
_NONCE = Layout(f">{_PREFIX_BYTES}sI?")


class SealedWriter:
    """Seals what is written to it into a file; `close` seals the last chunk, without it nothing opens."""

    def __init__(self, file: BinaryIO, key: Key, name: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # heavy

        self.digest = sha256()
        """Of every byte that went into the file."""
        self.size_bytes = 0
        """How long the file is."""
        self._file = file
        self._cipher = AESGCM(key.secret)
        self._compress = zlib.compressobj(COMPRESSION_LEVEL)
        self._prefix = secrets.token_bytes(_PREFIX_BYTES)
        encoded = name.encode()
        self._header = _FIXED.pack(MAGIC, VERSION, key.id, self._prefix, len(encoded)) + encoded
        self._pending = bytearray()
        self._chunks = 0
        self._put(self._header)

    def write(self, data: bytes | memoryview) -> None:
        """Seal some bytes."""
        self._take(self._compress.compress(data))

    def close(self) -> None:
        """Seal what is left as the last chunk; the file itself stays open."""
        self._take(self._compress.flush())
        self._seal(bytes(self._pending), last=True)

    def _take(self, compressed: bytes) -> None:
        self._pending += compressed
        while len(self._pending) > CHUNK_BYTES:
            self._seal(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = _NONCE.pack(self._prefix, self._chunks, last)
        self._put(self._cipher.encrypt(nonce, chunk, self._header))
        self._chunks += 1

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self.digest.update(data)
        self.size_bytes += len(data)


def open_sealed(file: BinaryIO, keys: KeyRing, name: str) -> Iterator[bytes]:
    """Yield what was sealed under a name, piece by piece, each at most 1 MiB.

    Raises:
        WrongKey: the key that sealed it is not at hand.
        DamagedBackup: it is not what was sealed, or was sealed under another name; what was yielded before the end
            is authentic but not whole.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # heavy

    header, key_id, prefix = _read_header(file, name)
    key = keys.find(key_id)
    if key is None:
        raise WrongKey(keys.lacks(key_id))
    cipher = AESGCM(key.secret)
    expand = zlib.decompressobj()
    for number, (chunk, last) in enumerate(_chunks(file)):
        plain = _open(cipher, _NONCE.pack(prefix, number, last), chunk, header)
        while plain:
            if piece := expand.decompress(plain, CHUNK_BYTES):
                yield piece
            plain = expand.unconsumed_tail
    yield expand.flush()


def _read_header(file: BinaryIO, name: str) -> tuple[bytes, bytes, bytes]:
    fixed = file.read(_FIXED.size)
    if len(fixed) < _FIXED.size or not fixed.startswith(MAGIC):
        raise DamagedBackup("it is not a sealed file of Touchline's")
    _, version, key_id, prefix, length = _FIXED.unpack(fixed)
    if version != VERSION:
        raise DamagedBackup(f"it is sealed in version {version}, this program opens version {VERSION}")
    found = file.read(length)
    if found != name.encode():
        raise DamagedBackup(f"it was sealed as {found.decode(errors='replace')!r}, expected {name!r}")
    return fixed + found, key_id, prefix


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each chunk with its tag, and whether it is the last."""
    chunk = file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        yield chunk, not following
        if not following:
            return
        chunk = following


def _open(cipher: AESGCM, nonce: bytes, chunk: bytes, header: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # heavy

    try:
        return cipher.decrypt(nonce, chunk, header)
    except (InvalidTag, ValueError) as error:
        raise DamagedBackup("it was changed or cut short after it was sealed") from error
