"""Files of bars are read for training as the rules of validation judge them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from engine.errors import FileDataError
from engine.model.bar import Bar
from engine.shell.training.bars import BarsRead, read_bars
from tests.training_bench import DAY_NS, put_spec, random_walk

NOW_NS = 40_000 * DAY_NS


def put(folder: Path, bars: Sequence[Bar]) -> Path:
    folder.mkdir(exist_ok=True)
    put_spec(folder, bars)
    return folder / "bars.parquet"


def read(*files: Path) -> BarsRead:
    return read_bars(files, DAY_NS, NOW_NS)


def with_bad_highs(bars: Sequence[Bar], count: int) -> list[Bar]:
    return [msgspec.structs.replace(bar, high=bar.low) if at < count else bar for at, bar in enumerate(bars)]


def test_bars_come_by_symbol_in_their_order_and_their_files_have_a_hash(tmp_path: Path) -> None:
    first, second = random_walk(60, 1, "AAA"), random_walk(50, 2, "BBB")
    one, other = put(tmp_path / "one", first), put(tmp_path / "other", second)
    found = read(one, other)
    assert {name: len(bars) for name, bars in found.bars.items()} == {"AAA": 60, "BBB": 50}
    assert [bar.start_ns for bar in found.bars["AAA"]] == [bar.start_ns for bar in first]
    assert not found.left_out
    assert found.sha256 == read(one, other).sha256 != read(other, one).sha256


def test_bars_that_fail_a_rule_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read(put(tmp_path / "one", with_bad_highs(random_walk(300, 1), 2)))
    assert len(found.bars["AAA"]) == 298
    assert sum(found.left_out.values()) >= 2
    assert "high-low" in found.left_out


def test_where_many_fail_the_data_is_to_be_mended_first(tmp_path: Path) -> None:
    path = put(tmp_path / "one", with_bad_highs(random_walk(300, 1), 6))
    with pytest.raises(FileDataError, match=r"6 of 300 bars fail the rules; touchline data check names them"):
        read(path)


def test_bars_of_another_length_are_not_taken(tmp_path: Path) -> None:
    path = put(tmp_path / "one", random_walk(60, 1))
    with pytest.raises(FileDataError, match=r"its bars last 86400 s; the spec says 3600 s"):
        read_bars([path], DAY_NS // 24, NOW_NS)


def test_a_symbol_in_two_files_is_not_taken_twice(tmp_path: Path) -> None:
    one, other = put(tmp_path / "one", random_walk(60, 1)), put(tmp_path / "other", random_walk(60, 2))
    with pytest.raises(FileDataError, match="AAA is in another file too"):
        read(one, other)


def test_a_bar_that_has_not_ended_is_left_out(tmp_path: Path) -> None:
    bars = random_walk(200, 1)
    found = read_bars([put(tmp_path / "one", bars)], DAY_NS, bars[-1].start_ns + DAY_NS // 2)
    assert len(found.bars["AAA"]) == 199
    assert found.left_out == {"unfinished": 1}
