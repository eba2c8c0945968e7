"""`touchline connect VENUE --check` against venues of this machine, well and in every kind of trouble."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ports.secrets import Credential
from terminal.__main__ import main
from tests.alpaca_bench import CREDENTIAL
from tests.coinbase_keys import credential_of, new_key
from tests.connect_bench import NAMES, Shell, Venue, addresses_of, running
from tests.pty_desk import PtyDesk, environment
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import TOO_MANY, Refusal, forbidden
from tests.venues.alpaca.venue import AlpacaVenue
from tests.venues.binance.venue import BinanceVenue
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.kraken.venue import KrakenVenue

VENUES = ("alpaca", "binance", "coinbase", "kraken")
OK, SKIPPED = "ok", "skipped"
WELL = {
    "alpaca": dict.fromkeys(NAMES, OK),
    "binance": {**dict.fromkeys(NAMES, OK), "orders": SKIPPED},
    "coinbase": {**dict.fromkeys(NAMES, OK), "orders": SKIPPED},
    "kraken": {**dict.fromkeys(NAMES, OK), **dict.fromkeys(("auth", "permissions", "orders"), SKIPPED)},
}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    return Shell(tmp_path, capsys)


@pytest.fixture
def alpaca() -> Iterator[AlpacaVenue]:
    with running("alpaca") as venue:
        assert isinstance(venue, AlpacaVenue)
        yield venue


@pytest.fixture
def binance() -> Iterator[BinanceVenue]:
    with running("binance") as venue:
        assert isinstance(venue, BinanceVenue)
        yield venue


@pytest.fixture
def coinbase() -> Iterator[CoinbaseVenue]:
    with running("coinbase") as venue:
        assert isinstance(venue, CoinbaseVenue)
        yield venue


@pytest.fixture
def kraken() -> Iterator[KrakenVenue]:
    with running("kraken") as venue:
        assert isinstance(venue, KrakenVenue)
        yield venue


def at(shell: Shell, name: str, venue: Venue, **more: str) -> Shell:
    """Lead to a venue, with its key."""
    shell.lead(name, addresses_of(venue), **more)
    if name != "kraken":
        shell.keep(name)
    return shell


@pytest.mark.parametrize("name", VENUES)
def test_a_way_that_is_well_is_told_step_by_step(name: str, shell: Shell) -> None:
    with running(name) as venue:
        told = at(shell, name, venue).check(name)
        code, out, err = shell.run("connect", name, "--check")
    assert (told.code, told.outcomes) == (0, WELL[name])
    assert "is not encrypted: this machine" in told.steps["tls"]["detail"]
    assert "came: " in told.steps["data"]["detail"]
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == list(NAMES)
    assert lines[-1] == "All is well."
    assert "\x1b" not in out


def test_nothing_that_could_trade_is_sent_to_alpaca(shell: Shell, alpaca: AlpacaVenue) -> None:
    told = at(shell, "alpaca", alpaca).check("alpaca")
    assert "was NOT sent; buying power 200,000.00 USD" in told.steps["orders"]["detail"]
    assert told.steps["permissions"]["detail"] == "stand-in account PA3LOCAL0001, ACTIVE; may trade"
    asked = alpaca.do(lambda: list(alpaca.floor.requests))
    assert asked
    assert all(each.startswith("GET ") for each in asked)
    assert alpaca.do(lambda: alpaca.floor.exchange.open) == []


@pytest.mark.parametrize("name", VENUES)
def test_a_server_that_is_down_fails_the_connection_and_what_needs_it_is_not_tried(
    name: str, shell: Shell
) -> None:
    with running(name) as venue:
        at(shell, name, venue)
    told = shell.check(name)
    step, detail, remedy = told.failure()
    assert step == "tcp"
    assert "connection refused" in detail
    assert "Nobody listens there" in remedy
    assert f"venues.{name}.stream_url" in remedy
    assert told.steps["data"]["detail"] == "not tried: tcp failed"
    assert {told.outcomes[each] for each in NAMES[2:]} == {SKIPPED}


@pytest.mark.parametrize("name", VENUES)
def test_a_name_that_does_not_exist_is_told_with_its_setting(name: str, shell: Shell) -> None:
    with running(name) as venue:
        told = at(shell, name, venue, stream_url="wss://no-such-host.invalid").check(name)
    step, detail, remedy = told.failure()
    assert step == "dns"
    assert detail.startswith("no-such-host.invalid: ")
    assert remedy.endswith(f"Set by venues.{name}.stream_url.")
    assert told.steps["tcp"]["detail"] == told.steps["data"]["detail"] == "not tried: dns failed"


@pytest.mark.parametrize("name", VENUES)
def test_what_speaks_no_tls_fails_that_step(name: str, shell: Shell) -> None:
    with running(name) as venue:
        plain = addresses_of(venue)["stream_url"]
        told = at(shell, name, venue, stream_url=plain.replace("ws://", "wss://")).check(name)
    step, detail, remedy = told.failure()
    assert step == "tls"
    assert "does not speak TLS" in remedy
    assert plain.removeprefix("ws://").partition("/")[0] in detail


# Keys


def test_a_key_that_alpaca_does_not_take_is_told_by_its_last_four_alone(
    shell: Shell, alpaca: AlpacaVenue
) -> None:
    wrong = Credential("PKWRONGWRONGXY12", "no-such-secret")
    at(shell, "alpaca", alpaca).keep("alpaca", wrong)
    told = shell.check("alpaca")
    step, detail, remedy = told.failure()
    assert step == "auth"
    assert detail == "Alpaca does not accept the key: unauthorized. (key …XY12)"
    assert "touchline credentials add alpaca" in remedy
    assert wrong.key not in told.raw
    assert wrong.secret not in told.raw
    assert {told.outcomes[each] for each in NAMES[4:]} == {SKIPPED}


def test_a_refusal_that_is_no_wrong_key_does_not_say_so(shell: Shell, alpaca: AlpacaVenue) -> None:
    fault = RestFault("error", path="/v2/account", error=forbidden("account is not authorized to trade"))
    alpaca.do(lambda: alpaca.floor.faults.rest.append(fault))
    step, detail, remedy = at(shell, "alpaca", alpaca).check("alpaca").failure()
    assert (step, detail) == ("auth", "account is not authorized to trade (key …ENUE)")
    assert "The key may be right" in remedy


def test_a_venue_that_repeats_the_key_does_not_bring_it_on_the_screen(
    shell: Shell, alpaca: AlpacaVenue
) -> None:
    echo = Refusal(403, None, f"{CREDENTIAL.key} with {CREDENTIAL.secret} is forbidden")
    fault = RestFault("error", path="/v2/account", error=echo)
    alpaca.do(lambda: alpaca.floor.faults.rest.append(fault))
    told = at(shell, "alpaca", alpaca).check("alpaca")
    assert told.failure()[1] == "(hidden) with (hidden) is forbidden (key …ENUE)"
    assert CREDENTIAL.key not in told.raw


def test_without_a_key_alpaca_wants_one_and_binance_does_not(
    shell: Shell, alpaca: AlpacaVenue, binance: BinanceVenue
) -> None:
    shell.lead("alpaca", addresses_of(alpaca))
    assert shell.check("alpaca").failure() == (
        "auth",
        "no key is kept, and Alpaca wants one",
        "Keep one with touchline credentials add alpaca.",
    )
    shell.lead("binance", addresses_of(binance))
    told = shell.check("binance")
    assert told.code == 0
    assert told.steps["auth"]["detail"] == "no key is kept, and market data needs none"
    assert told.outcomes["permissions"] == SKIPPED


def test_what_is_kept_and_no_key_at_all_is_never_sent_and_never_shown(
    shell: Shell, alpaca: AlpacaVenue
) -> None:
    at(shell, "alpaca", alpaca).keep("alpaca", Credential("PKLOCALVENUE", "half\nother"))
    told = shell.check("alpaca")
    assert told.failure()[:2] == ("auth", "what is kept is no key of Alpaca")
    assert "other" not in told.raw
    assert not alpaca.do(lambda: list(alpaca.floor.requests))


@pytest.mark.parametrize(
    ("credential", "word"),
    [
        (Credential("LOCALBINANCEKEY", "wrong-secret"), "Signature for this request is not valid. (-1022)"),
        (Credential("NOSUCHKEYATALL", "local-binance-secret"), "Invalid API-key, IP, or permissions"),
    ],
    ids=["secret", "key"],
)
def test_a_key_that_binance_does_not_take_leaves_the_market_data_well(
    credential: Credential, word: str, shell: Shell, binance: BinanceVenue
) -> None:
    at(shell, "binance", binance).keep("binance", credential)
    told = shell.check("binance")
    step, detail, remedy = told.failure()
    assert step == "auth"
    assert word in detail
    assert "touchline credentials add binance" in remedy
    assert (told.outcomes["clock"], told.outcomes["data"]) == (OK, OK)
    assert told.steps["permissions"]["detail"] == "not tried: auth failed"


def test_coinbase_tells_what_the_key_may_do_and_its_book_comes_with_and_without_it(
    shell: Shell, coinbase: CoinbaseVenue
) -> None:
    shell.lead("coinbase", addresses_of(coinbase))
    public = shell.check("coinbase")
    assert public.steps["auth"]["detail"] == "no key is kept, and market data needs none"
    assert public.outcomes == {**WELL["coinbase"], **dict.fromkeys(("auth", "permissions"), SKIPPED)}
    assert public.steps["data"]["detail"] == "BTC-USD is online; its book came: 40 bids, 40 asks"
    assert not any("jwt" in each for each in coinbase.floor.requests)
    told = at(shell, "coinbase", coinbase).check("coinbase")
    assert told.steps["auth"]["detail"] == "Coinbase takes the key …0000"
    assert told.steps["permissions"]["detail"] == "the key may view, may not trade, may not transfer"
    assert told.steps["data"]["detail"].endswith("40 bids, 40 asks; with the key: 40 bids, 40 asks")
    assert coinbase.floor.keys.taken == 3


@pytest.mark.parametrize(
    ("secret", "detail"),
    [
        (new_key()[1], "Coinbase does not take the key …0000: Unauthorized (401)"),
        ("no-private-key", "the secret of Coinbase's key is no private key of the kind ECDSA"),
    ],
    ids=["another", "none"],
)
def test_a_key_that_coinbase_does_not_take_leaves_the_market_data_well(
    secret: str, detail: str, shell: Shell, coinbase: CoinbaseVenue
) -> None:
    at(shell, "coinbase", coinbase).keep("coinbase", credential_of(secret))
    told = shell.check("coinbase")
    step, found, remedy = told.failure()
    assert step == "auth"
    assert detail in found
    assert "touchline credentials add coinbase" in remedy
    assert told.outcomes == {**WELL["coinbase"], "auth": "failed", "permissions": SKIPPED}
    assert not any("jwt" in each for each in coinbase.floor.requests)


def test_a_key_that_coinbase_takes_to_read_and_not_to_listen_is_told(
    shell: Shell, coinbase: CoinbaseVenue
) -> None:
    coinbase.do(lambda: setattr(coinbase.floor.faults, "refuse_tokens", True))
    step, detail, _ = at(shell, "coinbase", coinbase).check("coinbase").failure()
    assert step == "data"
    assert detail == "Coinbase refused the book of BTC-USD with the key: authentication failure"


# The account


def test_an_account_that_may_not_trade_fails_its_permissions_and_no_order_is_written(
    shell: Shell, alpaca: AlpacaVenue
) -> None:
    alpaca.do(lambda: alpaca.floor.account.flags.update(trading_blocked=True))
    told = at(shell, "alpaca", alpaca).check("alpaca")
    step, detail, _ = told.failure()
    assert step == "permissions"
    assert "Alpaca has blocked trading on the account" in detail
    assert told.outcomes["data"] == OK
    assert told.steps["orders"]["detail"] == "not tried: permissions failed"


@pytest.mark.parametrize(
    ("power", "outcome", "word"),
    [
        ("0.5", "failed", "was NOT sent; buying power 0.50 USD"),
        (None, "warning", "was NOT sent; the account's buying power is not told"),
        ("NaN", "failed", "NaN"),
    ],
)
def test_an_account_without_means_is_told(
    power: str | None, outcome: str, word: str, shell: Shell, alpaca: AlpacaVenue
) -> None:
    account = Refusal(200, None, "", cash="0", account_number="PA3", buying_power=power)
    alpaca.do(lambda: alpaca.floor.faults.rest.append(RestFault("error", path="/v2/account", error=account)))
    told = at(shell, "alpaca", alpaca).check("alpaca")
    assert told.outcomes == {**WELL["alpaca"], "orders": outcome}
    assert word in told.steps["orders"]["detail"]
    assert told.code == (outcome == "failed")


def test_the_key_of_another_account_than_the_settings_name_is_told(shell: Shell, alpaca: AlpacaVenue) -> None:
    step, detail, remedy = at(shell, "alpaca", alpaca, account="PA3OTHER").check("alpaca").failure()
    assert step == "permissions"
    assert "venues.alpaca.account is PA3OTHER" in detail
    assert "Set venues.alpaca.account to PA3LOCAL0001" in remedy


def test_data_that_is_not_subscribed_is_told_with_the_setting(shell: Shell, alpaca: AlpacaVenue) -> None:
    step, detail, remedy = at(shell, "alpaca", alpaca, feed="sip").check("alpaca").failure()
    assert step == "data"
    assert "insufficient subscription" in detail
    assert 'venues.alpaca.feed to "iex"' in remedy


# Time, silence, too often


@pytest.mark.parametrize("skew_s", [10.0, -10.0])
@pytest.mark.parametrize("name", VENUES)
def test_a_clock_ten_seconds_off_is_told_and_does_not_spoil_the_key(
    name: str, skew_s: float, shell: Shell
) -> None:
    with running(name) as venue:
        venue.do(lambda: setattr(venue.floor.faults, "skew_s", skew_s))
        told = at(shell, name, venue).check(name)
    step, detail, remedy = told.failure()
    assert step == "clock"
    assert re.search(rf"is (9|10),\d\d\d ms {'ahead' if skew_s > 0 else 'behind'}", detail)
    assert "Set this machine's clock right" in remedy
    assert told.outcomes == {**WELL[name], "clock": "failed"}


def mute_all(venue: Venue) -> None:
    if isinstance(venue, AlpacaVenue):
        venue.floor.faults.mute.add("data")
    else:
        venue.floor.faults.mute = True


@pytest.mark.parametrize("name", VENUES)
def test_a_stream_that_is_connected_and_mute_is_told(name: str, shell: Shell) -> None:
    with running(name) as venue:
        venue.do(lambda: mute_all(venue))
        told = at(shell, name, venue).check(name)
    assert told.code == 1
    failed = {each for each in NAMES if told.outcomes[each] == "failed"}
    assert failed == ({"clock", "data"} if name == "kraken" else {"data"})
    assert "did not come within 5 s" in told.steps["data"]["detail"]
    assert told.steps["data"]["remedy"]


def test_who_asks_alpaca_too_often_hears_how_long_to_wait(shell: Shell, alpaca: AlpacaVenue) -> None:
    fault = RestFault("error", path="/v2/account", error=TOO_MANY, headers={"Retry-After": "17"})
    alpaca.do(lambda: alpaca.floor.faults.rest.append(fault))
    step, detail, remedy = at(shell, "alpaca", alpaca).check("alpaca").failure()
    assert (step, detail) == ("auth", "/v2/account: the venue answered 429")
    assert "Wait 17 s" in remedy


@pytest.mark.parametrize("status", [429, 418])
def test_who_asks_binance_too_often_hears_how_long_to_wait(
    status: int, shell: Shell, binance: BinanceVenue
) -> None:
    binance.do(lambda: binance.floor.faults.__setattr__("status", status))
    binance.do(lambda: binance.floor.faults.__setattr__("retry_after", "33"))
    shell.lead("binance", addresses_of(binance))
    told = shell.check("binance")
    assert told.code == 1
    for step in ("clock", "data"):
        assert f"the venue answered {status}" in told.steps[step]["detail"]
        assert "Wait 33 s" in told.steps[step]["remedy"]


def break_binance(venue: BinanceVenue) -> None:
    venue.floor.faults.status = 503


def garble_alpaca(venue: AlpacaVenue) -> None:
    venue.floor.faults.rest.append(RestFault("garbage", path="/v2/account"))


def test_a_venue_in_trouble_is_told_by_its_own_status(shell: Shell, binance: BinanceVenue) -> None:
    binance.do(lambda: break_binance(binance))
    shell.lead("binance", addresses_of(binance))
    told = shell.check("binance")
    assert told.steps["clock"]["detail"] == "/api/v3/time: the venue answered 503"
    assert "Try it again" in told.steps["clock"]["remedy"]


def test_an_answer_that_can_not_be_read_is_a_sentence(shell: Shell, alpaca: AlpacaVenue) -> None:
    alpaca.do(lambda: garble_alpaca(alpaca))
    step, detail, _ = at(shell, "alpaca", alpaca).check("alpaca").failure()
    assert step == "auth"
    assert "expected an account" in detail


# What was asked for, and how it looks


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nyse", "--check"], "invalid choice: 'nyse'"),
        (["kraken"], "the following arguments are required: --check"),
        ([], "VENUE"),
    ],
)
def test_what_was_asked_wrongly_is_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["connect", *arguments])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_an_address_that_is_open_to_read_is_refused(shell: Shell) -> None:
    shell.lead("kraken", {"stream_url": "ws://ws.kraken.com/v2"})
    code, out, err = shell.run("connect", "kraken", "--check")
    assert (code, out) == (2, "")
    assert "venues.kraken.stream_url: expected an address such as wss://host/path" in err


def test_settings_that_are_not_there_are_refused(shell: Shell) -> None:
    code, _, err = shell.run("connect", "kraken", "--check")
    assert code == 2
    assert "config.toml: there is no such file" in err


def started(shell: Shell, home: Path, **changes: str) -> PtyDesk:
    arguments = ["connect", "alpaca", "--check", *shell.arguments]
    return PtyDesk(arguments, environment(home, **changes), size=(80, 24))


@pytest.mark.pty
@pytest.mark.parametrize("changes", [{}, {"NO_COLOR": "1"}], ids=["colours", "none"])
def test_the_real_command_folds_to_80_columns_and_obeys_no_color(
    changes: dict[str, str], shell: Shell, alpaca: AlpacaVenue, tmp_path: Path
) -> None:
    at(shell, "alpaca", alpaca).keep("alpaca", Credential("PKWRONGWRONGXY12", "no-such-secret"))
    with started(shell, tmp_path / "home", **changes) as terminal:
        assert terminal.exit_code() == 1
        lines = [line.rstrip() for line in terminal.lines if line.strip()]
        assert [line.split()[0] for line in lines if line[0] != " "][:4] == ["ok", "ok", "ok", "FAILED"]
        folded = [line for line in lines if line.startswith(" " * 31)]
        assert any(line.strip().startswith("> Keys of paper and live accounts") for line in folded)
        assert lines[-1] == "Not well: auth."
        assert (b"\x1b[1;31mFAILED" in terminal.raw) is not bool(changes)
        assert (b"\x1b[" in terminal.raw) is not bool(changes)
        assert b"Traceback" not in terminal.raw
