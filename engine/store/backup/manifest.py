"""What one piece of a backup holds; a piece is there once its manifest is."""

from __future__ import annotations

from msgspec import Struct

BASE = "base"
INCREMENT = "increment"


class Extent(Struct, frozen=True):
    """A run of bytes of a file; the piece's data are its extents, one behind the other."""

    name: str
    """The file's name in the journal folder, or `config/` and its name in the config folder."""
    offset: int
    length: int


class StateProof(Struct, frozen=True):
    """The hash of the state that records lead to, and who worked it out."""

    digest: str = ""
    """Empty where it could not be worked out."""
    by: str = ""
    """The version of the program and of its records: another one may hash the same state otherwise."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a piece holds, how to know that it is whole, and which piece it follows."""

    number: int
    kind: str
    """`base` stands alone, `increment` needs every piece before it back to a base."""
    mode: str
    made_ns: int
    first_sequence: int
    """Of the piece's first record; one more than `last_sequence` where there is no new record."""
    last_sequence: int
    first_ns: int
    """The time of the piece's first record."""
    last_ns: int
    """The time of the last record that is backed up, in this piece or before."""
    last_record: bytes
    """SHA-256 of the last record's bytes, by which the next piece knows that the journal goes on from here."""
    extents: tuple[Extent, ...]
    config: bytes
    """SHA-256 of the config files, by which the next piece knows whether they changed."""
    data_bytes: int
    data: bytes
    """SHA-256 of the piece's data file."""
    previous: bytes
    """SHA-256 of the manifest file before this one; empty for the very first."""
    proof: StateProof = StateProof()
    """The state after the last record, as the account's own files told it when the piece was made."""

    @property
    def stem(self) -> str:
        """The number as file names have it."""
        return f"{self.number:08d}"

    @property
    def data_name(self) -> str:
        """The name of the data file."""
        return f"{self.stem}.{self.kind}"
