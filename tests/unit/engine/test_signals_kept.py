"""What orders of a version brought, what programs are told of it, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.gateway.signal_reads import model_of, signal_of
from engine.messages.signal_views import SignalTrading
from engine.signals.kept_path import SUFFIX
from engine.signals.serving.keeping import Keeping
from engine.signals.serving.kept import encoded, read_kept
from engine.signals.serving.kept_figures import kept_figures
from engine.signals.serving.money import Money, SignalFill
from engine.signals.serving.tally import Tally
from engine.signals.statistics.attribution import attribute
from tests.engine_rooms import ABC
from tests.serving_bench import NAME, ServingBench, course, looked, plays, signals_of


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    return ServingBench(tmp_path)


FILLS = st.lists(
    st.tuples(st.sampled_from([1, -1]), st.integers(1, 9), st.integers(90, 110), st.integers(90, 110)),
    max_size=12,
)


@given(FILLS, FILLS, st.integers(90, 110), st.integers(0, 50))
def test_gross_less_slippage_and_fees_is_what_the_account_has_of_it_to_the_millionth(
    ours: list[tuple[int, int, int, int]], theirs: list[tuple[int, int, int, int]], mark: int, fee: int
) -> None:
    cash, held, lines = 0, 0, []
    for version, fills in (("a", ours), ("b", theirs)):
        money = Money()
        for side, quantity, signal, paid in fills:
            money.take(
                SignalFill(NAME, version, ABC, side, quantity, signal * quantity, paid * quantity, fee)
            )
            cash -= side * paid * quantity + fee
            held += side * quantity
        lines.append(money.attributed(version, lambda _, quantity: mark * quantity))
    assert attribute(lines, cash + mark * held).is_whole


def test_orders_of_a_version_are_counted_and_shown_and_so_is_whether_it_trades(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        signals = signals_of(rooms)
        looked(rooms)
        plays(rooms, list(course(4, 30)))
        state = rooms.market.states[ABC]
        signal, paid, now = 1_000_000_000, 1_000_200_000, state.instrument.notional_micros(state.mark, 10)
        signals.filled(SignalFill(NAME, version, ABC, 1, 10, signal, paid, 500_000))
        signals.filled(SignalFill("another", version, ABC, 1, 10, 1, 1))
        signals.tell_trading(NAME, SignalTrading.HALTED, "it lost too much", live=True)
        view = signals.view.models[0]
        assert (view.money.fills, view.money.gross_micros) == (1, now - signal)
        assert (view.money.slippage_micros, view.money.fees_micros) == (200_000, 500_000)
        assert view.money.slippage_bps == pytest.approx(2)
        assert view.money.net_micros == now - paid - 500_000
        assert (view.trading, view.trading_reason, view.trades_live) == ("halted", "it lost too much", True)
        assert signals.attribution(now - paid - 500_000).is_whole
        assert signals.attribution(now - paid).residual_micros == 500_000


def test_programs_are_told_in_decimals_what_the_desk_is_told(bench: ServingBench) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 80)))
        looked(rooms)
        view = signals_of(rooms).view
        told = signal_of(view.signals[0], rooms.market.instruments[ABC])
        assert told.price == str(rooms.market.instruments[ABC].price(view.signals[0].price))
        assert (told.version, told.direction) == (version, view.signals[0].direction)
        model = model_of(view.models[0])
        assert [each.name for each in model.live] == [each.name for each in view.models[0].live]
        assert (model.interval_s, model.net, model.drift_data) == (1.0, "0.000000", view.models[0].drift_data)


def test_a_file_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path / "gone" / "paper.signals.json")
    assert keeping.read() == ()
    keeping.write((Tally(NAME, "0" * 16),))
    assert keeping.failure.endswith("No such file or directory")
    (tmp_path / "gone").mkdir()
    keeping.write((Tally(NAME, "0" * 16),))
    assert keeping.failure == ""


def test_figures_of_an_account_that_was_begun_anew_open_no_gate(tmp_path: Path) -> None:
    version, journals = "0" * 16, tmp_path / "journal"
    (journals / "paper").mkdir(parents=True)
    (journals / f"paper-until-x{SUFFIX}").write_bytes(encoded((Tally(NAME, version, matured=900),)))
    assert kept_figures(tmp_path, NAME, version) is None
    (journals / f"paper{SUFFIX}").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"paper.signals.json can't be read"):
        kept_figures(tmp_path, NAME, version)


def test_what_is_kept_is_written_where_it_changed_and_is_not_what_goes_on_changing(
    bench: ServingBench,
) -> None:
    version = bench.champion()
    with bench.rooms() as rooms:
        signals = signals_of(rooms)
        looked(rooms)
        plays(rooms, list(course(4, 60)))
        path = bench.data / "journal" / f"paper{SUFFIX}"
        signals.close()
        first = path.stat().st_ino
        signals.close()
        assert path.stat().st_ino == first, "nothing changed"
        (copy,) = signals.models[0].kept()
        matured, outcomes = copy.matured, len(copy.outcomes)
        plays(rooms, list(course(5, 10)))
        assert (copy.matured, len(copy.outcomes)) == (matured, outcomes)
        signals.close()
        assert path.stat().st_ino != first
        (kept,) = read_kept(path)
        assert (kept.version, kept.matured > matured) == (version, True)


def test_a_version_that_left_keeps_its_figures_and_no_drift(bench: ServingBench) -> None:
    first = bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 60)))
        list(signals_of(rooms).models[0].kept())
        assert signals_of(rooms).models[0].tallies[first].drifted
        bench.champion()
        looked(rooms)
        left = signals_of(rooms).models[0].tallies[first]
        assert (left.drifted, left.matured > 20) == ({}, True)


def test_a_market_that_is_left_is_spoken_of_no_more(bench: ServingBench) -> None:
    bench.champion()
    with bench.rooms() as rooms:
        looked(rooms)
        plays(rooms, list(course(4, 40)))
        assert signals_of(rooms).view.signals
        rooms.market.bars.of(ABC).empty()
        assert signals_of(rooms).view.signals == ()
