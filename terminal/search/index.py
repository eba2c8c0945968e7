"""Finds listings by any words of theirs: beginnings by halving a sorted list, parts by one scan of all words."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from engine.model.listing import Kinship, Listing
from terminal.search.ranking import BEGINS, SCORES, WITHIN, WITHIN_BELOW, WITHIN_MIN
from terminal.search.words import Kind, words, words_of

ROWS_MAX = 200
"""Listings that one search gives at most, and the rest of the last one's kin."""
_WORST_FIRST = sorted(((score, kind, how) for (kind, how), score in SCORES.items()), reverse=True)
_AT_BEGINNINGS = [fit for fit in _WORST_FIRST if fit[2] != WITHIN]
_WITHIN = [fit for fit in _WORST_FIRST if fit[2] == WITHIN]
_AFTER = "\U0010ffff"
"""Comes after every letter."""


class Kin(NamedTuple):
    """Related listings, those that were found first."""

    kinship: Kinship
    listings: tuple[Listing, ...]
    found: int
    """How many of them were found; the others follow because they are related."""


class Found(NamedTuple):
    """What a search gave, the best first."""

    kin: tuple[Kin, ...] = ()
    total: int = 0
    """How many listings were found, also those beyond what is given."""


class ListingIndex:
    """All listings in one order: the desk's own, then what is at most venues, then short names, then the alphabet."""

    def __init__(self, own: Iterable[Listing] = (), others: Iterable[Listing] = ()) -> None:
        own = tuple(own)
        listings = {(each.venue, each.symbol): each for each in (*own, *others)}
        kin = [(listing.kinship, listing) for listing in listings.values()]
        venues: dict[Kinship, set[str]] = {}
        for kinship, listing in kin:
            venues.setdefault(kinship, set()).add(listing.venue)
        mine = {(each.venue, each.symbol) for each in own}
        kin.sort(
            key=lambda each: (
                (each[1].venue, each[1].symbol) not in mine,
                -len(venues[each[0]]),
                len(each[0].base),
                each[0],
                each[1].currency != each[0].currency,
                each[1].currency,
                each[1].venue,
                each[1].symbol,
            )
        )
        self.listings: Sequence[Listing] = tuple(listing for _, listing in kin)
        self._kinship = [kinship for kinship, _ in kin]
        self._members: dict[Kinship, list[int]] = {}
        for number, kinship in enumerate(self._kinship):
            self._members.setdefault(kinship, []).append(number)
        told = [(kind, word, n) for n, each in enumerate(self.listings) for kind, word in words_of(each)]
        self._words = {kind: _Words((word, n) for k, word, n in told if k is kind) for kind in Kind}

    def search(self, text: str, rows_max: int = ROWS_MAX) -> Found:
        """Return what has every word of a text; nothing for a text without any."""
        asked = dict.fromkeys(words(text))
        if not asked:
            return Found()
        scores: dict[int, int] | None = None
        for word in asked:
            here = self._scores(word)
            scores = here if scores is None else {n: scores[n] + here[n] for n in scores.keys() & here.keys()}
        assert scores is not None
        return Found(tuple(self._grouped(scores, rows_max)), len(scores))

    def _scores(self, word: str) -> dict[int, int]:
        """Return how well a word fits each listing that has it: worse fits first, so that better ones replace them."""
        scores: dict[int, int] = {}
        for score, kind, how in _AT_BEGINNINGS:
            scores.update(dict.fromkeys(self._words[kind].having(word, how), score))
        if len(scores) >= WITHIN_BELOW or len(word) < WITHIN_MIN:
            return scores
        within: dict[int, int] = {}
        for score, kind, how in _WITHIN:
            within.update(dict.fromkeys(self._words[kind].having(word, how), score))
        return within | scores

    def _grouped(self, scores: dict[int, int], rows_max: int) -> Iterator[Kin]:
        """Yield related listings together, where the best of them stands."""
        count = len(self.listings)
        given: set[Kinship] = set()
        rows = 0
        for key in sorted([score * count + number for number, score in scores.items()]):
            kinship = self._kinship[key % count]
            if kinship in given:
                continue
            given.add(kinship)
            members = self._members[kinship]
            found = sorted((n for n in members if n in scores), key=lambda n: (scores[n], n))
            kin = Kin(
                kinship,
                tuple(self.listings[n] for n in (*found, *(n for n in members if n not in scores))),
                len(found),
            )
            yield kin
            rows += len(kin.listings)
            if rows >= rows_max:
                return


class _Words:
    """The words of one kind, each with the numbers of the listings that have it."""

    def __init__(self, told: Iterable[tuple[str, int]]) -> None:
        pairs = sorted(told)
        self._words: list[str] = []
        self._starts = array("l", [0])
        self._numbers = array("l", [number for _, number in pairs])
        for word, of in groupby(pairs, key=lambda pair: pair[0]):
            self._words.append(word)
            self._starts.append(self._starts[-1] + sum(1 for _ in of))
        self._text = "\n".join(("", *self._words, ""))
        """All words after each other, each between line ends."""
        self._places = array("l")
        place = 0
        for word in self._words:
            self._places.append(place)
            place += len(word) + 1

    def having(self, word: str, how: int) -> Iterable[int]:
        """Return the listings of which a word is this one, begins with it and is longer, or has it within."""
        if how == WITHIN:
            return self._within(word)
        first = bisect_left(self._words, word)
        last = bisect_right(self._words, word, first)
        if how == BEGINS:
            first, last = last, bisect_right(self._words, word + _AFTER, last)
        return self._numbers[self._starts[first] : self._starts[last]]

    def _within(self, word: str) -> Iterator[int]:
        """Yield the listings, each word of theirs looked at once."""
        text, places = self._text, self._places
        place = text.find(word)
        while place >= 0:
            which = bisect_right(places, place) - 1
            yield from self._numbers[self._starts[which] : self._starts[which + 1]]
            place = text.find(word, places[which + 1] if which + 1 < len(places) else len(text))
