"""All models beside one market: follows the registry, scores what matured, keeps it, and takes a champion down that must not count.

What takes time is done in a thread, by one task on the engine's loop; what a bar costs is in `ModelServing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from engine.clock import NS_PER_S, Clock
from engine.errors import EngineError
from engine.messages.events import Severity
from engine.messages.signal_views import ModelView, SignalsView, SignalTrading, SignalView
from engine.model.instrument import Symbol
from engine.settings.signals import ModelsSettings
from engine.signals.registry.registry import Registry
from engine.signals.registry.stages import Stage
from engine.signals.serving.demotion import Demotion, NoteDemoted, Say
from engine.signals.serving.keeping import Keeping
from engine.signals.serving.model_serving import ModelServing
from engine.signals.serving.money import SignalFill, Worth
from engine.signals.serving.reading import SignalsReading, reading
from engine.signals.serving.served_version import ServedVersion
from engine.signals.serving.tally import Tally
from engine.signals.serving.views import SpreadOf, model_views, signal_view, signal_views
from engine.signals.statistics.attribution import Attribution, attribute

LOOK_S: Final = 0.5
SCORE_S: Final = 3.0
"""How often a version is scored at most."""
KEEP_S: Final = 30.0
OPEN_AGAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What serving needs of the rooms around it."""

    open_registry: Callable[[], Registry | None]
    """Returns the registry, None where nothing was registered yet; called in a thread."""
    spread_of: SpreadOf
    worth: Worth
    say: Say
    """Lets a person hear of something."""
    note_demoted: NoteDemoted
    """Writes down that a version was demoted."""
    kept_in: Path | None
    """The file that figures are kept in; None for nowhere."""
    may_demote: bool
    """Whether the market is one that a champion is there for: neither simulated nor recorded."""


class Signals:
    """Everything that `[[signals]]` asks for."""

    def __init__(
        self, models: Sequence[ModelServing], settings: ModelsSettings, clock: Clock, ties: Ties
    ) -> None:
        self.models: Final = tuple(models)
        self.registry_failure = ""
        """Why nothing is known of models; empty where all is well."""
        self.fault = ""
        """What the last look failed with; empty where it did not."""
        self._clock = clock
        self._ties = ties
        self._registry: Registry | None = None
        self._opened_ns = -(10**18)
        self._view = SignalsView()
        self._demotion = Demotion(settings.demote_on, ties.say, ties.note_demoted, may_demote=ties.may_demote)
        self._trading: dict[str, tuple[SignalTrading, str, bool, str]] = {}
        self._keeping = Keeping(ties.kept_in)

    @property
    def view(self) -> SignalsView:
        """What models say and how they do; another one only once something in it differs."""
        if any(model.changed for model in self.models):
            for model in self.models:
                model.changed = False
            self._renew()
        return self._view

    def reading(self) -> SignalsReading:
        """Return how all of it is, as the health row has it."""
        return reading(self.models, self.view, [self._keeping.failure, self.fault])

    def listen(self, told: Callable[[SignalView, ModelView], None]) -> None:
        """Call this with what a champion says of a symbol, and how it does, at the end of each bar."""
        for model in self.models:
            model.told += (self._teller(model, told),)

    def filled(self, fill: SignalFill) -> None:
        """Count a fill of an order that came of a signal."""
        for model in self.models:
            if model.table.model == fill.model and (tally := model.tallies.get(fill.version)) is not None:
                tally.money.take(fill)
                model.changed = True

    def tell_trading(
        self, model: str, trading: SignalTrading, reason: str, *, live: bool, version: str = ""
    ) -> None:
        """Have it shown whether orders come of what a model says, and which version a person armed."""
        self._trading[model] = trading, reason, live, version
        self._touch()

    def attribution(self, ledger_net_micros: int) -> Attribution:
        """Split what the ledger has of signals' orders over the versions that sent them."""
        tallies = [tally for model in self.models for tally in model.tallies.values()]
        lines = [
            each.money.attributed(each.version, self._ties.worth) for each in tallies if each.money.fills
        ]
        return attribute(lines, ledger_net_micros)

    async def run(self) -> None:
        """Follow the registry and look after all figures, until cancelled."""
        self._recall(await asyncio.to_thread(self._keeping.read))
        kept_ns = self._clock.monotonic_ns()
        try:
            while True:
                await self._once()
                if self._clock.monotonic_ns() - kept_ns > KEEP_S * NS_PER_S:
                    kept_ns = self._clock.monotonic_ns()
                    await asyncio.to_thread(self._keeping.write, self._tallies())
                await asyncio.sleep(LOOK_S)
        finally:
            self.close()

    async def _once(self) -> None:
        """Follow and look; what goes wrong in it is said by the health row, and tried again."""
        try:
            await asyncio.to_thread(self.follow)
            await self.look()
        except Exception as error:  # noqa: BLE001  # a fault here must not be the end of watching for drift
            self.fault = f"{type(error).__name__}: {error}"
        else:
            self.fault = ""

    def close(self) -> None:
        """Have what outlives the program on the disk."""
        self._keeping.write(self._tallies())

    def follow(self) -> None:
        """Find out which versions predict; takes as long as a disk does."""
        failure = self._open()
        if self._registry is not None:
            for model in self.models:
                model.look(self._registry)
        if failure != self.registry_failure:
            self.registry_failure = failure
            self._touch()

    async def look(self) -> None:
        """Do what is due since the last look."""
        for model in self.models:
            model.switch()
            model.age(self._clock.now_ns())
            for version in list(model.versions.values()):
                await self._score(model, version)
            if self._registry is not None and await self._demotion.judge(model, self._registry):
                await asyncio.to_thread(self.follow)
                model.switch()

    async def _score(self, model: ModelServing, version: ServedVersion) -> None:
        now_ns, matured = self._clock.monotonic_ns(), version.tally.matured
        if version.is_fresh or (version.scored and now_ns - version.scored_ns < SCORE_S * NS_PER_S):
            return
        watched_from = version.tally.watched_from
        score = await asyncio.to_thread(version.scoring())
        if version.tally.watched_from != watched_from:
            return  # a person decided meanwhile that it is watched anew
        version.score = score
        version.scored, version.scored_ns, model.changed = matured, now_ns, True

    def _open(self) -> str:
        """Open the registry where that is due, anew where a model fails: its keys may be others now; return why there is none."""
        if self._registry is not None and not any(model.failure for model in self.models):
            return ""
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._opened_ns < OPEN_AGAIN_S * NS_PER_S:
            return self.registry_failure
        self._opened_ns = now_ns
        try:
            self._registry = self._ties.open_registry() or self._registry
        except EngineError as error:
            return str(error) if self._registry is None else ""
        return "" if self._registry is not None else "no model is registered yet: touchline models add"

    def _renew(self) -> None:
        signals = tuple(s for model in self.models for s in signal_views(model, self._ties.spread_of))
        models = tuple(
            self._with_trading(view) for model in self.models for view in model_views(model, self._ties.worth)
        )
        found = SignalsView(signals=signals, models=models, registry=self.registry_failure)
        if found != self._view:
            self._view = found

    def _with_trading(self, view: ModelView) -> ModelView:
        trading, reason, live, armed = self._trading.get(view.model, (SignalTrading.OFF, "", False, ""))
        if armed and armed != view.version and view.stage == Stage.CHAMPION.value:
            trading, reason = SignalTrading.OFF, f"{armed} was armed"
        return replace(
            view,
            trading=trading,
            trading_reason=reason,
            trades_live=live,
            demoted=self._demotion.demoted.get(view.version, ""),
        )

    def _teller(
        self, model: ModelServing, told: Callable[[SignalView, ModelView], None]
    ) -> Callable[[str, Symbol], None]:
        def tell(champion: str, symbol: Symbol) -> None:
            signal = signal_view(model, model.versions[champion], symbol, self._ties.spread_of)
            told(signal, next(model_views(model, self._ties.worth)))

        return tell

    def _touch(self) -> None:
        for model in self.models:
            model.changed = True

    def _recall(self, kept: tuple[Tally, ...]) -> None:
        if self._keeping.failure:
            self._ties.say(Severity.WARNING, f"figures of models are {self._keeping.failure}")
        for model in self.models:
            model.recall([tally for tally in kept if tally.model == model.table.model])

    def _tallies(self) -> tuple[Tally, ...]:
        """Return copies of what is to be kept."""
        return tuple(tally for model in self.models for tally in model.kept())
