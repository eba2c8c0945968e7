"""What a model's training data looked like: deciles, domain and a sample of each feature.

It is written beside the model, and read as what it is: text from outside, with bounds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from engine.errors import DataError
from engine.signals.statistics import memory, psi
from engine.signals.statistics.quantiles import deciles, quantile

SCHEMA = "reference/1"
BYTES_MAX = 16_000_000
FEATURES_MAX = 256
SAMPLE_MAX = 1_000
NAME_LENGTH_MAX = 64
ROWS_MIN = 250
ROWS_MAX = 10**9
FIELDS = {"edges", "counts", "low", "high", "sample", "rows_a_fresh_one"}


@dataclass(frozen=True, slots=True)
class FeatureReference:
    """One feature in training."""

    edges: tuple[float, ...]
    """The nine deciles; equal ones are kept once."""
    counts: tuple[int, ...]
    """How many rows were in each bin between them."""
    low: float
    high: float
    """The domain: what 0.1% of the rows were below, and above."""
    sample: tuple[float, ...]
    """At most 1,000 of the values, sorted, evenly by rank."""
    rows_a_fresh_one: float = 1.0
    """How many rows say as much as one that remembers nothing of the row before."""

    @classmethod
    def of(cls, values: Sequence[float]) -> FeatureReference:
        """Describe the values of a feature, in the order of time.

        Raises:
            DataError: There are fewer than 250 values, or one is not finite.
        """
        if len(values) < ROWS_MIN or not all(math.isfinite(value) for value in values):
            raise DataError(f"a reference needs {ROWS_MIN} finite values or more; {len(values)} were given")
        ordered = sorted(values)
        edges = tuple(sorted(set(deciles(ordered))))
        kept = min(SAMPLE_MAX, len(ordered))
        sample = tuple(ordered[(2 * place + 1) * len(ordered) // (2 * kept)] for place in range(kept))
        domain = quantile(ordered, 0.001), quantile(ordered, 0.999)
        return cls(edges, tuple(psi.counts(ordered, edges)), *domain, sample, memory.rows_a_fresh_one(values))

    def holds(self, value: float) -> bool:
        """Whether a value is within the domain."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Reference:
    """All features in training, by name."""

    features: Mapping[str, FeatureReference]

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[float]]) -> Reference:
        """Describe training data, column by column, in the order of time.

        Raises:
            DataError: There is no feature, too many, or one can't be described.
        """
        _check_names(columns)
        return cls({name: FeatureReference.of(values) for name, values in columns.items()})

    def to_json(self) -> str:
        """Return it as one line of JSON that is the same for the same training data."""
        features = {name: asdict(feature) for name, feature in self.features.items()}
        return json.dumps({"schema": SCHEMA, "features": features}, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Reference:
        """Read what `to_json` wrote.

        Raises:
            DataError: It is not a reference, or beyond a bound; says which.
        """
        if len(text) > BYTES_MAX:
            raise DataError(f"a reference has at most {BYTES_MAX:,} characters; this one has {len(text):,}")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError("a reference is JSON, and this is not") from error
        if not isinstance(found, dict) or found.keys() != {"schema", "features"} or found["schema"] != SCHEMA:
            raise DataError(f'a reference has "schema": "{SCHEMA}" and "features", and nothing else')
        features = found["features"]
        if not isinstance(features, dict):
            raise DataError('"features" are an object, by name')
        _check_names(features)
        return cls({name: _feature(name, value) for name, value in features.items()})


def _check_names(columns: Mapping[str, object]) -> None:
    if not 0 < len(columns) <= FEATURES_MAX:
        raise DataError(f"a reference has 1 to {FEATURES_MAX} features, not {len(columns)}")
    for name in columns:
        if not name.isascii() or not name.isprintable() or not 0 < len(name) <= NAME_LENGTH_MAX:
            raise DataError(
                f"a feature's name has 1 to {NAME_LENGTH_MAX} printable ASCII characters: {name[:80]!a}"
            )


def _feature(name: str, value: object) -> FeatureReference:
    if not isinstance(value, dict) or value.keys() != FIELDS:
        raise DataError(f"feature {name} has {', '.join(sorted(FIELDS))}, and nothing else")
    edges = _numbers(name, "edges", value["edges"], 9)
    sample = _numbers(name, "sample", value["sample"], SAMPLE_MAX)
    low, high = _numbers(name, "domain", [value["low"], value["high"]], 2)
    counts = value["counts"]
    if not isinstance(counts, list) or len(counts) != len(edges) + 1 or not all(map(_is_count, counts)):
        raise DataError(f"feature {name}: one count more than edges was expected, each 0 to {ROWS_MAX:,}")
    if sum(counts) < ROWS_MIN:
        raise DataError(f"feature {name}: {ROWS_MIN} rows or more were expected, not {sum(counts)}")
    if any(a >= b for a, b in pairwise(edges)):
        raise DataError(f"feature {name}: edges rise, and these do not")
    (alike,) = _numbers(name, "rows_a_fresh_one", [value["rows_a_fresh_one"]], 1)
    if not 1 <= alike <= memory.ROWS_A_FRESH_ONE_MAX:
        raise DataError(f"feature {name}: rows_a_fresh_one is within 1..{memory.ROWS_A_FRESH_ONE_MAX:.0f}")
    return FeatureReference(edges, tuple(counts), low, high, sample, alike)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= ROWS_MAX


def _numbers(name: str, what: str, value: object, most: int) -> tuple[float, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise DataError(f"feature {name}: {what} are a list of 1 to {most} numbers")
    if not all(type(item) in {int, float} and abs(item) < 1e300 for item in value):
        raise DataError(f"feature {name}: {what} hold something that is no finite number")
    if any(a > b for a, b in pairwise(value)):
        raise DataError(f"feature {name}: {what} are sorted, and these are not")
    return tuple(float(item) for item in value)
