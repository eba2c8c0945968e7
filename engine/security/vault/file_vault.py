"""Secrets in an encrypted file, by explicit choice in the settings: for hosts without a keyring.

header   `TOUCHLINE-VAULT` | version u8 | log2 of scrypt's N u8 | r u8 | p u8 | salt 16 | nonce 12
content  AES-256-GCM over the names and values as msgpack; the whole header is its associated data

scrypt is RFC 7914; N of 2^17 with r of 8 takes 128 MiB and about half a second.
"""

from __future__ import annotations

import secrets as randomness
import struct
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from engine.ports.secrets import AskPassphrase, SecretsError
from engine.security.private_file import only_writer, read_private, write_private
from engine.strength import weakness_of

_MAGIC: Final = b"TOUCHLINE-VAULT"
_VERSION: Final = 1
_HEAD: Final = struct.Struct(">15sBBBB16s12s")
COST_LOG2: Final = 17
_COSTS: Final = range(10, 21)
_R, _P = 8, 1
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


class _Unlocked(NamedTuple):
    """The key of a salt at a cost."""

    salt: bytes
    cost_log2: int
    key: bytes

    def __repr__(self) -> str:
        return "_Unlocked(hidden)"


class FileVault:
    """Keeps secrets in one encrypted file; its passphrase is asked for once, when a secret is first needed."""

    def __init__(self, path: Path, ask: AskPassphrase, *, cost_log2: int = COST_LOG2) -> None:
        self.path = path
        """The file."""
        self._ask: AskPassphrase | None = ask
        self._cost_log2 = cost_log2
        self._unlocked: _Unlocked | None = None

    @property
    def place(self) -> str:
        """The file."""
        return f"the vault {self.path}"

    def unlock(self) -> None:
        """Ask for the passphrase now or never: from here on the screen belongs to somebody else.

        Raises:
            SecretsError: it is wrong, or the file can't be read.
        """
        self._read()
        self._ask = None

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of this name.

        Raises:
            SecretsError: the file can't be read, the passphrase is wrong, or the file was changed.
        """
        return self._read().get(name)

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret; the file is made if need be, and its passphrase asked for twice.

        Raises:
            SecretsError: it could not be kept; what was kept before still is.
        """
        with only_writer(self.path):
            self._write({**self._read(), name: value})

    def delete(self, name: str) -> None:
        """Forget a secret.

        Raises:
            SecretsError: the file can't be read or written.
        """
        with only_writer(self.path):
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def change_passphrase(self, ask: AskPassphrase) -> None:
        """Encrypt everything under a new passphrase.

        Raises:
            SecretsError: the old one is wrong, the new one too weak, or the file can't be written.
        """
        with only_writer(self.path):
            kept = self._read()
            self._ask, self._unlocked = ask, None
            self._write(kept)

    def _read(self) -> dict[str, bytes]:
        content = read_private(self.path)
        if content is None:
            return {}
        magic, version, cost_log2, r, p, salt, nonce = self._head(content)
        if magic != _MAGIC:
            raise SecretsError(f"{self.path}: expected a vault of Touchline, found something else")
        if version != _VERSION:
            raise SecretsError(f"{self.path}: expected a vault of version {_VERSION}, found {version}")
        if cost_log2 not in _COSTS or (r, p) != (_R, _P):
            raise SecretsError(f"{self.path}: it was changed: no vault is made at such a cost")
        return self._opened(content, self._key(salt, cost_log2), nonce)

    def _head(self, content: bytes) -> tuple[bytes, int, int, int, int, bytes, bytes]:
        if len(content) < _HEAD.size:
            raise SecretsError(f"{self.path}: expected a vault of Touchline, found {len(content)} bytes")
        magic, version, cost_log2, r, p, salt, nonce = _HEAD.unpack_from(content)
        return magic, version, cost_log2, r, p, salt, nonce

    def _opened(self, content: bytes, unlocked: _Unlocked, nonce: bytes) -> dict[str, bytes]:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # only when secrets are asked for
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        head, sealed = content[: _HEAD.size], content[_HEAD.size :]
        try:
            plain = AESGCM(unlocked.key).decrypt(nonce, sealed, head)
        except InvalidTag:
            raise SecretsError(f"{self.path}: the passphrase is wrong, or the file was changed") from None
        self._unlocked = unlocked
        return msgspec.msgpack.decode(plain, type=dict[str, bytes])

    def _write(self, kept: dict[str, bytes]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        unlocked = self._unlocked or self._new_key()
        nonce = randomness.token_bytes(_NONCE_BYTES)
        head = _HEAD.pack(_MAGIC, _VERSION, unlocked.cost_log2, _R, _P, unlocked.salt, nonce)
        sealed = AESGCM(unlocked.key).encrypt(nonce, msgspec.msgpack.encode(kept), head)
        write_private(self.path, head + sealed)
        self._unlocked = unlocked

    def _new_key(self) -> _Unlocked:
        passphrase = self._asked(new=True)
        if weakness := weakness_of(passphrase):
            raise SecretsError(f"the passphrase of {self.place} is refused: {weakness}; nothing was kept")
        return self._derived(passphrase, randomness.token_bytes(_SALT_BYTES), self._cost_log2)

    def _key(self, salt: bytes, cost_log2: int) -> _Unlocked:
        known = self._unlocked
        if known is None:
            return self._derived(self._asked(new=False), salt, cost_log2)
        if (known.salt, known.cost_log2) != (salt, cost_log2):
            raise SecretsError(f"{self.path}: its passphrase was changed meanwhile; start again")
        return known

    def _asked(self, *, new: bool) -> str:
        if self._ask is None:
            raise SecretsError(
                f"{self.place} was made meanwhile; start again, and its passphrase is asked for"
            )
        return self._ask(self.place, new=new)

    def _derived(self, passphrase: str, salt: bytes, cost_log2: int) -> _Unlocked:
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

        derive = Scrypt(salt=salt, length=_KEY_BYTES, n=1 << cost_log2, r=_R, p=_P).derive
        return _Unlocked(salt, cost_log2, derive(passphrase.encode()))
