"""What the venues list is read once a day, kept, and shown with its age or with why it is not known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw, Struct
from msgspec.structs import replace

from engine import catalogue
from engine.adapters.adapter import WayTerms
from engine.adapters.alpaca import catalogue as alpaca
from engine.adapters.binance import catalogue as binance
from engine.adapters.built_in import OURS
from engine.adapters.catalogues import readers
from engine.adapters.coinbase import catalogue as coinbase
from engine.adapters.kraken import catalogue as kraken
from engine.catalogue import AGAIN_NS, FRESH_NS, Catalogue
from engine.clock import NS_PER_S, SimulatedClock
from engine.config import Settings
from engine.errors import TransientError
from engine.messages.catalogue import VenueListings
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from engine.ports.secrets import Credential, SecretsError
from engine.settings.venues import VenuesSettings
from tests.alpaca_bench import CREDENTIAL
from tests.catalogue_bench import LISTED, four_venues, nowhere

NOON_NS = 1_767_268_800 * NS_PER_S
BTC = Listing("here", Symbol("BTC/USD"), AssetClass.CRYPTO, "BTC", "USD", "Bitcoin")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON_NS)


KRAKEN_STEPS = b'"qty_precision":8,"price_precision":1,"qty_increment":1,"price_increment":1}'


class Desk:
    """A catalogue of one made-up venue, which answers what it is told to."""

    def __init__(self, folder: Path, clock: SimulatedClock) -> None:
        self.folder, self.clock = folder, clock
        self.answer: Sequence[Listing] | Exception = (BTC,)
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.catalogue = self.opened()

    def opened(self) -> Catalogue:
        return Catalogue(self.folder, self.clock, {"here": self._read})

    async def _read(self) -> Sequence[Listing]:
        self.asked += 1
        self.was_asked.set()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def update(self, other: Catalogue | None = None) -> VenueListings:
        updated = other or self.catalogue
        asyncio.run(updated.update())
        return updated.view.venues[0]


@pytest.fixture
def desk(tmp_path: Path, clock: SimulatedClock) -> Desk:
    return Desk(tmp_path / "listings", clock)


def test_it_is_read_once_a_day_also_by_the_next_desk(desk: Desk, clock: SimulatedClock) -> None:
    assert desk.update() == VenueListings("here", (BTC,), NOON_NS)
    clock.advance_to(NOON_NS + FRESH_NS - 1)
    desk.update()
    assert desk.update(desk.opened()) == VenueListings("here", (BTC,), NOON_NS)
    assert desk.asked == 1
    clock.advance_to(NOON_NS + FRESH_NS)
    assert desk.update(desk.opened()).read_ns == NOON_NS + FRESH_NS
    assert desk.asked == 2


def test_what_was_known_stays_where_the_venue_fails_and_it_is_left_alone_for_a_minute(
    desk: Desk, clock: SimulatedClock
) -> None:
    desk.update()
    clock.advance_to(NOON_NS + FRESH_NS)
    desk.answer = TransientError("[Errno 111] nobody is there")
    told = VenueListings("here", (BTC,), NOON_NS, "it could not be read: nobody is there")
    assert desk.update() == told
    desk.update()
    assert desk.asked == 2
    clock.advance_to(NOON_NS + FRESH_NS + AGAIN_NS)
    desk.answer = ()
    assert desk.update().trouble == "it answered, and lists nothing"
    assert desk.update().listings == (BTC,)
    assert desk.asked == 3


def test_a_time_that_has_not_come_yet_is_as_good_as_none(desk: Desk, clock: SimulatedClock) -> None:
    desk.update()
    before = SimulatedClock(NOON_NS - 1)
    desk.clock = before
    assert desk.update(desk.opened()).read_ns == NOON_NS - 1
    assert clock.now_ns() == NOON_NS


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 2], lambda _: b"", lambda data: data.replace(b"here", b"gone")],
    ids=["cut off", "empty", "of another venue"],
)
def test_a_damaged_file_is_read_anew(desk: Desk, damage: Callable[[bytes], bytes]) -> None:
    desk.update()
    (path,) = desk.folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert desk.update(desk.opened()).listings == (BTC,)
    assert desk.asked == 2


def test_a_folder_that_takes_nothing_is_told_and_the_list_is_there(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "listings").write_text("a file in its place", encoding="utf-8")
    known = desk.update()
    assert known.listings == (BTC,)
    assert known.trouble.startswith("it can't be kept in")


def test_nothing_is_asked_before_it_is_wanted(desk: Desk) -> None:
    async def scenario() -> None:
        service = asyncio.create_task(desk.catalogue.run())
        await asyncio.sleep(0)
        assert desk.asked == 0
        desk.catalogue.want()
        await desk.was_asked.wait()
        service.cancel()
        with pytest.raises(asyncio.CancelledError):
            await service

    asyncio.run(scenario())
    assert desk.asked == 1


def test_a_venue_that_says_nothing_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> Sequence[Listing]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(catalogue, "READ_S", 0.01)
    silent = Catalogue(desk.folder, desk.clock, {"here": never})
    assert desk.update(silent).trouble == "it did not answer within 0.01 s"


# The venues


@pytest.mark.parametrize(
    ("listed", "texts", "symbols"),
    [
        (
            kraken._listed,
            (
                b'{"symbol":"OLD/USD","base":"OLD","quote":"USD","status":"delisted",' + KRAKEN_STEPS,
                b'{"symbol":"A\\u001b/USD","base":"A","quote":"USD",' + KRAKEN_STEPS,
            ),
            ["A/USD"],
        ),
        (
            binance._listed,
            (
                b'{"symbol":"OLDUSDT","status":"BREAK","baseAsset":"OLD","quoteAsset":"USDT"}',
                b'{"symbol":"AUSDT","status":"TRADING","baseAsset":"A","quoteAsset":"USDT"}',
            ),
            ["AUSDT"],
        ),
        (
            coinbase._listed,
            (
                b'{"product_id":"OLD-USD","base_increment":"1","quote_increment":"1","is_disabled":true}',
                b'{"product_id":"A-USDC","base_increment":"1","quote_increment":"1","alias":"A-USD"}',
                b'{"product_id":"A-USD","base_increment":"1","quote_increment":"1","alias":""}',
            ),
            ["A-USD"],
        ),
        (
            alpaca._listed,
            (
                b'{"id":"1","symbol":"OLD","class":"us_equity","tradable":false}',
                b'{"id":"2","symbol":"A","class":"us_equity"}',
            ),
            ["A"],
        ),
    ],
    ids=("kraken", "binance", "coinbase", "alpaca"),
)
def test_what_is_odd_or_does_not_trade_is_left_out_and_hides_nothing(
    listed: Callable[[Sequence[Raw]], Iterator[Listing]], texts: Sequence[bytes], symbols: Sequence[str]
) -> None:
    raws = [Raw(text) for text in (b"{}", b"[1]", *texts)]
    assert [each.symbol for each in listed(raws)] == symbols


Read = Callable[[str], Credential | None]


def catalogue_of(tmp_path: Path, venues: VenuesSettings, read: Read = lambda _: CREDENTIAL) -> Catalogue:
    clock = SimulatedClock(NOON_NS)
    return Catalogue(
        tmp_path / "listings", clock, readers(OURS.values(), Settings(venues=venues), clock, read)
    )


def known_after(work: Coroutine[Any, Any, None], read: Catalogue) -> dict[str, VenueListings]:
    asyncio.run(work)
    return {each.venue: each for each in read.view.venues}


@pytest.fixture(scope="module")
def venues() -> Iterator[VenuesSettings]:
    with four_venues() as each:
        yield each


def test_all_four_venues_are_read_and_the_file_of_each_serves_without_them(
    tmp_path: Path, venues: VenuesSettings
) -> None:
    read = catalogue_of(tmp_path, venues)
    known = known_after(read.update(), read)
    assert {name: each.trouble for name, each in known.items()} == dict.fromkeys(LISTED, "")
    assert {name: {one.symbol for one in each.listings} for name, each in known.items()} == LISTED
    offline = catalogue_of(tmp_path, nowhere())
    assert known_after(offline.update(), offline) == known
    related = {
        one.venue: one for each in known.values() for one in each.listings if one.kinship.label == "BTC/USD"
    }
    assert {each.symbol for each in related.values()} == {"BTC/USD", "BTCUSDT", "BTC-USD"}
    assert related["alpaca"].description == "Bitcoin / US Dollar"
    assert {each.asset_class for each in known["alpaca"].listings} == {AssetClass.EQUITY, AssetClass.CRYPTO}


def test_a_venue_that_is_asked_alone_leaves_the_others_alone(tmp_path: Path, venues: VenuesSettings) -> None:
    read = catalogue_of(tmp_path, venues)
    known = known_after(read.update(("kraken",)), read)
    assert [name for name, each in known.items() if each.read_ns] == ["kraken"]


def test_without_a_key_only_alpaca_says_so(tmp_path: Path, venues: VenuesSettings) -> None:
    read = catalogue_of(tmp_path, venues, lambda _: None)
    known = known_after(read.update(), read)
    assert known["alpaca"].trouble == "it wants a key: touchline credentials add alpaca"
    assert [name for name, each in known.items() if each.read_ns] == ["binance", "coinbase", "kraken"]


def test_a_place_of_keys_that_refuses_says_what_to_do(tmp_path: Path, venues: VenuesSettings) -> None:
    def refuse(_: str) -> Credential | None:
        raise SecretsError("the keyring is locked: unlock it")

    read = catalogue_of(tmp_path, venues, refuse)
    known = known_after(read.update(("alpaca",)), read)
    assert known["alpaca"].trouble == "the keyring is locked: unlock it"


def test_where_nobody_answers_each_venue_says_so_in_words(tmp_path: Path) -> None:
    read = catalogue_of(tmp_path, nowhere())
    known = known_after(read.update(("kraken",)), read)
    assert known["kraken"].trouble.startswith("it could not be read: ")
    assert "Errno" not in known["kraken"].trouble


def test_an_adapter_from_elsewhere_has_its_list_read_with_its_own_settings_and_key() -> None:
    class Own(Struct, frozen=True):
        url: str = ""

    asked: list[str] = []

    async def read_list(terms: WayTerms) -> Sequence[Listing]:
        assert terms.read_credential() is None
        return (replace(BTC, venue=terms.settings.url),)

    acme = replace_fields(OURS["kraken"], name="acme", settings=Own, listings=read_list)
    silent = replace_fields(acme, name="silent", listings=None)
    known = Settings(venues=VenuesSettings(others={"acme": {"url": "there"}}))
    reading = readers((acme, silent), known, SimulatedClock(NOON_NS), asked.append)
    assert list(reading) == ["acme"]
    assert asyncio.run(reading["acme"]()) == (replace(BTC, venue="there"),)  # type: ignore[arg-type]
    assert asked == ["acme"]
