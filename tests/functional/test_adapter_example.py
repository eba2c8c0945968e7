"""A stranger's package as the page tells to make one: installed, named, followed, and held to every promise."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.registry import distribution_of, find
from engine.bootstrap import live_engine
from engine.config import MetricsSettings, Settings
from engine.folders import Folders
from engine.model.instrument import Symbol
from engine.settings.venues import VenuesSettings
from terminal.cli import parse_args
from tests.adapter_example.acme_venue import AcmeVenue
from tests.documented import ROOT, blocks, page
from tests.pty_desk import environment
from tests.waiting import wait_until

EXAMPLE = "tests/adapter_example"
INSTALL = f"python -m pip install --no-deps --no-build-isolation {EXAMPLE}"
BTC = Symbol("BTC-USD")


def commands() -> list[str]:
    """Return the commands of the page, in its order."""
    return [line for block in blocks(page("docs/adapters.md"), "sh") for line in block.splitlines()]


def said(place: Path, line: str) -> str:
    """Say a line of the page in a copy of the repository, where packages are installed aside; return what it prints."""
    program = f"{sys.executable} -m terminal" if line.startswith("touchline") else sys.executable
    target = f" --target {place / 'elsewhere'}" if line == INSTALL else ""
    done = subprocess.run(
        ["sh", "-c", re.sub(r"^(?:touchline|python)", program, line) + target],
        env=environment(place / "home", PYTHONPATH=f"{place / 'elsewhere'}{os.pathsep}{ROOT}"),
        cwd=place,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the example, installed from there as the page says."""
    place = tmp_path_factory.mktemp("stranger")
    shutil.copytree(ROOT / EXAMPLE, place / EXAMPLE, ignore=shutil.ignore_patterns("__pycache__"))
    assert INSTALL in commands()
    said(place, INSTALL)
    return place


def test_the_package_is_listed_and_keeps_every_promise_by_the_commands_of_the_page(place: Path) -> None:
    told = [said(place, line) for line in commands() if line != INSTALL]
    rows = {row["name"]: row for row in json.loads(told[1])}
    assert (rows["acme"]["comes_with"], rows["acme"]["trouble"]) == ("touchline-acme 0.1.0", "")
    assert re.search(r"^acme +BTC-USD +no +nothing +no +touchline-acme 0\.1\.0$", told[0], re.MULTILINE)
    assert re.search(r"= \d\d passed in ", told[-1])


def test_the_desk_follows_its_market(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(place / "elsewhere"))
    importlib.invalidate_caches()
    options = parse_args(["live", "acme", "btc-usd"])
    assert (options.symbols, distribution_of("acme")) == ([BTC], "touchline-acme 0.1.0")
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with AcmeVenue().running() as venue:
        addresses = {"stream_url": venue.stream_url, "rest_url": venue.rest_url}
        venues = VenuesSettings(others={"acme": addresses})
        settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
        engine = live_engine(settings, folders, options.venue, options.symbols)
        engine.start()
        try:
            rooms = engine._rooms
            wait_until(lambda: BTC in rooms.market.books and rooms.market.books[BTC].synced)
            wait_until(lambda: rooms.market.states[BTC].has_quote)
            assert rooms.market.states[BTC].source == find("acme").name
            assert next(row.read().value for row in rooms.venues[0].rows()) == "connected"
        finally:
            engine.stop()
