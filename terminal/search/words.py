"""What a listing is found by, and what of a query is looked for."""

from __future__ import annotations

import re
from enum import IntEnum

from engine.model.listing import COIN_NAMES, Listing, usual_coin

_WORD = re.compile(r"[\w.&']+")
_AROUND = ".&'"
_OTHER_NAMES = {usual: other for other, usual in COIN_NAMES.items()}


class Kind(IntEnum):
    """What a word of a listing is, the more telling first."""

    CODE = 0
    """Its symbol without marks, and what is traded, by all its names: btcusd, xbtusd, btc, xbt."""
    NAME = 1
    """A word of its description."""
    PLACE = 2
    """Its venue, and the currency of its price."""


def words(text: str) -> list[str]:
    """Return the words of a text in small letters: marks part it, as in BTC/USD."""
    return [word for found in _WORD.findall(text.casefold()) if (word := found.strip(_AROUND))]


def words_of(listing: Listing) -> list[tuple[Kind, str]]:
    """Return all that a listing is found by, each once."""
    base, currency = listing.base.casefold(), listing.currency.casefold()
    codes = ["".join(words(listing.symbol)), base]
    usual = usual_coin(listing.base)
    for name in (usual, _OTHER_NAMES.get(usual, "")) if listing.base else ():
        codes += [name.casefold(), f"{name.casefold()}{currency}" if name else ""]
    found = [(Kind.CODE, "".join(words(code))) for code in codes]
    found += [(Kind.NAME, word) for word in words(listing.description)]
    found += [(Kind.PLACE, listing.venue.casefold()), (Kind.PLACE, currency)]
    return [each for each in dict.fromkeys(found) if each[1]]
