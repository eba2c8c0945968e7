"""How well a word fits: the first of these that is true of a word of the listing, of several words the sum.

A word that is the symbol or what is traded comes before one that only begins so, that before a name, the venue and
the currency, and what has it somewhere within comes last. Within words nothing is looked for that is one letter, or that
enough words begin with.
"""

from __future__ import annotations

from terminal.search.words import Kind

IS, BEGINS, WITHIN = range(3)
"""The word itself, its beginning, a part of it."""
SCORES = {
    (Kind.CODE, IS): 0,
    (Kind.CODE, BEGINS): 1,
    (Kind.NAME, IS): 2,
    (Kind.NAME, BEGINS): 3,
    (Kind.PLACE, IS): 4,
    (Kind.PLACE, BEGINS): 5,
    (Kind.CODE, WITHIN): 6,
    (Kind.NAME, WITHIN): 7,
    (Kind.PLACE, WITHIN): 8,
}
WITHIN_MIN = 2
"""Letters from which on a word is looked for within others."""
WITHIN_BELOW = 200
"""Nothing is looked for within words once so many listings have a word that begins with it."""
