"""A version from its folder to memory: verified before it is parsed, tried before it is used."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from engine.clock import Clock
from engine.model.undecodable import UNDECODABLE
from engine.signals.models.bounds import BYTES_MAX as MODEL_BYTES_MAX
from engine.signals.models.model import Model
from engine.signals.models.reading import Read, read_model
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.trial import check_golden, p99_us
from engine.signals.registry.card import BYTES_MAX as CARD_BYTES_MAX
from engine.signals.registry.card import Card, read_card
from engine.signals.registry.folder import ModelFolder, opened
from engine.signals.registry.manifest import BYTES_MAX as MANIFEST_BYTES_MAX
from engine.signals.registry.manifest import NAME as MANIFEST
from engine.signals.registry.manifest import Manifest, Seal, read_manifest
from engine.signals.registry.names import check_name, check_version

SIZES: Final = {"model.json": MODEL_BYTES_MAX, "reference.json": 4 << 20, "card.json": CARD_BYTES_MAX}
"""The files of a version beside its manifest, and how large each may be."""
BUDGET_US: Final = 500.0
"""So long may 99 of 100 predictions take at most."""
_DEPTH_MAX: Final = 16


class Loaded(NamedTuple):
    """A version in memory, tried."""

    model: Model
    manifest: Manifest
    p99_us: float
    reference: str = "{}"
    """What its training data looked like, as JSON."""

    @property
    def version(self) -> str:
        """Its id."""
        return self.manifest.id


class Loader:
    """Loads versions from the folder of all models."""

    def __init__(self, root: Path, seal: Seal, clock: Clock, budget_us: float = BUDGET_US) -> None:
        self.root = root
        self._seal = seal
        self._clock = clock
        self._budget_us = budget_us

    def load(self, name: str, version: str) -> Loaded:
        """Load a version.

        Raises:
            ModelRefused: it was changed, is none, predicts otherwise than its trainer had it, or is too slow.
        """
        manifest, files = self.verified(name, version)
        read = parse(files)
        return Loaded(read.model, manifest, self.tried(read), files["reference.json"].decode())

    def tried(self, read: Read) -> float:
        """Try a model on its golden rows and against the budget; return its p99 in microseconds.

        Raises:
            ModelRefused: a row comes out otherwise, or it is too slow.
        """
        check_golden(read.model, read.golden)
        took_us = p99_us(read.model, read.golden, self._clock)
        if took_us > self._budget_us:
            raise ModelRefused(
                f"99 of 100 predictions take up to {took_us:,.0f} us; expected {self._budget_us:,.0f}"
            )
        return took_us

    def verified(self, name: str, version: str) -> tuple[Manifest, dict[str, bytes]]:
        """Return the manifest of a version and its files by name, once signature and hashes are right; nothing is parsed.

        Raises:
            ModelRefused: it was changed, or is none.
        """
        check_name(name)
        check_version(version)
        with opened(self.root, name, version) as folder:
            manifest = read_manifest(folder.read(MANIFEST, MANIFEST_BYTES_MAX), self._seal)
            if (manifest.name, manifest.id) != (name, version):
                raise ModelRefused(f"{folder.path}: its manifest is that of {manifest.name} {manifest.id}")
            expected = {MANIFEST, *manifest.files}
            if folder.names() != expected or set(manifest.files) != set(SIZES):
                raise ModelRefused(
                    f"{folder.path}: expected {', '.join(sorted({MANIFEST, *SIZES}))} and nothing else"
                )
            files = read_files(folder)
        for each, content in files.items():
            if sha256(content).hexdigest() != manifest.files[each]:
                raise ModelRefused(f"{folder.path / each}: it was changed since it was registered")
        return manifest, files


def read_files(folder: ModelFolder) -> dict[str, bytes]:
    """Return the files that make a version, by name.

    Raises:
        ModelRefused: one can't be read, or is too large.
    """
    return {name: folder.read(name, bytes_max) for name, bytes_max in SIZES.items()}


def parse(files: dict[str, bytes]) -> Read:
    """Read the files of a version: the model, and that the other two are what they have to be.

    Raises:
        ModelRefused: one is not.
    """
    read, card = read_model(files["model.json"]), card_of(files)
    if card.feature_set != read.model.feature_set:
        raise ModelRefused(
            f"card.json: it is about the feature set {card.feature_set}, the model takes {read.model.feature_set}"
        )
    _check_reference(files["reference.json"])
    return read


def card_of(files: dict[str, bytes]) -> Card:
    """Return the card.

    Raises:
        ModelRefused: it is none.
    """
    return read_card(files["card.json"])


def _check_reference(content: bytes) -> None:
    """Refuse what can't be a reference: it is one JSON object of a bounded depth; what it says is read by whoever uses it."""
    try:
        found = msgspec.json.decode(content)
    except UNDECODABLE:
        raise ModelRefused("reference.json: it is not JSON, or too deep") from None
    if not isinstance(found, dict):
        raise ModelRefused("reference.json: expected an object")
    level: list[object] = [found]
    for _ in range(_DEPTH_MAX):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    if level:
        raise ModelRefused(f"reference.json: expected {_DEPTH_MAX} levels at most")
