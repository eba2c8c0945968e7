"""Seeds that once failed, with what they found; they are run before any other.

A seed is the same run only as long as the simulation draws the same: what a seed found is kept by the unit test of its
bug, and a seed that no longer says anything may go.
"""

from __future__ import annotations

from collections.abc import Mapping

ONCE_FAILED: Mapping[int, str] = {
    26: "after a restart nobody was told of an entry whose exits had ended while it filled more",
    36: "the same, after a cancel-all and a crash",
    53: "a cancel asked for without a link to the broker was thrown away",
    60: "an order was taken for absent as soon as the date had been set forward",
    105: "after a restart nobody was told of an entry whose exits had ended while it filled more",
    109: "an order was taken for absent as soon as the date had been set forward",
    112: "the same",
    130: "an answer that came twice was counted as two",
    134: "after a restart an entry's last fill had no exit, and nobody was told",
}
