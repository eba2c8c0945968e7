"""One model beside one market: its champion and those in its shadow hear of every bar that closes.

Which versions there are is found out in a thread; they change hands here, at the next bar, all at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from engine.clock import NS_PER_S, Clock
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.settings.signals import SignalSettings
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.stream import FeatureStreams
from engine.signals.features.vector import Features, FeatureVector
from engine.signals.registry.champion import Champion
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from engine.signals.serving.served_version import Prepared, ServedVersion
from engine.signals.serving.stillness import Seen, Stillness
from engine.signals.serving.tally import Tally
from engine.signals.statistics.drift_watch import Later

TALLIES_MAX: Final = 16
"""Of so many versions of a model figures are kept, those seen last."""
TIMED: Final = 512
"""So many of the newest bars are timed."""


class Roles(NamedTuple):
    """Which versions predict, and as what."""

    champion: str = ""
    versions: Mapping[str, Prepared] = {}
    """By version, the champion first."""


class ModelServing:
    """What one table of the settings asks for; a `BarListener`."""

    def __init__(
        self,
        table: SignalSettings,
        feature_set: FeatureSet,
        clock: Clock,
        seen_of: Callable[[Symbol], Seen],
        later: Later,
    ) -> None:
        """Take what tells how a symbol's market looks, and who judges windows of drift."""
        self.table: Final = table
        self.feature_set: Final = feature_set
        self.interval_ns: Final = table.interval_s * NS_PER_S
        self.champion = ""
        """The version whose word counts; empty for none."""
        self.versions: dict[str, ServedVersion] = {}
        """Those that predict, the champion first."""
        self.tallies: dict[str, Tally] = {}
        """Of every version that was seen, the one seen last at the end."""
        self.failure = ""
        """Why the champion here is not the registry's, or a version in shadow does not predict."""
        self.had_champion = False
        """Whether the registry ever had one, whether or not there is one now."""
        self.fault = ""
        """What the last bar failed with; empty where it did not."""
        self.changed = True
        """Whether anything may look otherwise than when somebody looked last."""
        self.took_ns: deque[int] = deque(maxlen=TIMED)
        """How long each of the newest bars took, with its features and every version."""
        self.told: tuple[Callable[[str, Symbol], None], ...] = ()
        """Called with the champion's version and a symbol once it has a word on that symbol's newest bar."""
        self._clock = clock
        self._seen_of = seen_of
        self._later = later
        self._streams = FeatureStreams(feature_set, clock, self._told)
        self._newest_ns: dict[Symbol, int] = {}
        self._still: dict[Symbol, Stillness] = {}
        self._of_volume = frozenset(each.name for each in feature_set.features if "volume" in each.reads)
        self._follow: Champion | None = None
        self._roles = self._ready = Roles()

    def look(self, registry: Registry) -> None:
        """Find out which versions predict; to be called in a thread."""
        if self._follow is None:
            self._follow = Champion(registry, self.table.model)
        follow = self._follow
        follow.use(registry)
        follow.look()
        found = follow.serving
        loaded = ([found.champion] if found.champion is not None else []) + list(found.shadows)
        known = self._ready.versions
        ready = {
            each.version: known.get(each.version) or Prepared.of(each, self.feature_set) for each in loaded
        }
        champion = found.champion.version if found.champion is not None else ""
        if champion != self._ready.champion or ready.keys() != known.keys():
            self._ready = Roles(champion, ready)
        self.had_champion = follow.had_one
        failure = follow.failure or follow.shadow_failure
        if failure != self.failure:
            self.failure, self.changed = failure, True

    def switch(self) -> None:
        """Let the versions predict that were found last."""
        ready, before = self._ready, self._roles
        if ready is before:
            return
        self._roles, self.champion, self.changed = ready, ready.champion, True
        self.versions = {
            version: self.versions.get(version) or self._served(prepared)
            for version, prepared in ready.versions.items()
        }
        for version, tally in self.tallies.items():
            if version not in ready.versions:
                tally.drifted.clear()  # should it come back, a person decided so
                tally.stage = Stage.RETIRED.value
        for version, served in self.versions.items():
            stage = self.stage_of(version)
            if stage == Stage.CHAMPION.value and served.tally.stage not in {"", stage}:
                served.forget_drift()  # likewise, be it while no desk ran
            served.tally.stage = stage

    def stage_of(self, version: str) -> str:
        """Return what a version that predicts is."""
        return (Stage.CHAMPION if version == self.champion else Stage.SHADOW).value

    def on_bar_closed(self, bar: Bar) -> None:
        """Take a closed bar: outcomes first, then what is said now."""
        if self._is_meant(bar.symbol):
            began_ns = self._clock.monotonic_ns()
            self._newest_ns[bar.symbol] = bar.start_ns
            self._guarded(self._closed, bar)
            self.took_ns.append(self._clock.monotonic_ns() - began_ns)

    def on_bars_rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        """Take what stands in place of a symbol's bars."""
        if self._is_meant(symbol):
            self._guarded(self._rewritten, symbol, bars)

    def age(self, now_ns: int) -> None:
        """Hold back what was said too long ago."""
        for version in self.versions.values():
            self.changed |= version.age(now_ns)

    def recall(self, tallies: Sequence[Tally]) -> None:
        """Go on with what was kept."""
        self.tallies |= {tally.version: tally for tally in tallies}

    def kept(self) -> Iterator[Tally]:
        """Yield copies of what outlives the program."""
        for version, tally in self.tallies.items():
            if (served := self.versions.get(version)) is not None:
                served.keep()
            yield tally.copied()

    def _closed(self, bar: Bar) -> None:
        self.switch()
        for version in self.versions.values():
            version.close(bar)
        self._still.setdefault(bar.symbol, Stillness()).close(bar, self._seen_of(bar.symbol))
        self._streams.on_bar_closed(bar)

    def _rewritten(self, symbol: Symbol, bars: Sequence[Bar]) -> None:
        self.switch()
        newest = bars[-1] if bars else None
        newest_ns = newest.start_ns if newest is not None else 0
        is_known = newest_ns == self._newest_ns.get(symbol, 0)
        self._newest_ns[symbol] = newest_ns
        for version in self.versions.values():
            version.rewrite(symbol, newest, is_known=is_known)
        self.changed = True
        self._streams.on_bars_rewritten(symbol, bars)

    def _told(self, features: Features) -> None:
        now_ns, symbol = self._clock.now_ns(), features.symbol
        price, still, missed = self._seen_of(symbol).price, self._still.get(symbol), self._missed(features)
        for version in self.versions.values():
            version.watch(features, missed, still.bars if still is not None else 0)
            version.take(features, now_ns, price)
        self.changed = True
        if self.champion:
            for tell in self.told:
                tell(self.champion, symbol)

    def _missed(self, features: Features) -> tuple[str, ...]:
        """Return the features that stay away though the market speaks: where prices only stand still there are none."""
        still = self._still.get(features.symbol)
        if isinstance(features, FeatureVector) or still is None or still.has_volume:
            return ()
        return tuple(name for name in features.absent if name in self._of_volume)

    def _served(self, prepared: Prepared) -> ServedVersion:
        version = prepared.loaded.version
        tally = self.tallies.pop(version, None) or Tally(self.table.model, version)
        self.tallies[version] = tally
        for oldest in list(self.tallies)[:-TALLIES_MAX]:
            del self.tallies[oldest]
        return ServedVersion(prepared, self.table, tally, self._later)

    def _is_meant(self, symbol: Symbol) -> bool:
        return not self.table.symbols or symbol in self.table.symbols

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        """Do some work; whatever goes wrong in it must not be the end of market data."""
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001  # said by the health row; the market goes on
            self.fault, self.changed = f"{type(error).__name__}: {error}", True
        else:
            self.fault = ""
