"""The example that a newcomer begins with is a training that can be run, and its page says what comes of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.shell.training.bars import BarsRead, read_bars
from engine.shell.training.example import SYMBOLS, write_example
from engine.signals.training.spec import Spec, files_of, read_spec
from tests.documented import page, rows, section
from tests.training_bench import DAY_NS, needs_libraries


def read(folder: Path) -> tuple[Spec, BarsRead]:
    pytest.importorskip("bokeh_sampledata", reason="needs touchline[example]")
    _, path = write_example(folder)
    spec = read_spec(path)
    return spec, read_bars(files_of(spec, path), spec.interval_ns, 40_000 * DAY_NS)


def test_its_bars_are_real_ones_of_which_none_fails_a_rule(tmp_path: Path) -> None:
    _, found = read(tmp_path / "first")
    assert tuple(found.bars) == SYMBOLS
    assert sum(map(len, found.bars.values())) == 11_958
    assert not found.left_out
    with pytest.raises(ConfigError, match="it is there already; expected the name of a new folder"):
        write_example(tmp_path / "first")


def test_without_its_extra_it_says_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bokeh_sampledata", None)
    monkeypatch.setitem(sys.modules, "bokeh_sampledata.stocks", None)
    with pytest.raises(ConfigError, match=r"pip install 'touchline\[example\]'"):
        write_example(tmp_path / "first")
    assert not (tmp_path / "first").exists()


def test_the_figures_of_its_page_are_those_that_it_has(tmp_path: Path) -> None:
    needs_libraries()
    from engine.signals.training.training import train  # noqa: PLC0415  # only where its libraries are

    spec, bars = read(tmp_path / "first")
    found = train(spec, bars.bars)
    assert not found.alarms
    for name, told, *_ in rows(section(page("docs/training.md"), "## An example")):
        each = found.metrics[name.strip("`")]
        said = [float(number) for number in re.findall(r"-?[0-9.]+", told)]
        apart = (
            1.0 if name.endswith("_bps`") else 0.006
        )  # versions of libraries differ in last digits, not in more
        assert said == pytest.approx([each.value, each.low, each.high], abs=apart), name
