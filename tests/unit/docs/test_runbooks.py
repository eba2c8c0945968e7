"""Every row of the health board has a runbook, and what a runbook says to type is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.account.lease import LEASE
from engine.adapters.alpaca.market_data import AlpacaSource
from engine.adapters.binance.market_data import BinanceSource
from engine.adapters.ib.market_data import IbSource
from engine.adapters.kraken.market_data import KrakenSource
from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.composition.ranked_sources import SOURCES
from engine.config import MetricsSettings, Settings
from engine.folders import Folders
from engine.gateway.standing import ROW
from engine.messages.remedies import Remedy
from engine.model.instrument import Symbol
from engine.pace import Pace
from engine.ports.secrets import Credential
from terminal.actions.table import ACTIONS
from terminal.cli import parse_args
from terminal.health.remedy_keys import KEYS, PAGE_KEYS
from terminal.health.runbooks import runbook_path
from terminal.key_names import shown
from tests.documented import ROOT, page, prose, rows, section

PARTS = ("What still works", "Look at", "Do", "It is over when")
RUNBOOKS = [path for path in sorted((ROOT / "docs" / "runbooks").glob("*.md")) if path.stem != "rotate-keys"]
LINES = 60
BESIDE = (ROW, "alert_webhook", "certificate", "preflight", "redis", "signals", "traces", LEASE, SOURCES)
"""Rows of what is not in every engine."""


def names_of_venues() -> Iterator[str]:
    venues, clock = Settings().venues, SystemClock()
    alpaca = AlpacaSource(venues.alpaca, Credential("", ""), (Symbol("AAPL"), Symbol("BTC/USD")), clock)
    alpaca.make_broker("PAPER-1", {})
    binance = BinanceSource(venues.binance, (), clock, credential=Credential("", ""))
    binance.make_broker("PAPER-1", {})
    ib = IbSource(venues.ib, (), clock)
    ib.make_broker("PAPER-1", {})
    for source in (KrakenSource(venues.kraken, (), clock), binance, alpaca, ib):
        for row in source.rows():
            yield row.name


def test_every_row_has_a_runbook_and_every_runbook_a_row(tmp_path: Path) -> None:
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    settings = Settings(metrics=MetricsSettings(enabled=False))
    engine = simulated_engine(settings, folders, seed=1, pace=Pace())
    engine.start()
    engine.stop()
    names = {*engine._rooms.health.readings(), *names_of_venues(), *BESIDE}
    found = {name: runbook_path(name) for name in names}
    assert [name for name, path in found.items() if path is None] == []
    assert {path.stem for path in RUNBOOKS} == {path.stem for path in found.values() if path is not None}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_has_its_parts_is_short_and_says_what_there_is_to_type(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(PARTS)
    assert len(text.splitlines()) <= LINES
    keys = {shown(key) for action in ACTIONS for key in action.keys.split(",")}
    keys |= {each.key for each in KEYS.values()} | {key for key, _ in PAGE_KEYS}
    for code in re.findall(r"`([^`]+)`", prose(text)):
        if code.startswith("touchline "):
            assert parse_args(shlex.split(code)[1:]).command
        elif len(code) == 1 or re.fullmatch(r"F\d+|\^.", code):
            assert code in keys, code
        elif code.startswith("make "):
            assert re.search(rf"^{code.split()[1]}:", page("Makefile"), re.MULTILINE)


def test_an_install_has_the_runbooks_where_they_are_looked_for() -> None:
    wheel = tomllib.loads(page("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["docs/runbooks"] == "terminal/runbooks"


def test_the_page_tells_every_key_of_the_health_page() -> None:
    told = rows(section(page("docs/health.md"), "## Keys of the page"))
    expected = [*PAGE_KEYS, *((each.key, each.help) for each in KEYS.values())]
    assert told == [[f"`{key}`", text] for key, text in expected]
    assert {*KEYS} == {*Remedy}
    assert len({key for key, _ in expected}) == len(expected)
