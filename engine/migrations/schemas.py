"""Which schema each kind of store has now, and which one each released program knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.errors import ConfigError
from engine.security.operators.database import SCHEMA as OPERATORS_SCHEMA
from engine.store.segment import SCHEMA_VERSION

JOURNAL: Final = "journal"
OPERATORS: Final = "operators"
CURRENT: Mapping[str, int] = MappingProxyType({JOURNAL: SCHEMA_VERSION, OPERATORS: OPERATORS_SCHEMA})
"""What this program writes."""
OLDEST: Mapping[str, int] = MappingProxyType({JOURNAL: 0, OPERATORS: 1})
"""How far back a step leads."""
PROGRAMS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {"0.1.0": MappingProxyType({JOURNAL: 2, OPERATORS: 2})}
)
"""What each released version reads and writes."""
MEANINGS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        JOURNAL: MappingProxyType(
            {
                0: "records as the first programs had them",
                1: "records as they are now, where an older program leaves out what it does not know",
                2: "the same records, refused by programs that don't know them all",
            }
        ),
        OPERATORS: MappingProxyType(
            {1: "operators and how often somebody failed", 2: "also when and where from each failed"}
        ),
    }
)
"""What is in each schema."""


def known_to(version: str) -> Mapping[str, int]:
    """Return the schemas that a version of the program knows.

    Raises:
        ConfigError: it is no version that this one knows of.
    """
    if version not in PROGRAMS:
        known = ", ".join(PROGRAMS)
        raise ConfigError(
            f"--for {version}: this version knows what {known} keeps; for one before it say --to and a schema"
        )
    return PROGRAMS[version]


def check_schema(store: str, schema: int) -> None:
    """Let a schema pass that steps lead to.

    Raises:
        ConfigError: there is none of that number.
    """
    lowest, highest = OLDEST[store], CURRENT[store]
    if not lowest <= schema <= highest:
        raise ConfigError(f"--to {schema}: expected a schema of the {store} from {lowest} to {highest}")
