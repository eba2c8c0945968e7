"""Walks over the whole records of a journal in order, and judges the place where they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.errors import FileDataError
from engine.store.disk import Disk
from engine.store.header import Header
from engine.store.segment import HEADER, name_of, number_of, parse_header, whole_records
from engine.store.tear import Place, torn_bytes


def segments_of(disk: Disk) -> dict[int, Header | None]:
    """Return the header of every segment by its number, None where it has no whole one.

    Raises:
        FileDataError: one can't be read, is missing, is another than its name says, or is of a newer version.
    """
    headers: dict[int, Header | None] = {}
    try:
        for number in sorted(filter(None, map(number_of, disk.names()))):
            header = parse_header(disk.read(name_of(number), 0, HEADER.size), path_of(disk, number))
            if header is not None and header.number != number:
                raise damaged(disk, number, f"this is segment {header.number:,} under another name")
            headers[number] = header
    except OSError as error:
        raise FileDataError(disk.where, error.strerror or str(error)) from error
    for number in range(min(headers, default=0), max(headers, default=0)):
        if number not in headers:
            raise damaged(disk, number, "this segment is missing")
    return headers


def segment_with(disk: Disk, headers: Mapping[int, Header | None], sequence: int) -> int:
    """Return the number of the segment that has a record, or will have it; there is at least one segment.

    Raises:
        FileDataError: the first segment begins behind it, or none is begun and those before are gone.
    """
    begun = [number for number, header in headers.items() if header and header.first <= sequence]
    if begun:
        return begun[-1]
    lowest = min(headers)
    header = headers[lowest]
    if header is not None:
        found = f"begins with record {header.first:,}, but record {sequence:,} is needed"
        raise damaged(disk, lowest, found)
    if lowest > 1:  # made ahead of one that was begun
        raise damaged(disk, lowest - 1, "this segment is missing")
    return lowest


def last_record(disk: Disk) -> int:
    """Return the sequence of the last whole record of a journal that somebody may be writing; 0 for none.

    Raises:
        FileDataError: a segment can't be read, is missing, or is of a newer version.
    """
    begun = {number: header for number, header in segments_of(disk).items() if header is not None}
    if not begun:
        return 0
    number = max(begun)
    before = begun[number].first - 1
    try:
        data = disk.read(name_of(number))
    except OSError as error:
        raise FileDataError(path_of(disk, number), error.strerror or str(error)) from error
    return before + sum(1 for _ in whole_records(data, HEADER.size, before))


class Scan:
    """Iterates once over `(sequence, payload)` from a record on; how it ended is known afterwards.

    What a loss of power left unfinished at the end is passed over and counted. Anything else that is not whole
    is damage.
    """

    def __init__(self, disk: Disk, after: int = 0) -> None:
        self._disk = disk
        self._after = after
        self.sequence = 0
        """The last whole record's."""
        self.segment = 0
        """The number of the segment that it is in; 0 when there is none."""
        self.end = 0
        """Where it ends in its segment, in bytes."""
        self.torn_bytes = 0
        """How many bytes behind it are of no whole record."""

    def __iter__(self) -> Iterator[tuple[int, memoryview]]:
        headers = segments_of(self._disk)
        if not headers:
            return
        for number in range(segment_with(self._disk, headers, self._after + 1), max(headers) + 1):
            header = headers[number]
            if header is None:
                self._judge(Place(number, 0, self.sequence + 1), headers)
                return
            if self.segment and header.first != self.sequence + 1:
                self._judge(Place(self.segment, self.end, self.sequence + 1), headers)
                return
            data = self._read(number)
            self.segment, self.end, self.sequence = number, HEADER.size, header.first - 1
            yield from self._records(data)
            if data.count(0, self.end) != len(data) - self.end:
                self._judge(Place(number, self.end, self.sequence + 1), headers)
                return

    def _records(self, data: bytes) -> Iterator[tuple[int, memoryview]]:
        view, after = memoryview(data), self._after
        for sequence, start, end in whole_records(data, self.end, self.sequence):
            self.sequence, self.end = sequence, end
            if sequence > after:
                yield sequence, view[start:end]

    def _read(self, number: int) -> bytes:
        try:
            return self._disk.read(name_of(number))
        except OSError as error:
            raise FileDataError(path_of(self._disk, number), error.strerror or str(error)) from error

    def _judge(self, place: Place, headers: Mapping[int, Header | None]) -> None:
        """Count what is torn.

        Raises:
            FileDataError: it is damage.
        """
        contents = [self._read(number) for number in headers if number >= place.segment]
        torn = torn_bytes(place, contents)
        if torn is None:
            found = f"damaged at byte {place.offset:,}, and more was written behind it"
            raise damaged(self._disk, place.segment, found, place.sequence)
        self.torn_bytes = torn


def path_of(disk: Disk, number: int) -> str:
    """Return a segment's path for a sentence."""
    return f"{disk.where}/{name_of(number)}"


def damaged(disk: Disk, number: int, what: str, sequence: int | None = None) -> FileDataError:
    """Return the error of a damaged segment, with what to do about it."""
    return FileDataError(path_of(disk, number), f"{what}; {_repair(disk)}", sequence)


def cut_short(disk: Disk, sequence: int, known: int) -> FileDataError:
    """Return the error of a journal that ends before a record that there was."""
    found = f"the journal ends with record {sequence:,}, but there was a record {known:,}"
    return FileDataError(disk.where, f"{found}; {_repair(disk)}")


def _repair(disk: Disk) -> str:
    return f"restore from a backup with `touchline restore`, or move {disk.where} aside to begin a new book"
