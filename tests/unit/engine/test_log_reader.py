"""The log read back: every file of it, in order, and nothing of a line that a terminal would obey."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.log_line import Level, LogLine, Wanted
from engine.observe.log_lines import FIELDS_MAX, read_line
from engine.observe.logs import GATEWAY_NAME, LINE_MAX, NAME
from engine.observe.rotating_file import RotatingFile
from engine.shell.log_reader import LogReader
from tests.log_lines import START_NS, line, write


def events(lines: list[LogLine]) -> list[str]:
    return [each.event for each in lines]


def all_of(folder: Path, wanted: Wanted | None = None) -> list[str]:
    reader = LogReader(folder, wanted or Wanted())
    try:
        return events(list(reader.lines()))
    finally:
        reader.close()


def test_every_file_is_read_the_oldest_first_packed_or_not_and_both_logs_as_one(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.10.gz").write_bytes(gzip.compress(line(0, "a")))
    write(tmp_path / f"{NAME}.2", line(1, "b"))
    write(tmp_path / f"{NAME}.1", line(2, "c"), line(4, "e"))
    write(tmp_path / NAME, line(6, "g"))
    write(tmp_path / GATEWAY_NAME, line(3, "d"), line(5, "f"))
    write(tmp_path / f"{NAME}.old", line(9, "no log"))
    assert all_of(tmp_path) == list("abcdefg")


def test_a_folder_without_a_log_has_no_lines(tmp_path: Path) -> None:
    assert all_of(tmp_path / "nothing") == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(Wanted("k-1"), ["order", "halt", "flat"], id="an order's own id and what it caused"),
        pytest.param(Wanted("c-1"), ["order"], id="a client id"),
        pytest.param(Wanted(level=Level.WARNING), ["halt", "fault"], id="loud ones"),
        pytest.param(Wanted(component="risk"), ["halt"], id="a component"),
        pytest.param(Wanted(since_ns=START_NS + 3 * 10**9), ["flat", "fault"], id="late ones"),
        pytest.param(Wanted("k"), [], id="a part of an id is none"),
    ],
)
def test_lines_are_chosen_by_id_level_component_and_time(
    tmp_path: Path, wanted: Wanted, expected: list[str]
) -> None:
    write(
        tmp_path / NAME,
        line(1, "order", correlation="k-1", client_id="c-1"),
        line(2, "halt", correlation="k-1", level="warning", component="risk"),
        line(3, "flat", correlation="k-2", cause="k-1"),
        line(4, "fault", level="critical"),
    )
    assert all_of(tmp_path, wanted) == expected


def test_what_comes_is_followed_over_a_move_and_a_line_is_told_once_it_is_whole(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / NAME, bytes_max=10**6, files_max=3)
    file.write(line(1, "a"))
    reader = LogReader(tmp_path, Wanted())
    assert events(reader.last(5)) == ["a"]
    whole = line(2, "b")
    write(tmp_path / NAME, whole[:20])
    assert reader.news() == []
    write(tmp_path / NAME, whole[20:], line(3, "c"))
    file.move_aside()
    file.write(line(4, "d"))
    assert events(reader.news()) == ["b", "c", "d"]
    assert reader.news() == []
    file.close()
    reader.close()
    assert reader.unreadable == 0


def test_a_log_that_begins_while_it_is_followed_is_read_from_its_start(tmp_path: Path) -> None:
    reader = LogReader(tmp_path, Wanted())
    assert reader.last(5) == []
    write(tmp_path / GATEWAY_NAME, line(1, "a"))
    assert events(reader.news()) == ["a"]
    reader.close()


def test_a_file_that_was_emptied_is_read_from_its_start(tmp_path: Path) -> None:
    write(tmp_path / NAME, line(1, "a"), line(2, "b"))
    reader = LogReader(tmp_path, Wanted())
    reader.last(5)
    (tmp_path / NAME).write_bytes(line(3, "c"))
    assert events(reader.news()) == ["c"]
    reader.close()


def test_torn_overlong_and_damaged_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    write(tmp_path / f"{NAME}.1", line(1, "a"), line(2, "torn")[:-9])
    (tmp_path / f"{NAME}.2.gz").write_bytes(gzip.compress(line(0, "packed"))[:-12])
    write(
        tmp_path / NAME,
        b"\xff\xfe\x00\n",
        b"[1, 2]\n",
        b'{"at": 7}\n',
        b"x" * (3 * LINE_MAX) + b"\n",
        line(3, "b"),
    )
    reader = LogReader(tmp_path, Wanted())
    assert events(list(reader.lines())) == ["a", "b"]
    assert reader.unreadable == 6
    reader.close()


def test_a_log_that_can_not_be_read_is_counted_and_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / GATEWAY_NAME).symlink_to(tmp_path / GATEWAY_NAME)
    write(tmp_path / f"{NAME}.1", line(1, "a"))
    reader = LogReader(tmp_path, Wanted())
    assert events(reader.last(5)) == ["a"]
    assert reader.news() == []
    assert reader.unreadable == 2
    reader.close()


def test_what_a_terminal_would_obey_and_what_is_secret_is_not_shown() -> None:
    nasty = "\x1b]0;owned\x07\u202e password=hunter22"
    fields: dict[str, Any] = {nasty: nasty, "deep": {nasty: [nasty]}}
    told = read_line(line(1, nasty, component=nasty, correlation=nasty, **fields))
    assert told is not None
    shown = repr(told)
    assert "\x1b" not in shown
    assert "\\x1b" not in shown
    assert "\u202e" not in shown
    assert "hunter22" not in shown


def test_a_line_with_a_thousand_fields_shows_a_few() -> None:
    fields: dict[str, Any] = {f"f{number}": number for number in range(1_000)}
    told = read_line(line(1, **fields))
    assert told is not None
    assert len(told.fields) == FIELDS_MAX + 1
    assert told.fields[-1] == ("…", "")


@given(st.binary(max_size=100))
@settings(max_examples=50)
def test_no_bytes_are_more_than_a_line_that_is_none(raw: bytes) -> None:
    assert read_line(raw) is None
    assert read_line(b'{"at": "' + raw + b'"}') is None


def test_a_line_that_is_too_deep_is_none() -> None:
    assert read_line(b'{"at": "2024-01-01T00:00:00Z", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}") is None
