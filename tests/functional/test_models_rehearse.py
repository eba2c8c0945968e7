"""`touchline models rehearse`: what each version would have done on a recording, through the same gate, and nothing is left of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminal.__main__ import main
from tests.recordings import FIRST_NS, STEP_NS
from tests.serving_bench import NAME, ServingBench, course

SETTINGS = """
[models]
key_file = "{keys}"
[[signals]]
model = "daily"
set = "prices-11"
interval_s = 1
stale_after_bars = 5
limits = {{ quantity = "{quantity}", position = "10", loss_a_day = "{loss}", cooldown_s = 3, orders_a_day = 100 }}
"""
Says = Callable[..., str]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServingBench:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    made = ServingBench(tmp_path)
    write_settings(made)
    bids = [bid for second in course(5, 400) for bid in second]
    times = [FIRST_NS + STEP_NS * index for index in range(len(bids))]
    columns = {
        "ts": times,
        "symbol": ["BTCUSDT"] * len(bids),
        "venue": ["testex"] * len(bids),
        "bid": [bid / 100 for bid in bids],
        "bid_size": [200.0] * len(bids),
        "ask": [(bid + 2) / 100 for bid in bids],
        "ask_size": [200.0] * len(bids),
    }
    pq.write_table(pa.table(columns), tmp_path / "quotes.parquet")
    return made


@pytest.fixture
def says(bench: ServingBench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what rehearses, and returns what is printed."""

    def say(*arguments: str, name: str = NAME, code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        files = [str(bench.root / "quotes.parquet")]
        assert main(["models", "rehearse", name, *files, *arguments]) == code, capsys.readouterr()
        told = capsys.readouterr()
        return told.out + told.err

    return say


def write_settings(bench: ServingBench, quantity: str = "5", loss: str = "500") -> None:
    folder = bench.root / "config"
    folder.mkdir(exist_ok=True)
    text = SETTINGS.format(keys=bench.key_file, quantity=quantity, loss=loss)
    (folder / "config.toml").write_text(text, encoding="utf-8")


def test_the_champion_and_the_shadow_are_told_beside_doing_nothing_and_it_repeats(
    bench: ServingBench, says: Says
) -> None:
    champion, shadow = bench.champion(), bench.shadow()
    before = sorted(path for path in bench.root.rglob("*") if "log" not in path.name)
    told = says("--json")
    found = json.loads(told)["rehearsed"]
    assert list(found) == [f"champion {champion}", f"shadow {shadow}"]
    for each in found.values():
        paid = each["money"]
        assert each["orders"] > 10
        assert paid["fills"] > 10
        assert each["net_micros"] == paid["gross_micros"] - paid["slippage_micros"] - paid["fees_micros"]
        assert each["stopped"] == ""
    assert says("--json") == told
    words = says().splitlines()
    assert [line.split()[:2] for line in words[1:4]] == [
        ["champion", champion], ["shadow", shadow], ["doing", "nothing"],
    ]  # fmt: skip
    assert sorted(path for path in bench.root.rglob("*") if "log" not in path.name) == before
    assert bench.registry.standing(NAME).champion == champion


def test_what_switches_a_model_off_does_so_in_a_rehearsal(bench: ServingBench, says: Says) -> None:
    version = bench.champion()
    write_settings(bench, loss="0")
    said = says()
    assert f"champion {version} was off before the end: its own orders lost" in said


@pytest.mark.parametrize("name", ["weekly", NAME], ids=["no-table", "no-version"])
def test_what_can_not_be_rehearsed_is_said(bench: ServingBench, says: Says, name: str) -> None:
    wanted = (
        "no [[signals]] table of 'weekly'"
        if name == "weekly"
        else "daily has no champion and nothing in shadow"
    )
    assert wanted in says(name=name, code=2)
    bench.champion()
    write_settings(bench, quantity="0")
    assert "its limits.quantity in config.toml is 0" in says(code=2)
