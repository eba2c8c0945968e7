"""How much is tried: a little with every other test, as much as one likes by `make fuzz`."""

from __future__ import annotations

import os


def effort(few: int) -> int:
    """Return how many examples to try: as many as `FUZZ_EXAMPLES` says, else a few."""
    return int(os.environ.get("FUZZ_EXAMPLES", "0")) or few


IS_SAMPLE = "FUZZ_EXAMPLES" not in os.environ
"""Whether this is the suite's sample: the same examples each time, so that it says what changed in the program."""
