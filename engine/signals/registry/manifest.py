"""The manifest: what a version consists of, by hash. Its own hash is the version's id, and what our key signs."""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from engine.model.undecodable import UNDECODABLE
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.card import Card

NAME: Final = "manifest.json"
BYTES_MAX: Final = 128 << 10
PURPOSE: Final = b"model manifest"
_ID_DIGITS: Final = 16


class Seal(Protocol):
    """What signs and judges; an older key still verifies what it signed."""

    def sign(self, purpose: bytes, content: bytes) -> str:
        """Return a signature that is good for one purpose alone."""

    def verifies(self, purpose: bytes, content: bytes, signature: str) -> bool:
        """Tell whether one of our keys signed that, for that purpose."""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version is; nothing of it changes."""

    name: str
    files: dict[str, str]
    """SHA-256 by name."""
    training: Card
    created_ns: int

    def canonical(self) -> bytes:
        """Return the bytes that are hashed and signed."""
        return msgspec.json.encode(self, order="deterministic")

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the hash."""
        return sha256(self.canonical()).hexdigest()[:_ID_DIGITS]


class Signed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `manifest.json` holds."""

    manifest: Manifest
    signature: str


_decode: Final = msgspec.json.Decoder(Signed).decode


def signed(manifest: Manifest, seal: Seal) -> bytes:
    """Return a manifest as the file has it, signed."""
    return _written(Signed(manifest=manifest, signature=seal.sign(PURPOSE, manifest.canonical())))


def read_manifest(content: bytes, seal: Seal) -> Manifest:
    """Read a manifest that one of our keys signed.

    Raises:
        ModelRefused: it was changed, or somebody else made it.
    """
    found = _read(content)
    if not seal.verifies(PURPOSE, found.manifest.canonical(), found.signature):
        raise ModelRefused(f"{NAME}: none of our keys signed it; it was changed, or made elsewhere")
    return found.manifest


def unproven_manifest(content: bytes) -> Manifest:
    """Read a manifest held against no key: to be copied, never to be believed.

    Raises:
        ModelRefused: it was changed.
    """
    return _read(content).manifest


def _read(content: bytes) -> Signed:
    try:
        found = _decode(content)
    except UNDECODABLE:
        raise ModelRefused(f"{NAME}: it is none that was written here") from None
    if _written(found) != content:
        raise ModelRefused(f"{NAME}: it was changed since it was written")
    return found


def _written(found: Signed) -> bytes:
    return msgspec.json.encode(found, order="deterministic") + b"\n"
