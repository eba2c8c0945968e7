from __future__ import annotations

import argparse
from datetime import time
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from terminal.cli import COMMANDS, FAMILIES, build_parser, parse_args
from terminal.commands import _HERE
from terminal.recording import start_of
from terminal.shell.every_command import RUN
from terminal.shell.simulation_arguments import pace, time_of_day

DAY_NS = 86_400 * 10**9
FIRST_NS = 1_723_161_254 * 10**9  # 2024-08-08 23:54:14 UTC


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", (1.0, None)), ("10", (10.0, None)), ("max", (0.0, None)), ("50000/s", (1.0, 50_000.0))],
)
def test_a_speed_is_a_factor_a_rate_or_max(text: str, meant: tuple[float, float | None]) -> None:
    assert pace(text) == meant


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "fast", "/s", "0/s", "1e999", "1/m"])
def test_any_other_speed_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected a number above 0"):
        pace(text)


@given(st.text(max_size=12))
@settings(deadline=None)
def test_no_text_is_a_speed_that_is_not_above_zero(text: str) -> None:
    try:
        speed, rate = pace(text)
    except argparse.ArgumentTypeError:
        return
    assert speed > 0 or text == "max"
    assert rate is None or rate > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_brings_the_commands_that_the_table_says(family: str) -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    import_module(f"terminal.shell.{family}").add_parsers(commands)
    assert tuple(commands.choices) == FAMILIES[family]


def test_a_parser_knows_its_command_and_without_one_all_of_them() -> None:
    assert "retention" not in build_parser("demo").format_help()
    assert "retention" in build_parser("retention").format_help()
    assert all(f"\n    {command} " in build_parser().format_help() for command in COMMANDS)


def test_without_a_command_the_arguments_are_those_of_the_demo() -> None:
    assert parse_args([]).command == "demo"
    assert parse_args(["--seed", "7"]).seed == 7


def test_a_fresh_account_is_asked_for_by_name() -> None:
    assert not parse_args([]).fresh
    assert parse_args(["--fresh"]).fresh
    assert parse_args(["demo", "--fresh"]).fresh


def test_the_demo_begins_at_a_time_of_day() -> None:
    assert parse_args([]).start is None
    assert parse_args(["--start", "09:29"]).start == time(9, 29)
    assert parse_args(["demo", "--start", "09:29:45"]).start == time(9, 29, 45)


@pytest.mark.parametrize("text", ["", "9", "9:29", "0929", "24:00", "09:60", "09.29", "09:29+05:00", "noon!"])
def test_any_other_start_of_the_demo_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected a time of day such as 09:29"):
        time_of_day(text)


def test_live_data_is_asked_for_by_venue_and_pairs_in_small_letters_too() -> None:
    options = parse_args(["live", "kraken", "btc/usd", "ETH/EUR", "--fresh"])
    assert (options.venue, options.symbols, options.fresh) == ("kraken", ["BTC/USD", "ETH/EUR"], True)
    options = parse_args(["live", "binance", "btcusdt"])
    assert (options.venue, options.symbols, options.fresh) == ("binance", ["BTCUSDT"], False)


def test_venues_stand_by_in_the_order_in_which_they_are_given() -> None:
    command = ["live", "binance", "btcusdt", "--standby", "kraken:btc/usdt", "--standby", "alpaca"]
    assert parse_args(command).standby == [("kraken", ("BTC/USDT",)), ("alpaca", ())]


@pytest.mark.parametrize("standby", ["bourse", "kraken:BTC", "kraken:BTC/USD,", ""])
def test_a_venue_that_can_not_stand_by_is_a_sentence(
    standby: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_args(["live", "kraken", "BTC/USD", "--standby", standby])
    assert ended.value.code == 2
    assert "expected" in capsys.readouterr().err


def test_every_command_has_its_function() -> None:
    assert _HERE.keys() | RUN.keys() == set(COMMANDS)


@pytest.mark.parametrize(
    ("text", "start_ns"),
    [
        ("1723161300000000000", 1_723_161_300 * 10**9),
        ("23:55", 1_723_161_300 * 10**9),
        ("23:55:01", 1_723_161_301 * 10**9),
        ("00:10", 1_723_162_200 * 10**9),  # the next day: the recording begins after ten past midnight
        ("2024-08-08T23:55", 1_723_161_300 * 10**9),
        ("2024-08-09T01:55+02:00", 1_723_161_300 * 10**9),
    ],
)
def test_a_start_is_a_moment_or_the_next_such_time_of_day(text: str, start_ns: int) -> None:
    assert start_of(text)(FIRST_NS) == start_ns


@pytest.mark.parametrize("text", ["soon", "25:00", "12:60", "1:2", "-5", "2024-13-01"])
def test_any_other_start_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="--start: expected 14:30"):
        start_of(text)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 4 * 10**18))
@settings(deadline=None)
def test_a_time_of_day_is_within_a_day_of_the_first_event(hour: int, minute: int, first_ns: int) -> None:
    start_ns = start_of(f"{hour:02}:{minute:02}")(first_ns)
    assert 0 <= start_ns - first_ns < DAY_NS
    assert start_ns % DAY_NS == (hour * 60 + minute) * 60 * 10**9
