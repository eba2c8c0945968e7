"""Models on an engine that runs: the simulated market in its own thread, frames, the gateway's mirror, another process's promotion."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.config import JournalSettings, MetricsSettings, Settings
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import ArmSignals, CancelAll, SetTradingState, TradingState
from engine.messages.signal_views import SignalsView
from engine.messages.views import Frame, HealthView, ViewRequest
from engine.mirror import Mirror
from engine.pace import Pace
from engine.settings.signals import ModelsSettings, SignalLimits, SignalSettings
from tests.serving_bench import NAME, ServingBench
from tests.waiting import wait_until


def settings_of(bench: ServingBench, table: SignalSettings) -> Settings:
    return Settings(
        journal=JournalSettings(durability="process"),
        metrics=MetricsSettings(enabled=False),
        models=ModelsSettings(key_file=str(bench.key_file)),
        signals=(table,),
    )


def folders_of(bench: ServingBench) -> Folders:
    return Folders(*(bench.root / name for name in ("config", "data", "cache", "logs")))


class Desk:
    """Follows an engine frame by frame."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.mirror = Mirror()

    def signals(self) -> SignalsView:
        """Return what it was told of models, as of now."""
        arrived = threading.Event()

        def take(frame: Frame) -> None:
            self.mirror.merge(frame)
            arrived.set()

        self.engine.drain(ViewRequest(everything=True), take)
        arrived.wait(5)
        return self.mirror.signals or SignalsView()

    def orders(self) -> list[str]:
        """Return the orders that models sent."""
        self.signals()
        return [order.client_id for order in self.mirror.orders.values() if order.strategy == NAME]

    def row(self) -> HealthView | None:
        """Return the row of the health pane."""
        self.signals()
        return next((row for row in self.mirror.health if row.name == "signals"), None)


def test_a_champion_predicts_on_a_running_engine_and_a_promotion_elsewhere_is_followed(
    tmp_path: Path,
) -> None:
    bench = ServingBench(tmp_path)
    first = bench.champion()
    table = SignalSettings(model=NAME, set="prices-11", interval_s=1, stale_after_bars=5)
    engine = simulated_engine(settings_of(bench, table), folders_of(bench), seed=1, pace=Pace(speed=40.0))
    engine.start()
    try:
        desk = Desk(engine)
        wait_until(lambda: any(each.probability is not None for each in desk.signals().signals))
        assert {each.version for each in desk.signals().signals} == {first}
        wait_until(lambda: desk.signals().models[0].matured > 30)
        wait_until(lambda: any(figure.name == "hit_rate" for figure in desk.signals().models[0].live))
        second = bench.champion()
        wait_until(
            lambda: {(m.version, m.stage) for m in desk.signals().models} == {(second, "champion")}, 20
        )
        wait_until(lambda: (row := desk.row()) is not None and row.value == "1 predicts")
    finally:
        engine.stop()
    assert [path.name for path in (bench.data / "journal").glob("*.signals.json")] == ["sim.signals.json"]


def test_a_table_that_names_what_there_is_not_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    bench = ServingBench(tmp_path)
    settings = settings_of(bench, SignalSettings(model=NAME, set="bars-13"))
    with pytest.raises(ConfigError, match="signals, daily: set: there is no feature set 'bars-13'"):
        simulated_engine(settings, folders_of(bench), seed=1, pace=Pace())


def test_a_model_that_is_armed_sends_orders_until_the_kill_and_is_off_after_a_restart(tmp_path: Path) -> None:
    bench = ServingBench(tmp_path)
    version = bench.champion()
    limits = SignalLimits(quantity="1", orders_a_day=10_000, loss_a_day="1000000", cooldown_s=0)
    table = SignalSettings(model=NAME, set="prices-11", interval_s=1, stale_after_bars=5, limits=limits)
    settings, folders = settings_of(bench, table), folders_of(bench)
    engine = simulated_engine(settings, folders, seed=1, pace=Pace(speed=40.0))
    engine.start()
    try:
        desk = Desk(engine)

        def fills() -> int:
            return sum(model.money.fills for model in desk.signals().models)

        def trading() -> set[str]:
            return {model.trading.value for model in desk.signals().models}

        wait_until(lambda: trading() == {"off"})
        assert desk.signals().models[0].version == version
        engine.submit(ArmSignals(NAME, NAME))
        wait_until(lambda: trading() == {"armed"})
        wait_until(lambda: fills() > 3)
        engine.submit(SetTradingState(TradingState.HALTED, "killed on the desk"))
        engine.submit(CancelAll(origin="kill"))
        wait_until(lambda: trading() == {"off"})
        sent = len(desk.orders())
        engine.submit(SetTradingState(TradingState.ACTIVE, "again"))
        matured = desk.signals().models[0].matured
        wait_until(lambda: desk.signals().models[0].matured > matured + 30)
        assert len(desk.orders()) == sent
    finally:
        engine.stop()
    again = simulated_engine(settings, folders, seed=2, pace=Pace(speed=40.0))
    again.start()
    try:
        desk = Desk(again)
        wait_until(lambda: {model.trading.value for model in desk.signals().models} == {"off"})
    finally:
        again.stop()
