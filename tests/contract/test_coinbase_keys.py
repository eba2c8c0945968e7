"""A kept key at the venue: used where it is taken, told and left alone where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from engine.adapter_contract.following import followed
from engine.adapters.coinbase.opening import open_coinbase
from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.messages.events import AlertRaised
from engine.ports.secrets import Credential, SecretsError
from engine.settings.venues import CoinbaseSettings
from tests.coinbase_bench import BTC, ETH, Live, live, venue_with_books
from tests.coinbase_keys import NAME, credential_of, new_key
from tests.venues.coinbase.venue import CoinbaseVenue

REFUSED = re.compile(
    "Coinbase does not take the key: (it answered 401|authentication failure); its market is followed without it"
)
"""By the read or by the stream, whichever asks first."""


@pytest.fixture
def venue() -> Iterator[CoinbaseVenue]:
    with venue_with_books() as each:
        yield each


def test_every_subscription_and_every_read_has_a_token_of_its_own(venue: CoinbaseVenue) -> None:
    key, text = new_key()
    venue.floor.keys.known[NAME] = key.public_key()
    desk = live(venue, Live.agrees, credential=credential_of(text))
    asked = [json.loads(each) for each in venue.floor.requests]
    shown = {each["jwt"] for each in asked}
    assert len(shown) == len(asked)
    reads = [read for read in venue.floor.reads if "/time" not in read]
    assert not any("/market/" in read for read in reads)
    assert venue.floor.keys.taken == len(asked) + len(reads)
    assert desk.alerts == []


def test_without_a_key_nothing_is_signed(venue: CoinbaseVenue) -> None:
    live(venue, Live.agrees)
    assert not any("jwt" in json.loads(each) for each in venue.floor.requests)
    assert all("/market/" in read for read in venue.floor.reads if "/time" not in read)


@pytest.mark.parametrize("skew_s", [-10.0, 10.0, 600.0])
def test_a_clock_that_is_off_is_corrected_before_the_first_token(venue: CoinbaseVenue, skew_s: float) -> None:
    key, text = new_key()
    venue.floor.keys.known[NAME] = key.public_key()
    venue.floor.faults.skew_s = skew_s
    desk = live(venue, Live.agrees, credential=credential_of(text), symbols=(ETH,))
    assert (desk.source.connects, desk.source.api.tokens.has_key) == (1, True)
    assert venue.floor.keys.taken > 5


def test_a_key_that_is_not_taken_is_told_once_and_the_market_is_there_without_it(
    venue: CoinbaseVenue,
) -> None:
    desk = live(venue, Live.agrees, credential=credential_of(new_key()[1]))
    first, *others = desk.alerts
    assert REFUSED.fullmatch(first)
    assert others == [
        "Coinbase is not connected: the market is asked for without the key",
        "Coinbase is connected again",
    ]
    assert venue.floor.keys.taken == 0
    assert not desk.source.api.tokens.has_key


def test_a_token_that_is_over_is_refused_by_the_stream_and_the_market_is_there_without_it(
    venue: CoinbaseVenue,
) -> None:
    key, text = new_key()
    venue.floor.keys.known[NAME] = key.public_key()

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.skew_s = (
            600.0  # its clock jumps, and ours is not measured again until the next look
        )
        desk.source.request_snapshot(BTC, "a fresh one is wanted")
        await desk.until(lambda: len(desk.alerts) > 2)
        await desk.agrees()

    desk = live(venue, scenario, credential=credential_of(text))
    assert desk.alerts == [
        "Coinbase does not take the key: authentication failure; its market is followed without it",
        "Coinbase is not connected: the market is asked for without the key",
        "Coinbase is connected again",
    ]


def test_a_key_that_is_none_ends_the_start_with_a_sentence(venue: CoinbaseVenue) -> None:
    settings = CoinbaseSettings(venue.stream_url, venue.api_url)
    with pytest.raises(ConfigError, match="the secret of Coinbase's key is no private key"):
        open_coinbase(settings, [BTC], SystemClock(), lambda: Credential("name", "secret"))


def test_a_keyring_that_does_not_answer_is_told_and_no_reason_not_to_begin(venue: CoinbaseVenue) -> None:
    def locked() -> Credential | None:
        raise SecretsError("the keyring is locked")

    settings = CoinbaseSettings(venue.stream_url, venue.api_url)
    source = open_coinbase(settings, [BTC], SystemClock(), locked)
    desk = followed(venue, venue.floor.books, source, Live.agrees, depth=10)
    (alert,) = (each for each in desk.published if isinstance(each, AlertRaised))
    assert alert.text == "Coinbase is followed without a key: the keyring is locked"
