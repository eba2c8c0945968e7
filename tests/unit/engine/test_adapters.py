"""Adapters from elsewhere: found by name, loaded when they are named, and a sentence where they can't be."""

from __future__ import annotations

import io
import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec
import pytest

from engine.account.journal import journal_folder
from engine.adapters.adapter import BrokerTerms, KeyUse, NameForm, settings_for
from engine.adapters.built_in import OURS
from engine.adapters.live_sources import begin
from engine.adapters.registry import RESERVED, find
from engine.bootstrap import live_engine, simulated_engine
from engine.clock import SystemClock
from engine.composition.brokers import maker_of
from engine.config import BrokerSettings, MarketSettings, Settings, load_settings
from engine.errors import ConfigError
from engine.folders import Folders, standard_folders
from engine.market.market import Market
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.pace import Pace
from engine.ports.secrets import Credential
from engine.security.credentials import read_credential
from engine.security.vault.key_file import KeyFile
from terminal.__main__ import main
from terminal.cli import parse_args
from tests.coinbase_keys import credential_of, new_key
from tests.engine_rooms import Silent, share
from tests.strangers import GOOD, Strangers

SEVERAL = "several distributions bring an adapter of this name: "


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the settings; all files are the test's."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    folder = standard_folders().config
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Strangers:
    """Return the folder in which others are installed."""
    return Strangers(tmp_path / "elsewhere", monkeypatch)


def with_field(name: str, field: str) -> str:
    """Return a whole descriptor's module with one field more."""
    source = dedent(GOOD.format(name=name)).rstrip()
    assert source.endswith("\n)")
    return f"{source[:-1]}    {field},\n)\n"


def settings_of(home: Path, text: str) -> Settings:
    """Read settings from a file with this text."""
    (home / "config.toml").write_text(text, encoding="utf-8")
    return load_settings(home / "config.toml")


def test_ours_are_what_they_are_whoever_else_is_installed(strangers: Strangers) -> None:
    strangers.install("kraken", "raise RuntimeError", module="touchline_thief")
    venues = {name: each for name, each in OURS.items() if each.member is None}
    assert {name: find(name) for name in venues} == venues
    assert "touchline_thief" not in sys.modules


@pytest.mark.parametrize("name", ["coinbase", "kraken"])
def test_one_of_ours_begins_although_nobody_answers(home: Path, name: str) -> None:
    urls = {
        field: f"{'ws' if default.startswith('ws') else 'http'}://127.0.0.1:1"
        for field, default in msgspec.to_builtins(OURS[name].settings()).items()
        if field.endswith("_url")
    }
    told = "\n".join(f'{field} = "{url}"' for field, url in urls.items())
    settings = settings_of(home, f'[venues.{name}]\n{told}\n[broker]\nkind = "{name}"')
    (_, text), asked = new_key(), list[str]()

    def kept(venue: str) -> Credential:
        asked.append(venue)
        return credential_of(text)

    source = begin(find(name), settings, [Symbol(OURS[name].names.example)], SystemClock(), kept)
    assert (source.name, source.wanted) == (name, (OURS[name].names.example,))
    assert asked == ([] if OURS[name].key.use is KeyUse.NOTHING else [name])


def test_only_the_one_that_is_named_is_loaded(strangers: Strangers) -> None:
    strangers.install("one-a")
    strangers.install("two-a", "raise RuntimeError('loaded')")
    assert find("one-a").label == "Acme"
    assert "touchline_two_a" not in sys.modules


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("gone-b", "import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module"),
        ("wrong-b", "ADAPTER = = 1", "SyntaxError"),
        ("loud-b", "raise SystemExit('\\x1b]52;c;aGk=\\x07 bye')", "SystemExit: ]52;c;aGk= bye"),
        ("none-b", "OTHER = 1", "AttributeError"),
        ("odd-b", "ADAPTER = 1", "which is no Adapter"),
        ("same-b", GOOD.format(name="other"), "calls itself other; both have to be the same"),
        ("paper", "ADAPTER = 1", "which it can't have"),
        ("Loud", "ADAPTER = 1", "which it can't have"),
    ],
)
def test_one_that_can_not_be_loaded_is_one_sentence_and_exit_code_2(
    strangers: Strangers, capsys: pytest.CaptureFixture[str], name: str, source: str, told: str
) -> None:
    module = f"stranger_{name.lower().replace('-', '_')}"
    strangers.install(name, source, module=module)
    assert main(["live", name, "ABC"]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert said.err.startswith(f"touchline: {name}: ")
    assert f"{module.replace('_', '-')} 1.5" in said.err
    assert told in said.err
    assert "\x1b" not in said.err


def test_two_of_one_name_are_refused_and_both_are_named(strangers: Strangers) -> None:
    strangers.install("twice-c", distribution="acme")
    strangers.install("twice-c", distribution="other-acme")
    with pytest.raises(ConfigError, match=f"twice-c: {SEVERAL}.*acme 1.5 and .*acme 1.5"):
        find("twice-c")


@pytest.mark.parametrize("name", ["nyse", "", "\x1b[2J", "kraken:spot"])
def test_a_venue_that_nobody_brings_is_a_sentence_with_those_there_are(name: str) -> None:
    with pytest.raises(
        ConfigError, match=r"alpaca, binance, ccxt, coinbase, desk, ib, kraken|is one venue"
    ) as found:
        find(name)
    assert "\x1b" not in str(found.value)


def test_its_settings_are_checked_by_its_own_type(strangers: Strangers, home: Path) -> None:
    strangers.install("acme-d")
    settings = settings_of(home, '[venues.acme-d]\nurl = "ws://127.0.0.1:1"\n[venues.kraken]\ndepth = 25\n')
    mine = settings_for(find("acme-d"), settings)
    assert (mine.url, mine.depth, settings.venues.kraken.depth) == ("ws://127.0.0.1:1", 10, 25)
    for line, told in (('depth = "deep"', "depth"), ("deep = 1", "unknown field `deep`")):
        settings = settings_of(home, f"[venues.acme-d]\n{line}\n")
        with pytest.raises(ConfigError, match=rf"^venues\.acme-d: .*{told}"):
            settings_for(find("acme-d"), settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[venues.krakn]\ndepth = 10\n", "venues: there is no venue of the name 'krakn' here"),
        ("[venues.others]\ndepth = 10\n", "'others'"),
        ('[broker]\nkind = "papr"\n', "broker.kind: there is no venue of the name 'papr' here"),
        ("[venues]\nkrakn = 1\n", "Expected `object`"),
        ("venues = 1\n", "Expected `object`"),
    ],
)
def test_a_venue_in_the_settings_that_nobody_brings_is_still_a_mistake(
    home: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        settings_of(home, text)


def test_one_that_fails_when_it_begins_is_told_with_where_it_comes_from(
    strangers: Strangers, tmp_path: Path
) -> None:
    strangers.install("acme-e")
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with pytest.raises(ConfigError, match=r"acme-e 1\.5 could not begin: TypeError: not a thing \[2J"):
        live_engine(Settings(), folders, "acme-e", [Symbol("ABC")])
    assert not folders.data.exists()


def test_orders_go_only_where_an_adapter_takes_them_and_with_its_market_data(
    strangers: Strangers, tmp_path: Path
) -> None:
    strangers.install("acme-f")
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    settings = Settings(broker=BrokerSettings(kind="acme-f"))
    with pytest.raises(ConfigError, match="nothing here takes orders to Acme; set it to paper"):
        live_engine(settings, folders, "acme-f", [Symbol("ABC")])
    with pytest.raises(ConfigError, match="orders to Acme go with its market data: touchline live acme-f"):
        simulated_engine(settings, folders, seed=1, pace=Pace())


def test_orders_over_an_adapter_from_elsewhere_need_a_paper_account(
    strangers: Strangers, tmp_path: Path, home: Path
) -> None:
    strangers.install("acme-g", with_field("acme-g", "make_broker=print"))
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    settings = settings_of(home, '[broker]\nkind = "acme-g"\n[account]\nname = "REAL-1"\n')
    with pytest.raises(ConfigError, match=r"account\.name: with the adapter of .* a paper account"):
        live_engine(settings, folders, "acme-g", [Symbol("ABC")])


def test_the_command_lists_ours_and_others_with_where_they_come_from_and_why_one_can_not_be_used(
    strangers: Strangers, capsys: pytest.CaptureFixture[str]
) -> None:
    strangers.install("acme-h")
    strangers.install("broken-h", "raise RuntimeError('no luck')")
    assert main(["venues", "--json"]) == 0
    told = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    ours = ["alpaca", "binance", "coinbase", "kraken", "ccxt:EXCHANGE", "ib", "desk:NAME"]
    assert [*told] == [*ours, "acme-h", "broken-h"]
    assert told["acme-h"] == {
        "name": "acme-h",
        "label": "Acme",
        "comes_with": "touchline-acme-h 1.5",
        "names": "ABC",
        "orders": False,
        "key": "orders",
        "check": False,
        "trouble": "",
    }
    assert "no luck" in told["broken-h"]["trouble"]
    assert main(["venues"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["VENUE", "SYMBOL", "ORDERS", "KEY", "FOR", "CHECK", "COMES", "WITH"]
    (row,) = (line for line in lines if line.startswith("broken-h "))
    assert row.split() == ["broken-h", "can't", "be", "used", "touchline-broken-h", "1.5"]
    assert lines[-1].endswith("RuntimeError: no luck.")


def test_its_key_is_kept_under_its_name_and_asked_for_by_its_own_words(
    strangers: Strangers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    strangers.install("acme-i")
    keys = tmp_path / "keys"

    def said(*arguments: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        code = main(["credentials", *arguments, "--key-file", str(keys)])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert said("add", "acme-i", given="1234567890123\nhunter2hunter2\n")[0] == 0
    found = read_credential(KeyFile(keys), "acme-i")
    assert found is not None
    assert found.secret == "hunter2hunter2"
    assert said("list")[1].split() == ["acme-i", "…0123"]
    assert "Acme itself was not asked" in said("test", "acme-i")[1]
    assert "the password holds a space" in said("add", "acme-i", given="1\ntwo words\n")[1]
    assert said("remove", "acme-i")[0] == 0


def test_the_way_that_an_adapter_knows_is_walked(
    strangers: Strangers, capsys: pytest.CaptureFixture[str]
) -> None:
    way = """
        from engine.transport.checking import Check, Found

        async def look():
            return Found("it is there")

        def way(terms):
            return (Check("data", look),)
    """
    strangers.install("acme-l", f"{dedent(way)}{with_field('acme-l', 'way=way')}")
    assert main(["connect", "acme-l", "--check", "--json"]) == 0
    (step,) = json.loads(capsys.readouterr().out)["steps"]
    assert (step["name"], step["outcome"], step["detail"]) == ("data", "ok", "it is there")


def test_a_broker_is_made_with_the_source_and_what_is_listed(strangers: Strangers, home: Path) -> None:
    strangers.install("acme-m", with_field("acme-m", "make_broker=lambda terms: terms"))
    settings = settings_of(home, '[broker]\nkind = "acme-m"\n[venues.acme-m]\ndepth = 7\n')
    market = Market(MarketSettings(), SystemClock())
    source: Any = Silent()
    made: Any = maker_of("acme-m")(settings, SystemClock(), source, market, "run")
    assert isinstance(made, BrokerTerms)
    assert (made.account, made.source, made.settings.depth) == ("PAPER-1", source, 7)
    made.list_instrument(share(Symbol("ABC")))
    assert list(made.instruments) == ["ABC"]


def test_a_way_that_an_adapter_does_not_know_is_a_sentence(
    strangers: Strangers, capsys: pytest.CaptureFixture[str]
) -> None:
    strangers.install("acme-j")
    assert main(["connect", "acme-j", "--check"]) == 2
    assert capsys.readouterr().err == "touchline: nothing here tries the way to Acme\n"


@pytest.mark.skipif(find_spec("ccxt") is not None, reason="the extra is installed")
def test_an_extra_that_is_not_installed_is_said_with_how_to_get_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with pytest.raises(
        ConfigError, match=r"ccxt:kraken: ccxt is an extra .* pip install 'touchline\[ccxt\]'"
    ):
        live_engine(Settings(), folders, "ccxt:kraken", [Symbol("BTC/USD")])
    assert main(["venues"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "ccxt:EXCHANGE needs an extra that is not installed: pip install 'touchline[ccxt]'." in told


@pytest.mark.skipif(find_spec("ib_async") is not None, reason="the extra is installed")
def test_an_extra_whose_package_has_another_name_is_looked_for_under_that(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with pytest.raises(ConfigError, match=r"ib: ib_async is an extra .* pip install 'touchline\[ib\]'"):
        live_engine(Settings(), folders, "ib", [Symbol("AAPL")])
    assert main(["venues"]) == 0
    assert (
        "ib needs an extra that is not installed: pip install 'touchline[ib]'."
        in capsys.readouterr().out.splitlines()
    )


@pytest.mark.parametrize("name", ["ccxt", "ccxt:", "ccxt:K", "ccxt:a/b", "ccxt:kraken:BTC"])
def test_an_exchange_has_to_be_named(name: str) -> None:
    with pytest.raises(ConfigError, match="say which exchange, as in ccxt:kraken"):
        find(name)


def test_a_name_is_taken_as_it_is_typed_where_it_fits_and_else_in_capitals() -> None:
    form = NameForm(re.compile(r"k?[A-Z]{3}"), "ABC")
    assert [form.read(text) for text in ("ABC", "abc", "kABC", "kabc", "a1c", "")] == [
        "ABC",
        "ABC",
        "kABC",
        None,
        None,
        None,
    ]


def test_one_of_a_family_is_named_with_its_family(strangers: Strangers, home: Path) -> None:
    family = with_field("acme-k", "member=lambda name: replace(ADAPTER, name='acme-k:' + name)")
    strangers.install("acme-k", f"from dataclasses import replace\n{family}")
    one = find("acme-k:spot")
    assert (one.name, one.section) == ("acme-k:spot", "acme-k")
    standby = parse_args(["live", "kraken", "BTC/USD", "--standby", "acme-k:spot:abc"]).standby
    assert standby == [("acme-k:spot", ("ABC",))]
    settings = settings_of(home, '[broker]\nkind = "acme-k:spot"\n')
    folder = journal_folder(settings, standard_folders(), AccountMode.PAPER, "run")
    assert re.fullmatch(r"paper-acme-k_spot_[0-9a-f]{8}-PAPER-1", folder.name)


def test_a_name_of_ours_and_of_the_settings_is_nobody_elses() -> None:
    assert not RESERVED & OURS.keys()
    assert {"paper", "bridge"} <= RESERVED
