"""What the pages say is what the tables that run the program say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from engine.adapters.alpaca.market_data import AlpacaSource
from engine.adapters.binance.market_data import BinanceSource
from engine.adapters.built_in import OURS
from engine.adapters.coinbase.market_data import CoinbaseSource
from engine.adapters.desks.market_data import DeskSource
from engine.adapters.ib.market_data import IbSource
from engine.adapters.kraken.market_data import KrakenSource
from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.composition.ranked_sources import SOURCES
from engine.config import FilterSettings, MetricsSettings, Settings, load_settings
from engine.control.requests import Code
from engine.desk.redis_link import RedisLink
from engine.desk.redis_quotes import RedisQuotes
from engine.engine import Engine
from engine.folders import standard_folders
from engine.ids import OrderIds
from engine.model.abilities import Abilities
from engine.model.ability_table import ABILITIES
from engine.model.instrument import AssetClass, Symbol
from engine.model.order import OrderType, TimeInForce
from engine.pace import Pace
from engine.ports.secrets import Credential
from engine.risk.catalogue import RULES
from engine.risk.limits import BUILT_IN
from engine.risk.limits_source import LimitsSource
from engine.settings.redis import RedisSettings
from engine.settings.signals import SignalSettings
from engine.settings.venues import VenuesSettings
from engine.toml_files import read_toml
from terminal.__main__ import BAD_INPUT, main
from terminal.actions.table import BY_ID
from terminal.keymap import load_keymap
from terminal.orderline.grammar import parse
from terminal.orderline.manual import MANUAL
from terminal.orderline.words import UNAVAILABLE
from terminal.theming import ROLES, load_themes
from tests.documented import (
    PAGES,
    ROOT,
    blocks,
    code,
    first_keys_table,
    keys_tables,
    manual_tables,
    page,
    prose,
    rows,
    section,
)
from tests.recordings import write_quotes

SECTIONS = (
    "account",
    "paper",
    "market.filters",
    "market.failover",
    "broker",
    "journal",
    "safety",
    "backup",
    "retention",
    "vault",
    "credentials",
    "redis",
    "gateway",
    "metrics",
    "traces",
    "alerts",
    "desk",
    "models",
    "signals",
    "signals.limits",
    "venues.kraken",
    "venues.binance",
    "venues.alpaca",
    "venues.coinbase",
    "venues.ccxt",
    "venues.ib",
    "venues.desk",
)
KINDS: dict[type, str] = {
    str: "text",
    bool: "yes or no",
    int: "whole number",
    float: "number",
    Decimal: "decimal",
    dict: "currency to decimal",
    list: "list of texts",
    tuple: "list of texts",
}
TABLES: dict[str, msgspec.Struct] = {
    "signals": SignalSettings(model="daily"),
    "signals.limits": SignalSettings(model="daily").limits,
}
"""Sections that there may be several of."""


def settings_of(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield a section's settings as the page writes them: name, type and default."""
    record: Any = TABLES.get(name, Settings())
    for part in name.split(".") if name not in TABLES else ():
        record = getattr(record, part)
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, msgspec.Struct):  # a section of its own
            continue
        kind = KINDS[type(value)] if value != {} else "tables"
        yield f"`{field.name}`", kind, f"`{written(value)}`"


def written(value: object) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, dict):
        return "{}" if not value else f"{{ {', '.join(f'{key} = {worth}' for key, worth in value.items())} }}"
    return json.dumps(value) if isinstance(value, str | bool | float | tuple) else str(value)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_page_tells_every_setting_with_its_type_and_default(name: str) -> None:
    told = [tuple(row[:3]) for row in rows(section(page("docs/configuration.md"), f"### [{name}]"))]
    assert told == list(settings_of(name))


def test_every_section_of_the_settings_is_told() -> None:
    names = {field.name for field in msgspec.structs.fields(Settings)}
    assert {name.split(".")[0] for name in SECTIONS} == names
    told = re.findall(r"^### \[([\w.]+)\]$", page("docs/configuration.md"), re.MULTILINE)
    assert sorted(told) == sorted(SECTIONS)
    assert {field.name for field in msgspec.structs.fields(type(Settings().market))} == {
        "filters",
        "sources",
        "failover",
    }


def test_the_example_settings_are_the_defaults() -> None:
    assert load_settings(ROOT / "docs" / "config.example.toml") == Settings()


def test_the_example_leaves_no_setting_out() -> None:
    values = read_toml(ROOT / "docs" / "config.example.toml")
    defaults = msgspec.to_builtins(Settings())
    defaults["market"].pop("sources")
    assert set(paths(values)) == set(paths(defaults))


def paths(values: dict[str, object], before: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from paths(value, f"{before}{name}.")
        else:
            yield before + name


def test_a_section_of_one_source_stands_alone_as_the_page_says(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[market.filters]\nlocked = true\n[market.sources.fxcm]\nsize = false\n", encoding="utf-8"
    )
    assert load_settings(path).market.filters_of("fxcm") == FilterSettings(size=False)


def test_the_example_limits_are_the_built_in_ones() -> None:
    source = LimitsSource(ROOT / "docs" / "limits.example.toml")
    source.reload()
    assert source.limits == BUILT_IN


def test_the_page_tells_every_rule_of_the_gate() -> None:
    told = [(code(row[0]), row[1]) for row in rows(section(page("docs/configuration.md"), "## limits.toml"))]
    assert told == [(rule.name, rule.label) for rule in RULES]


def test_the_example_keymap_of_the_page_is_accepted(tmp_path: Path) -> None:
    (example,) = blocks(page("docs/configuration.md"), "toml")
    path = tmp_path / "keymap.toml"
    path.write_text(example, encoding="utf-8")
    assert set(load_keymap(path)) <= set(BY_ID)


def test_the_folders_are_where_the_page_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TOUCHLINE_HOME", raising=False)
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    table, _, _ = section(page("docs/configuration.md"), FOLDERS).partition("`TOUCHLINE_HOME`")
    told = [Path(code(row[1])).expanduser() for row in rows(table)]
    folders = standard_folders()
    assert told == [folders.config, folders.data, folders.cache, folders.logs]


FOLDERS = "## Where files are"


@pytest.mark.parametrize(("heading", "told"), list(keys_tables()))
def test_the_page_has_every_key(heading: str, told: str) -> None:
    assert section(page("docs/keys.md"), f"## {heading}").strip() == told


def test_the_readme_has_the_first_keys() -> None:
    assert first_keys_table() in page("README.md")


@pytest.mark.parametrize(("heading", "told"), list(manual_tables()))
def test_the_page_has_every_line_of_the_manual(heading: str, told: str) -> None:
    assert section(page("docs/order-line.md"), f"## {heading}").strip() == told


def test_the_lines_of_the_readme_mean_what_the_manual_says() -> None:
    told = dict(rows(section(page("README.md"), "## The order line")))
    manual = {f"`{line}`": meaning for _, lines in MANUAL for line, meaning in lines}
    assert told
    assert told.items() <= manual.items()
    for line in told:
        parse(code(line))


def test_the_page_names_every_word_that_is_not_available() -> None:
    refused = section(page("docs/order-line.md"), "## What is refused")
    assert {f"`{word}`" for word in UNAVAILABLE if word != "acct"} <= set(re.findall(r"`\w+`", refused))


def test_the_page_tells_every_theme_and_every_role() -> None:
    themes, own = page("docs/themes.md").split("## One of your own")
    assert {code(name) for name, _ in rows(themes)} == set(load_themes())
    named = [role for row in rows(own) for role in re.findall(r"\w+", code(row[0]))]
    assert sorted(named) == sorted(ROLES)


def test_the_summary_has_the_keys_that_the_page_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    assert main(["replay", str(write_quotes(tmp_path / "q.parquet")), "--headless", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    whole, _, each = page("docs/replay-summary.md").partition("Each record of `symbols`")
    assert [code(row[0]) for row in rows(whole)] == list(summary)
    assert [code(row[0]) for row in rows(each)] == list(summary["symbols"]["BTCUSDT"])
    (kinds,) = (row[2] for row in rows(whole) if row[0] == "`events`")
    assert re.findall(r"`(\w+)`", kinds) == list(summary["events"])


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_module_that_a_page_names_is_there(file: Path) -> None:
    text = prose(file.read_text(encoding="utf-8"))
    named = set(re.findall(r"`((?:engine|terminal|tests|docs|themes)/[\w./]+)`", text))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    for module in re.findall(r"`(engine(?:\.[a-z_]+)+)`", text):
        assert resolve_name(module) is not None


def test_the_page_tells_every_exit_code() -> None:
    told = [int(row[0]) for row in rows(section(page("docs/configuration.md"), "## Exit codes"))]
    assert told == [*sorted({BAD_INPUT, *Code}), 130]


def lived(*, fresh: bool = False) -> Engine:
    """Return an engine that ran for a moment and ended on purpose."""
    settings = Settings(metrics=MetricsSettings(enabled=False))
    ids = OrderIds(SystemClock().now_ns())
    engine = simulated_engine(settings, standard_folders(), seed=1, pace=Pace(), ids=ids, fresh=fresh)
    engine.start()
    engine.stop()
    return engine


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder; all files are in a folder of the test's."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    return standard_folders().data


def test_the_page_tells_what_a_desk_leaves_in_the_data_folder(data: Path) -> None:
    lived()
    run = lived(fresh=True).ids.run
    table = rows(section(page("docs/configuration.md"), FOLDERS))
    told = {code(name) for row in table for name in row[0].split(", ")}
    left = {path.name for path in data.iterdir() if path.name != "journal"}
    accounts = {f"journal/{path.name.replace(run, 'RUN')}/" for path in (data / "journal").iterdir()}
    assert accounts == {"journal/sim/", "journal/sim-until-RUN/"}
    assert left
    assert left | accounts <= told


@pytest.mark.usefixtures("data")
def test_the_page_tells_the_unit_of_every_row_of_the_health_pane() -> None:
    _, _, table = page("docs/metrics.md").partition("`component` is the name of a row")
    told = [name for row in rows(table) for name in re.findall(r"`(\w+)`", row[0])]
    assert told == list(lived()._rooms.health.readings())


def test_the_page_tells_the_unit_of_every_row_of_a_venue() -> None:
    venues, clock = Settings().venues, SystemClock()
    alpaca = AlpacaSource(venues.alpaca, Credential("", ""), (Symbol("AAPL"), Symbol("BTC/USD")), clock)
    alpaca.make_broker("PAPER-1", {})
    binance = BinanceSource(venues.binance, (), clock, credential=Credential("", ""))
    binance.make_broker("PAPER-1", {})
    kraken, coinbase = KrakenSource(venues.kraken, (), clock), CoinbaseSource(venues.coinbase, (), clock)
    ib = IbSource(venues.ib, (), clock)
    ib.make_broker("PAPER-1", {})
    way = RedisLink(RedisSettings(address="unix:/nowhere"), None, clock)
    desk = DeskSource("tower", RedisQuotes(way, "tower", clock), (), clock, venues.desk.silence_s)
    sources = kraken, binance, coinbase, alpaca, ib, desk
    table = rows(section(page("docs/venues.md"), "## The rows of the health pane"))
    told = [name for row in table for name in re.findall(r"`(\w+)`", row[0])]
    shown = dict.fromkeys(row.name for source in sources for row in source.rows())
    assert told == [*shown, SOURCES]


def test_the_page_tells_what_each_broker_takes() -> None:
    shares, coins = (ABILITIES["alpaca"].of(kind) for kind in (AssetClass.EQUITY, AssetClass.CRYPTO))
    assert ABILITIES["paper"] is ABILITIES["bridge"]
    columns = (ABILITIES["paper"].usual, shares, coins, ABILITIES["binance"].usual, ABILITIES["ib"].usual)
    expected = [
        [kind.value.replace("_", "-"), *(_times_of(each, kind) for each in columns)] for kind in OrderType
    ]
    expected += [
        [row, *("yes" if getattr(each, field) else "no" for each in columns)]
        for row, field in (
            ("post-only", "post_only"),
            ("new price for a working order", "new_price"),
            ("a working order made larger", "larger"),
            ("sizes in parts of one", "parts"),
            ("selling more than is held", "short"),
            ("a stop and a target of its own", "brackets"),
        )
    ]
    assert [
        list(row) for row in rows(section(page("docs/venues.md"), "## What each broker takes"))
    ] == expected
    assert {"paper", "bridge", *(name for name, each in OURS.items() if each.make_broker)} == set(ABILITIES)


def _times_of(abilities: Abilities, kind: OrderType) -> str:
    times = abilities.types.get(kind, frozenset())
    return ", ".join(time.upper() for time in TimeInForce if time in times) or "no"


def test_the_venues_of_the_command_line_are_those_of_the_settings() -> None:
    assert {field.name for field in msgspec.structs.fields(VenuesSettings)} == {*OURS, "others"}
    assert {type(Settings().venues.of(name, each.settings)) for name, each in OURS.items()} == {
        each.settings for each in OURS.values()
    }


def test_the_architecture_names_every_module() -> None:
    text = page("docs/architecture.md")
    here = [path for room in ("engine", "terminal") for path in (ROOT / room).iterdir()]
    names = [
        f"{path.parent.name}/{path.name}"
        for path in here
        if (path.suffix == ".py" and path.stat().st_size) or (path / "__init__.py").exists()
    ]
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
    for room, title in (
        ("duties", "## What an engine sees to"),
        ("shell", "## What a person at a shell asks"),
    ):
        modules = [path.stem for path in (ROOT / "engine" / room).glob("[a-z]*.py")]
        assert [row[0].strip("`") for row in rows(section(text, title))] == sorted(modules)


def test_every_decision_is_listed_and_says_context_decision_and_consequences() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert re.findall(r"\]\((0\d+-[\w-]+\.md)\)", page("docs/adr/README.md")) == files
    for name in files:
        headings = re.findall(r"^## (.+)$", page(f"docs/adr/{name}"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"]


def test_the_picture_is_a_drawing_that_loads_nothing() -> None:
    text = page("docs/desk.svg")
    assert ET.fromstring(text).tag.endswith("svg")
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_every_fault_that_a_page_promises_is_tried_by_the_tests_that_it_names() -> None:
    table = rows(section(page("docs/venues.md"), "## What is tried at each venue"))
    named = {name for row in table for name in re.findall(r"`(test_\w+)`", " ".join(row))}
    folders = (ROOT / each for each in ("engine/adapter_contract", "tests/contract", "tests/unit/engine"))
    written = "\n".join(file.read_text(encoding="utf-8") for each in folders for file in each.glob("*.py"))
    assert len(table) > 9
    assert all("`test_" in " ".join(row) for row in table)
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
