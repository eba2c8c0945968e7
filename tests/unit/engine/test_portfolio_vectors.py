"""Every portfolio number of the reference vectors, at the tolerance they state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from tests.shared_data import SHARED, shared
from tests.unit.engine import portfolio_replay, portfolio_vectors

VECTORS = "vectors/risk_and_pnl.json"
LEDGER_TOLERANCE = Fraction(1, 10**8)
REPLAYS = {"pnl_sequence": portfolio_replay.sequence, "pnl_multicurrency": portfolio_replay.multicurrency}
OUTCOMES = {
    "pnl_sequence": ("average_cost", "fifo"),
    "pnl_multicurrency": ("steps", "unrealised_base", "total_net_base"),
}

Case = Mapping[str, Any]


@cache
def _cases() -> dict[str, Case]:
    cases: list[Case] = json.loads(shared(VECTORS).read_text())["cases"]
    return {case["id"]: case for case in cases}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every single number of a nested value with its dotted path; an empty list is one too."""
    if isinstance(value, Mapping):
        pairs = [(str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list | tuple) and value:
        pairs = [(str(index), inner) for index, inner in enumerate(value)]
    else:
        yield path, value
        return
    for name, inner in pairs:
        yield from _leaves(inner, f"{path}.{name}" if path else name)


def _parameters(*kinds: str) -> list[Any]:
    """Name every metric of the cases of some kinds; a single skipping one where there are no vectors."""
    if not (SHARED / VECTORS).exists():
        return [pytest.param("", "", id="no-vectors")]
    return [
        pytest.param(case["id"], metric, id=f"{case['id']}-{case['kind']}-{metric}")
        for case in _cases().values()
        if case["kind"] in kinds
        for metric in _names(case)
    ]


def _names(case: Case) -> list[str]:
    if case["kind"] in OUTCOMES:
        expected = {name: case[name] for name in OUTCOMES[case["kind"]]}
        return [path for path, _ in _leaves(expected)]
    metrics = case.get("expect") or case["metrics"]
    return [name for name, metric in metrics.items() if not _is_informative(metric)]


def _is_informative(metric: object) -> bool:
    return isinstance(metric, Mapping) and bool(metric.get("informative"))


def _case(identifier: str) -> Case:
    shared(VECTORS)
    return _cases()[identifier]


def _agrees(found: object, wanted: object, tolerance: float) -> bool:
    """Compare number by number: |found - wanted| <= tolerance x max(1, |wanted|)."""
    expected = dict(_leaves(wanted))
    actual = dict(_leaves(found))
    if expected.keys() != actual.keys():
        return False
    return all(_is_near(actual[path], value, tolerance) for path, value in expected.items())


def _is_near(found: object, wanted: object, tolerance: float) -> bool:
    if not isinstance(wanted, int | float) or not isinstance(found, int | float):
        return found == wanted
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted))


def _exact(value: object) -> Fraction:
    assert isinstance(value, str | int | Decimal | Fraction), f"{value!r} is no exact number"
    return Fraction(value)


@pytest.mark.parametrize(("identifier", "metric"), _parameters("return_series", "portfolio", "var_backtest"))
def test_a_statistic_agrees_with_its_reference(identifier: str, metric: str) -> None:
    case = _case(identifier)
    wanted = case["metrics"][metric]
    found = portfolio_vectors.METRICS[case["kind"]][metric](case)
    assert _agrees(found, wanted["value"], wanted["tolerance"]), f"{found} is not {wanted['value']}"


@pytest.mark.parametrize(("identifier", "metric"), _parameters("tca"))
def test_a_cost_of_trading_agrees_with_its_reference(identifier: str, metric: str) -> None:
    case = _case(identifier)
    found = _exact(portfolio_vectors.TCA[metric](case))
    assert abs(found - Fraction(case["metrics"][metric])) <= Fraction(case["tolerance"])


@cache
def _replayed(identifier: str) -> dict[str, object]:
    case = _case(identifier)
    return dict(_leaves(REPLAYS[case["kind"]](case)))


@pytest.mark.parametrize(("identifier", "metric"), _parameters("pnl_sequence", "pnl_multicurrency"))
def test_the_ledger_says_what_the_reference_says(identifier: str, metric: str) -> None:
    wanted = dict(_leaves(_case(identifier)))[metric]
    found = _replayed(identifier)[metric]
    if isinstance(wanted, list):
        assert found == wanted
    else:
        assert abs(_exact(found) - _exact(wanted)) <= LEDGER_TOLERANCE


@pytest.mark.parametrize("identifier", sorted({row.values[0] for row in _parameters("pnl_sequence")}))
def test_the_ledger_says_no_more_than_the_reference(identifier: str) -> None:
    assert sorted(_names(_case(identifier))) == sorted(_replayed(identifier))


@pytest.mark.parametrize(("identifier", "metric"), _parameters("return_edge"))
def test_what_is_not_defined_is_none(identifier: str, metric: str) -> None:
    case, measures = _case(identifier), portfolio_vectors.RETURN_SERIES
    names = measures if metric == "all_metrics" else [metric]
    found = {name: measures[name](case) for name in names}
    assert found == dict.fromkeys(names, case["expect"][metric])
