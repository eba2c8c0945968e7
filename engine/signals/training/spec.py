"""What a training is to be: the file that a person writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from engine.clock import NS_PER_S
from engine.errors import ConfigError
from engine.model.text import clean
from engine.signals.features.sets import SETS
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.names import check_name
from engine.toml_files import convert_toml, read_toml

_UNITS_NS: Final = {"s": NS_PER_S, "m": 60 * NS_PER_S, "h": 3_600 * NS_PER_S, "d": 86_400 * NS_PER_S}
_BARS: Final = re.compile(r"([1-9][0-9]{0,5})([smhd])", re.ASCII)
ABOUT_MAX: Final = 300

Bps = Annotated[float, Meta(ge=0, lt=10_000)]


class LabelSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be predicted."""

    horizon_bars: Annotated[int, Meta(ge=1, le=1_000)] = 1
    cost_bps: Bps
    """What going in and out again costs."""
    band_bps: Bps | None = None
    """Moves that are no larger are not trained on; the cost where nothing is said."""

    @property
    def band(self) -> float:
        """The band as a share."""
        return (self.cost_bps if self.band_bps is None else self.band_bps) / 10_000


class LogisticSpec(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="logistic"
):
    """A logistic regression over standardised features."""

    strength: Annotated[float, Meta(ge=1e-4, le=1e4)] = 0.1
    """Less is smoother: the inverse of the penalty on squared weights."""


class BoostedSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="gbm"):
    """Gradient boosted trees."""

    trees: Annotated[int, Meta(ge=1, le=1_000)] = 120
    leaves: Annotated[int, Meta(ge=2, le=64)] = 7
    rate: Annotated[float, Meta(ge=0.001, le=1)] = 0.05
    """How much of each tree is added."""
    rows_a_leaf: Annotated[int, Meta(ge=10, le=100_000)] = 100


class WalkSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model is tried on what came after its training."""

    folds: Annotated[int, Meta(ge=3, le=24)] = 6
    first_share: Annotated[float, Meta(ge=0.1, le=0.9)] = 0.4
    """How much of the time is only trained on."""
    embargo_bars: Annotated[int, Meta(ge=0, le=1_000)] = 5
    """What is left out before each test besides labels that reach into it."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the process that trains may use."""

    memory_mb: Annotated[int, Meta(ge=512, le=65_536)] = 4_096
    minutes: Annotated[int, Meta(ge=1, le=1_440)] = 60
    """Of processor time."""
    niceness: Annotated[int, Meta(ge=0, le=19)] = 19
    """How far it gives way to other processes; at 19 it runs only where nobody else wants to."""


class Spec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One training."""

    name: str
    """Of which model it makes a version."""
    about: str = ""
    """In words: what it is for, and where it must not be used."""
    data: Annotated[list[str], Meta(min_length=1, max_length=100)]
    """Files of bars; beside the spec where no folder is said."""
    bars: str
    """How long a bar lasts: `1d`, `1h`, `5m`."""
    features: str = "bars-12"
    seed: Annotated[int, Meta(ge=0, lt=1 << 31)] = 1
    label: LabelSpec
    model: LogisticSpec | BoostedSpec
    walk_forward: WalkSpec = WalkSpec()
    limits: Limits = Limits()

    @property
    def interval_ns(self) -> int:
        """How long a bar lasts."""
        found = _BARS.fullmatch(self.bars)
        if found is None:
            raise ConfigError(f"bars: expected a length such as 1d, 1h or 5m, found {clean(self.bars, 40)!r}")
        return int(found[1]) * _UNITS_NS[found[2]]


def read_spec(path: Path) -> Spec:
    """Read what a training is to be.

    Raises:
        ConfigError: it can't be read, or says something else than was expected; the message says where.
    """
    spec = convert_toml(read_toml(path), Spec, path)
    try:
        _check(spec)
    except (ConfigError, ModelRefused) as error:
        raise ConfigError(f"{path}: {error}") from None
    return spec


def _check(spec: Spec) -> None:
    check_name(spec.name)
    _ = spec.interval_ns
    if spec.features not in SETS:
        raise ConfigError(
            f"features: there is no set {clean(spec.features, 40)!r}; there are {', '.join(SETS)}"
        )
    if clean(spec.about, ABOUT_MAX) != spec.about:
        raise ConfigError(f"about: expected plain text of {ABOUT_MAX} characters at most")


def files_of(spec: Spec, path: Path) -> list[Path]:
    """Return the files of data; what is not absolute is beside the spec."""
    return [path.parent / each for each in spec.data]
