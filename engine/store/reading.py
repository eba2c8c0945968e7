"""Reads a journal back: every record in order, once or as it grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from engine.errors import FileDataError
from engine.model.undecodable import UNDECODABLE
from engine.store.cipher import Cipher, Unopened
from engine.store.disk import Disk
from engine.store.kinds import KINDS
from engine.store.scan import Scan, cut_short, path_of, segment_with, segments_of
from engine.store.sealed_record import is_sealed, open_record
from engine.store.segment import HEADER, RECORD_BYTES_MAX, name_of, parse_header, whole_records

_STEPS = (64 * 1024, RECORD_BYTES_MAX)
"""How much of a growing file is looked at; the larger when no record ends within the smaller."""
_SHORT_TEXT, _LONGER_TEXT = 0xA0, 0xC0
"""Between these msgpack's first byte of a text holds its length."""


SEALED: Final = "it is encrypted: set [journal] encrypt = true, where its key is at hand"


class Entry(Struct, frozen=True, gc=False):
    """One record, where it stands and when it was written."""

    sequence: int
    time_ns: int
    record: Any


class JournalReader:
    """Iterates once over the entries behind a sequence.

    Raises, while iterating:
        FileDataError: the journal is damaged, ends before that sequence, or was written by a newer version.
        JournalError: the folder is not safe to use.
    """

    def __init__(self, disk: Disk, after: int = 0) -> None:
        self._disk = disk
        self._after = after
        self._scan = Scan(disk, after)
        self._decoder = EntryDecoder(disk.cipher)

    def __iter__(self) -> Iterator[Entry]:
        decode = self._decoder.decode
        for sequence, payload in self._scan:
            try:
                yield decode(sequence, payload)
            except UNDECODABLE as error:
                raise FileDataError(path_of(self._disk, self._scan.segment), str(error), sequence) from error
        if self._scan.sequence < self._after:
            raise cut_short(self._disk, self._scan.sequence, self._after)

    @property
    def sequence(self) -> int:
        """The last whole record's."""
        return self._scan.sequence

    @property
    def torn_bytes(self) -> int:
        """How many bytes of the end are no whole record; known once all were read."""
        return self._scan.torn_bytes


class JournalFollower:
    """Reads a journal while it is written: each time it is asked, what is whole and was not read before."""

    def __init__(self, disk: Disk, after: int = 0) -> None:
        self._disk = disk
        self._segment = 0
        self._end = 0
        self._read_to = 0
        self.sequence = after
        """The last record that was read."""
        self._decoder = EntryDecoder(disk.cipher)

    def more(self) -> Iterator[Entry]:
        """Yield what was written since; a record that is not whole yet is left for the next time.

        Raises:
            FileDataError: a segment can't be read or is missing, or a record is of no known kind.
        """
        try:
            if self._segment or self._find():
                yield from self._entries()
        except OSError as error:
            raise FileDataError(self._disk.where, error.strerror or str(error)) from error
        except UNDECODABLE as error:
            raise FileDataError(path_of(self._disk, self._segment), str(error), self._read_to) from error

    def _find(self) -> bool:
        headers = segments_of(self._disk)
        if not headers:
            return False
        number = segment_with(self._disk, headers, self.sequence + 1)
        return self._begin(number)

    def _begin(self, number: int) -> bool:
        """Move to a segment, if it was begun."""
        try:
            header = parse_header(
                self._disk.read(name_of(number), 0, HEADER.size), path_of(self._disk, number)
            )
        except FileNotFoundError:
            return False
        if header is None or (self._segment and header.first != self._read_to + 1):
            return False
        self._segment, self._end, self._read_to = number, HEADER.size, header.first - 1
        return True

    def _entries(self) -> Iterator[Entry]:
        while True:
            before = self._read_to
            for step in _STEPS:
                yield from self._look(step)
                if self._read_to != before:
                    break
            else:
                if not self._begin(self._segment + 1):
                    return

    def _look(self, size: int) -> Iterator[Entry]:
        data = self._disk.read(name_of(self._segment), self._end, size)
        base, view = self._end, memoryview(data)
        for sequence, start, end in whole_records(data, 0, self._read_to):
            self._read_to, self._end = sequence, base + end
            if sequence > self.sequence:
                entry = self._decoder.decode(sequence, view[start:end])
                self.sequence = sequence
                yield entry


class EntryDecoder:
    """Decodes payloads, with a decoder for each kind that was met."""

    def __init__(self, cipher: Cipher | None = None) -> None:
        self._cipher = cipher
        self._known: dict[bytes, msgspec.msgpack.Decoder[tuple[str, int, Any]]] = {}
        """By the bytes that the kind's name is encoded in."""

    def decode(self, sequence: int, payload: memoryview) -> Entry:
        """Return the entry of a payload.

        Raises:
            msgspec.DecodeError: its kind is not known, its fields are others, or it is sealed and can't be opened.
        """
        if is_sealed(payload):
            payload = self._opened(payload, sequence)
        first = payload[1]
        if not _SHORT_TEXT <= first < _LONGER_TEXT:
            raise msgspec.DecodeError("a record without the name of a kind")
        key = bytes(payload[2 : 2 + first - _SHORT_TEXT])
        decoder = self._known.get(key)
        if decoder is None:
            decoder = self._learn(key)
        try:
            _, time_ns, record = decoder.decode(payload)
        except msgspec.ValidationError as error:
            raise msgspec.DecodeError(f"{key.decode()}: {error}") from error
        return Entry(sequence, time_ns, record)

    def _opened(self, payload: memoryview, sequence: int) -> memoryview:
        if self._cipher is None:
            raise msgspec.DecodeError(SEALED)
        try:
            return memoryview(open_record(self._cipher, payload, sequence))
        except Unopened as error:
            raise msgspec.DecodeError(str(error)) from error

    def _learn(self, key: bytes) -> msgspec.msgpack.Decoder[tuple[str, int, Any]]:
        name = key.decode("utf-8", "replace")
        kind = KINDS.get(name)
        if kind is None:
            raise msgspec.DecodeError(
                f"unknown kind of record {name!r}: use the version of Touchline that wrote it, or a newer one"
            )
        decoder = msgspec.msgpack.Decoder(tuple[str, int, kind])  # type: ignore[valid-type]
        self._known[key] = decoder
        return decoder
