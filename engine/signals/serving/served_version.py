"""One version that predicts: a row in, what is said of it out, and what is counted of both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from engine.clock import NS_PER_S
from engine.errors import DataError
from engine.messages.signal_views import SignalView
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.settings.signals import SignalSettings
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.vector import FeatureVector, Missing
from engine.signals.models.refusal import NoPrediction
from engine.signals.registry.loading import Loaded
from engine.signals.serving import abstaining
from engine.signals.serving.course import Course
from engine.signals.serving.expectation import Scored, scored
from engine.signals.serving.live_figures import LiveFigures
from engine.signals.serving.tally import SYMBOLS_MAX, Drifted, Tally
from engine.signals.statistics.drift_watch import DriftWatch, Later
from engine.signals.statistics.levels import Finding, Level
from engine.signals.statistics.reference import Reference


class Prepared(NamedTuple):
    """A version and what it was trained on, read; made in a thread."""

    loaded: Loaded
    reference: Reference | None
    failure: str
    """Why it can't predict here; empty where it can."""

    @classmethod
    def of(cls, loaded: Loaded, feature_set: FeatureSet) -> Prepared:
        """Read what a version needs to predict rows of a set."""
        model = loaded.model
        if model.feature_set != feature_set.id:
            wanted = f"{feature_set.name} over these bars is {feature_set.id}"
            return cls(loaded, None, f"it takes rows of the feature set {model.feature_set}, and {wanted}")
        if model.features != feature_set.names:
            return cls(loaded, None, f"its features are not those of {feature_set.name}, in their order")
        try:
            reference = Reference.from_json(loaded.reference)
        except DataError as error:
            return cls(loaded, None, f"reference.json: {error}")
        if reference.features.keys() != set(model.features):
            return cls(loaded, None, "reference.json: it has other features than the model")
        return cls(loaded, reference, "")


class Said(NamedTuple):
    """What a version makes of the end of a bar."""

    end_ns: int
    probability: float | None
    why: str
    """Why it is held back; empty where it is told."""
    row: tuple[float, ...] = ()
    price: int = 0


class ServedVersion:
    """A version beside one market, on every symbol that its model follows."""

    def __init__(self, prepared: Prepared, table: SignalSettings, tally: Tally, later: Later) -> None:
        self.loaded = prepared.loaded
        self.version: Final = prepared.loaded.version
        self.card: Final = prepared.loaded.manifest.training
        self.failure = prepared.failure
        self.tally = tally
        self.score = Scored()
        self.scored = 0
        """How many outcomes there were when figures were worked out last."""
        self.scored_ns = 0
        """When that was, by steady time."""
        self.said: dict[Symbol, Said] = {}
        """The newest word on each symbol."""
        self.shown: dict[Symbol, tuple[Said, SignalView]] = {}
        """Likewise, as it was shown."""
        self.courses: dict[Symbol, Course] = {}
        self._table = table
        self._later = later
        self._names = prepared.loaded.model.features
        self._reference = prepared.reference
        known = prepared.reference.features if prepared.reference is not None else {}
        self._known = tuple(known[name] for name in self._names if name in known)
        for symbol in tally.drifted:
            if symbol in table.symbols or not table.symbols:
                self._course(Symbol(symbol))

    @property
    def is_fresh(self) -> bool:
        """Whether its figures are those of all its outcomes, or of what was kept of them."""
        return self.scored == self.tally.matured

    def close(self, bar: Bar) -> None:
        """Take a closed bar, and the outcome that it brings."""
        if (course := self._course(bar.symbol)) is None:
            return
        outcome = course.close(bar)
        if outcome is not None and outcome.said:
            self.tally.take(outcome.matured, self.card.cost_bps)

    def rewrite(self, symbol: Symbol, newest: Bar | None, *, is_known: bool) -> None:
        """Take the newest of a symbol's bars, which were rewritten, and whether it is the one that was last."""
        course = self._course(symbol)
        if newest is None:
            self.said.pop(symbol, None)
        if course is not None and newest is not None and is_known:
            course.correct(newest)
        elif course is not None:
            course.begin_anew(newest)

    def watch(self, features: FeatureVector | Missing, missed: tuple[str, ...], still_bars: int) -> None:
        """Hold a row against training; `still_bars` brought nothing new in a row, and `missed` stay away though others came."""
        if (course := self._course(features.symbol)) is not None:
            course.watch(features, self._names, missed, still_bars)

    def take(self, features: FeatureVector | Missing, now_ns: int, price: int) -> None:
        """Predict a row, or say why not."""
        symbol = features.symbol
        if (course := self._course(symbol)) is None:
            self.said[symbol] = Said(features.event_ns, None, self.failure)
            return
        if isinstance(features, Missing):
            is_new = course.say(None, told=False) and bool(features.absent)
            self.said[symbol] = Said(features.event_ns, None, f"missing: {'; '.join(features.reasons[:2])}")
        else:
            probability, why = self._predicted(features)
            why = (
                why
                or abstaining.stale(features.event_ns, now_ns, self._table)
                or abstaining.expired(self.card, now_ns, self._table)
                or abstaining.outside(features, self._names, self._known)
                or abstaining.drifted(course.verdict)
                or (abstaining.unsure(probability, self._table) if probability is not None else "")
            )
            is_new = course.say(probability, told=not why)
            self.said[symbol] = Said(features.event_ns, probability, why, features.values, price)
        if is_new:
            self.tally.bars += 1
            self.tally.said += not self.said[symbol].why

    def age(self, now_ns: int) -> bool:
        """Hold back what was said of bars that ended too long ago; tell whether there was any."""
        aged = [
            (symbol, why)
            for symbol, said in self.said.items()
            if not said.why and (why := self._aged(said.end_ns, now_ns))
        ]
        for symbol, why in aged:
            self.said[symbol] = self.said[symbol]._replace(why=why)
        return bool(aged)

    @property
    def figures(self) -> LiveFigures:
        """How it does here, as it was worked out last."""
        return self.score.figures

    @property
    def expectation(self) -> Finding:
        """How far that falls short of its card."""
        return self.score.expectation

    def scoring(self) -> Callable[[], Scored]:
        """Return what works out how it does as of now; that takes milliseconds, and may be done in a thread."""
        tally = self.tally
        since = tally.matured - tally.watched_from
        return partial(scored, tuple(tally.outcomes), since, self.card, len(self.courses))

    def forget_drift(self) -> None:
        """Watch for drift anew, since a person decided that it predicts."""
        self.tally.drifted.clear()
        self.tally.watched_from = self.tally.matured
        self.score = self.score._replace(expectation=Finding())
        for course in self.courses.values():
            course.errors.clear()
            course.drift = self._watch(Drifted())
            course.verdict = course.drift.verdict()

    def data(self) -> Finding:
        """Return how far rows are from training on at least half of its symbols, and why."""
        return _half([course.verdict.data for course in self.courses.values()])

    def errors(self) -> Finding:
        """Return how far errors are from what they were, likewise."""
        return _half([course.verdict.performance for course in self.courses.values()])

    def performance(self) -> Finding:
        """Return how far it does worse than it did, or than its card says."""
        return self.errors().joined(self.expectation)

    def keep(self) -> None:
        """Have the tally say how it drifts."""
        tally = self.tally
        tally.drift_alarm = max(self.data().level, self.performance().level) >= Level.ALARM
        tally.drifted |= {
            symbol: Drifted(int(window.level), window.reasons, tuple(course.errors))
            for symbol, course in list(self.courses.items())[:SYMBOLS_MAX]
            for window in (course.drift.window,)
        }

    def _aged(self, end_ns: int, now_ns: int) -> str:
        """Say that the bar after the one it was said of should have ended long ago."""
        return abstaining.stale(end_ns, now_ns, self._table, self._table.interval_s * NS_PER_S)

    def _predicted(self, vector: FeatureVector) -> tuple[float | None, str]:
        try:
            return self.loaded.model.predict(vector.values), ""
        except NoPrediction as error:
            return None, f"missing: {error}"

    def _course(self, symbol: Symbol) -> Course | None:
        course = self.courses.get(symbol)
        if course is None and not self.failure:
            kept = self.tally.drifted.get(symbol, Drifted())
            course = self.courses[symbol] = Course(self.card.horizon_bars, self._watch(kept), kept.errors)
        return course

    def _watch(self, kept: Drifted) -> DriftWatch:
        assert self._reference is not None
        watch = DriftWatch(self._reference, self._later)
        watch.recall(Finding(Level(kept.level), kept.reasons), kept.errors)
        return watch


def _half(findings: list[Finding]) -> Finding:
    """Return the level that at least half of them have, and what those say that have it."""
    if not findings:
        return Finding()
    level = sorted((finding.level for finding in findings), reverse=True)[(len(findings) - 1) // 2]
    reasons: dict[str, None] = {}
    for finding in findings:
        if finding.level >= level > Level.OK:
            reasons.update(dict.fromkeys(finding.reasons))
    return Finding(level, tuple(reasons))
